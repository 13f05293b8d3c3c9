/** A FHIR Questionnaire as the questions a browser asks, and which of them apply to a set of answers. */
import type { Questionnaire, QuestionnaireItem } from '@afar/fhir';
import type { IntakeQuestion, IntakeValue } from '../contract.ts';
import { redFlagExtension } from '../vocabulary.ts';

export type Answers = Record<string, IntakeValue | IntakeValue[]>;

/** Types we ask; the rest (attachment, reference, quantity...) an intake here does not use: they are left out, groups stay. */
const asked = new Set<string>([
  'group',
  'display',
  'boolean',
  'integer',
  'decimal',
  'date',
  'string',
  'text',
  'choice',
  'open-choice',
]);

type Operator = NonNullable<IntakeQuestion['enableWhen']>[number]['operator'];

function enableWhenOf(item: QuestionnaireItem): Pick<IntakeQuestion, 'enableWhen'> {
  if (!item.enableWhen?.length) return {};
  return {
    enableWhen: item.enableWhen.map((one) => ({
      question: one.question,
      operator: one.operator as Operator,
      answer:
        one.answerBoolean ??
        one.answerInteger ??
        one.answerDecimal ??
        one.answerCoding?.code ??
        one.answerDate ??
        one.answerString ??
        true,
    })),
  };
}

function optionsOf(item: QuestionnaireItem): Pick<IntakeQuestion, 'options'> {
  if (!item.answerOption?.length) return {};
  return {
    options: item.answerOption.map((one) => {
      const code =
        one.valueCoding?.code ?? one.valueString ?? String(one.valueInteger ?? one.valueDate ?? '');
      return { code, display: one.valueCoding?.display ?? code };
    }),
  };
}

/** The questions of a questionnaire, in its order and nesting [FHIR R4 questionnaire.html#item]. */
export function questionsOf(items: readonly QuestionnaireItem[] = []): IntakeQuestion[] {
  return items
    .filter((item) => asked.has(item.type))
    .map((item) => ({
      linkId: item.linkId,
      text: item.text ?? '',
      type: item.type as IntakeQuestion['type'],
      required: item.required === true,
      repeats: item.repeats === true,
      ...(item.maxLength !== undefined && { maxLength: item.maxLength }),
      ...optionsOf(item),
      ...enableWhenOf(item),
      ...(item.enableBehavior && { enableBehavior: item.enableBehavior }),
      ...(item.item?.length && { items: questionsOf(item.item) }),
    }));
}

export function valuesOf(answers: Answers, linkId: string): IntakeValue[] {
  const answer = Object.hasOwn(answers, linkId) ? answers[linkId] : undefined;
  if (answer === undefined || answer === null) return [];
  return Array.isArray(answer) ? answer : [answer];
}

const compare: Record<Operator, (value: IntakeValue, wanted: IntakeValue) => boolean> = {
  exists: () => true,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** Is this question asked, given the answers so far? [FHIR R4 questionnaire.html Questionnaire.item.enableWhen, any answer counts] */
export function isAsked(question: IntakeQuestion, answers: Answers): boolean {
  if (!question.enableWhen?.length) return true;
  const holds = question.enableWhen.map(({ question: other, operator, answer }) => {
    const values = valuesOf(answers, other);
    if (operator === 'exists') return values.length > 0 === (answer !== false);
    return values.some((value) => compare[operator](value, answer));
  });
  return question.enableBehavior === 'any' ? holds.some(Boolean) : holds.every(Boolean);
}

function marked(extension: { url: string; valueBoolean?: boolean }[] | undefined): boolean {
  return extension?.some((one) => one.url === redFlagExtension && one.valueBoolean) ?? false;
}

/** linkIds whose answers must not wait: a marked yes-or-no question answered yes, or a marked choice taken. */
export function redFlags(questionnaire: Questionnaire, answers: Answers): string[] {
  const found: string[] = [];
  const visit = (items: readonly QuestionnaireItem[] = []): void => {
    for (const item of items) {
      const values = valuesOf(answers, item.linkId);
      const taken = (item.answerOption ?? [])
        .filter((one) => marked(one.extension) || marked(one.valueCoding?.extension))
        .map((one) => one.valueCoding?.code ?? one.valueString);
      if (marked(item.extension) && values.includes(true)) found.push(item.linkId);
      else if (values.some((value) => taken.includes(String(value)))) found.push(item.linkId);
      visit(item.item);
    }
  };
  visit(questionnaire.item);
  return found;
}
