/** Answers to a questionnaire: which questions are asked, which answers are wrong. Pure. */
import type { IntakeQuestion, IntakeValue } from '@afar/visits/contract';

export type Answers = Record<string, IntakeValue | IntakeValue[]>;
export type Fault = 'required' | 'integer' | 'decimal' | 'date' | 'long' | 'server';

const given = (answer: Answers[string] | undefined): boolean =>
  answer !== undefined && answer !== '' && !(Array.isArray(answer) && answer.length === 0);

function holds(
  { question, operator, answer }: NonNullable<IntakeQuestion['enableWhen']>[number],
  answers: Answers,
): boolean {
  const found = answers[question];
  if (operator === 'exists') return given(found) === answer;
  const all = (Array.isArray(found) ? found : [found]).filter((one) => one !== undefined);
  if (operator === '=') return all.includes(answer);
  if (operator === '!=') return all.length > 0 && !all.includes(answer);
  return all.some((one) => {
    if (operator === '>') return one > answer;
    if (operator === '<') return one < answer;
    return operator === '>=' ? one >= answer : one <= answer;
  });
}

/** Whether a question is asked now [FHIR R4 questionnaire.html#enableWhen]. */
export function enabled(question: IntakeQuestion, answers: Answers): boolean {
  const when = question.enableWhen ?? [];
  if (when.length === 0) return true;
  const test = (one: (typeof when)[number]): boolean => holds(one, answers);
  return question.enableBehavior === 'any' ? when.some(test) : when.every(test);
}

/** Every question asked now, groups opened, in order. */
export function asked(questions: readonly IntakeQuestion[], answers: Answers): IntakeQuestion[] {
  return questions
    .filter((question) => enabled(question, answers))
    .flatMap((question) =>
      question.type === 'group'
        ? asked(question.items ?? [], answers)
        : question.type === 'display'
          ? []
          : [question, ...asked(question.items ?? [], answers)],
    );
}

function faultOf(question: IntakeQuestion, answer: Answers[string] | undefined): Fault | undefined {
  if (!given(answer)) return question.required ? 'required' : undefined;
  if (question.type === 'integer' && !Number.isInteger(answer)) return 'integer';
  if (question.type === 'decimal' && !Number.isFinite(answer)) return 'decimal';
  if (question.type === 'date' && !isDate(answer)) return 'date';
  const long = question.maxLength !== undefined && String(answer).length > question.maxLength;
  return long ? 'long' : undefined;
}

function isDate(value: Answers[string] | undefined): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}

/** Every fault at once, by question. */
export function faultsOf(
  questions: readonly IntakeQuestion[],
  answers: Answers,
): Map<string, Fault> {
  return new Map(
    asked(questions, answers).flatMap((question) => {
      const fault = faultOf(question, answers[question.linkId]);
      return fault ? [[question.linkId, fault] as const] : [];
    }),
  );
}

/** Only what is asked and answered: an answer to a question since withdrawn is not sent. */
export function toSend(questions: readonly IntakeQuestion[], answers: Answers): Answers {
  return Object.fromEntries(
    asked(questions, answers).flatMap(({ linkId }) => {
      const answer = answers[linkId];
      return given(answer) ? [[linkId, answer!] as const] : [];
    }),
  );
}

/** How far she is. */
export function progress(questions: readonly IntakeQuestion[], answers: Answers) {
  const all = asked(questions, answers);
  return { all: all.length, done: all.filter(({ linkId }) => given(answers[linkId])).length };
}
