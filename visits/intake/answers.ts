/** Checks a patient's answers against the questions, all faults at once, and makes the FHIR QuestionnaireResponse. */
import type {
  OperationOutcomeIssue,
  Questionnaire,
  QuestionnaireItem,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@afar/fhir';
import type { IntakeQuestion, IntakeValue } from '../contract.ts';
import { fault, isDate, refuseFaults } from '../scheduling/rule.ts';
import { isAsked, questionsOf, valuesOf, type Answers } from './questions.ts';

/** 5,000: longer than any answer we ask for; a question may set less. */
const longestText = 5_000;
const mostRepeats = 50;

function bound(
  item: QuestionnaireItem | undefined,
  which: 'minValue' | 'maxValue',
): number | undefined {
  const url = `http://hl7.org/fhir/StructureDefinition/${which}`;
  const found = item?.extension?.find((one) => one.url === url);
  return found?.valueInteger ?? found?.valueDecimal;
}

/** What is wrong with one value, in words for the person who typed it; undefined when nothing is. */
function wrong(
  question: IntakeQuestion,
  item: QuestionnaireItem | undefined,
  value: unknown,
): string | undefined {
  const limit = question.maxLength ?? longestText;
  switch (question.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'yes or no';
    case 'integer':
    case 'decimal': {
      const whole = question.type === 'integer';
      if (
        typeof value !== 'number' ||
        !Number.isFinite(value) ||
        (whole && !Number.isInteger(value))
      )
        return whole ? 'a whole number' : 'a number';
      const least = bound(item, 'minValue') ?? -1e9;
      const most = bound(item, 'maxValue') ?? 1e9;
      return value < least || value > most ? `from ${least} to ${most}` : undefined;
    }
    case 'date':
      return isDate(value) ? undefined : 'a date as YYYY-MM-DD';
    case 'choice':
      return typeof value === 'string' && question.options?.some((one) => one.code === value)
        ? undefined
        : 'one of the choices';
    default:
      if (typeof value !== 'string' || !value.trim()) return 'some text';
      return value.length > limit ? `at most ${limit} characters` : undefined;
  }
}

/**
 * Checks answers that came from outside.
 * @returns answers to questions that are asked, nothing else
 * @throws Refusal 'invalid' (422), one issue per fault, `expression` = the linkId
 */
export function readAnswers(questionnaire: Questionnaire, body: unknown): Answers {
  const sent = (body as { answers?: unknown } | null)?.answers;
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent))
    refuseFaults([fault('answers', 'an object from linkId to answer')]);
  const answers = sent as Answers;
  const issues: OperationOutcomeIssue[] = [];
  const known = new Set<string>();
  const accepted: Answers = {};
  const items = new Map<string, QuestionnaireItem>();
  const list = (all: readonly QuestionnaireItem[] = []): void => {
    for (const item of all) {
      items.set(item.linkId, item);
      list(item.item);
    }
  };
  list(questionnaire.item);
  const walk = (questions: readonly IntakeQuestion[], reached: boolean): void => {
    for (const question of questions) {
      const here = reached && isAsked(question, answers);
      const { linkId, type } = question;
      if (type !== 'group' && type !== 'display') {
        known.add(linkId);
        const values = here ? valuesOf(answers, linkId) : [];
        // An empty text box is a question left unanswered.
        const given = values.filter((one) => one !== '');
        if (here && question.required && !given.length) issues.push(fault(linkId, 'an answer'));
        if (given.length > (question.repeats ? mostRepeats : 1))
          issues.push(fault(linkId, question.repeats ? `at most ${mostRepeats}` : 'one answer'));
        const complaint = given
          .map((one) => wrong(question, items.get(linkId), one))
          .find((one) => one !== undefined);
        if (complaint) issues.push(fault(linkId, complaint));
        if (given.length) accepted[linkId] = question.repeats ? given : given[0]!;
      }
      walk(question.items ?? [], here);
    }
  };
  walk(questionsOf(questionnaire.item), true);
  // A linkId of the sender's is not repeated in the answer beyond its length: it may be anything.
  for (const linkId of Object.keys(answers))
    if (!known.has(linkId)) issues.push(fault('answers', 'no such question'));
  refuseFaults(issues);
  return accepted;
}

function answerOf(item: QuestionnaireItem, value: IntakeValue): QuestionnaireResponseItemAnswer {
  switch (item.type) {
    case 'boolean':
      return { valueBoolean: value as boolean };
    case 'integer':
      return { valueInteger: value as number };
    case 'decimal':
      return { valueDecimal: value as number };
    case 'date':
      return { valueDate: value as string };
    case 'choice':
    case 'open-choice': {
      const option = item.answerOption?.find(
        (one) => (one.valueCoding?.code ?? one.valueString) === value,
      );
      if (!option?.valueCoding) return { valueString: value as string };
      const { extension: _marks, ...valueCoding } = option.valueCoding;
      return { valueCoding };
    }
    default:
      return { valueString: value as string };
  }
}

/** The answers in the questionnaire's own nesting [FHIR R4 questionnaireresponse.html]; questions not answered are left out. */
export function responseItems(
  items: readonly QuestionnaireItem[] = [],
  answers: Answers,
): QuestionnaireResponseItem[] {
  return items.flatMap((item) => {
    const answer = valuesOf(answers, item.linkId).map((value) => answerOf(item, value));
    const inner = responseItems(item.item, answers);
    if (!answer.length && !inner.length) return [];
    return [
      {
        linkId: item.linkId,
        ...(item.text && { text: item.text }),
        ...(answer.length && { answer }),
        ...(inner.length && { item: inner }),
      },
    ];
  });
}

/** Answers as they were sent, read back from a response. */
export function answersIn(items: readonly QuestionnaireResponseItem[] = []): Answers {
  const found: Answers = {};
  for (const item of items) {
    const values = (item.answer ?? []).map(
      (one): IntakeValue =>
        one.valueBoolean ??
        one.valueInteger ??
        one.valueDecimal ??
        one.valueDate ??
        one.valueCoding?.code ??
        one.valueString ??
        '',
    );
    if (values.length) found[item.linkId] = values.length > 1 ? values : values[0]!;
    Object.assign(found, answersIn(item.item));
  }
  return found;
}
