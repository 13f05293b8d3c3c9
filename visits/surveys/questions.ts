/** What is asked after a visit: the clinic's own Questionnaire of our url, or ours; and which answers fit it. */
import { systemCaller } from '@afar/access';
import type { Questionnaire, QuestionnaireItem } from '@afar/fhir';
import type { SurveyAnswers, SurveyQuestion } from '../contract-surveys.ts';
import type { House } from '../house.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

/** A clinic asks its own questions by an active Questionnaire with this url. */
export const surveyUrl = 'urn:afar:questionnaire:survey';

const minValue = 'http://hl7.org/fhir/StructureDefinition/minValue';
const maxValue = 'http://hl7.org/fhir/StructureDefinition/maxValue';

const scale = (linkId: string, text: string, from: number, to: number): QuestionnaireItem => ({
  linkId,
  text,
  type: 'integer',
  extension: [
    { url: minValue, valueInteger: from },
    { url: maxValue, valueInteger: to },
  ],
});

export const defaultSurvey: Questionnaire = {
  resourceType: 'Questionnaire',
  url: surveyUrl,
  version: '1',
  name: 'Survey',
  title: 'After your visit',
  status: 'active',
  subjectType: ['Patient'],
  item: [
    scale('satisfaction', 'How satisfied are you with your visit?', 1, 5),
    scale('technical', 'How well could you see and hear each other?', 1, 5),
    scale('understood', 'Did you feel listened to and understood?', 1, 5),
    scale('recommend', 'How likely are you to recommend such a visit to somebody?', 0, 10),
    {
      linkId: 'comment',
      text: 'Is there anything you want to add?',
      type: 'text',
      maxLength: 1000,
    },
  ],
};

const mostQuestions = 5;
const mostText = 1000;

function questionOf(item: QuestionnaireItem): SurveyQuestion[] {
  const { linkId: id, text = '' } = item;
  const bound = (url: string, usual: number): number =>
    item.extension?.find((one) => one.url === url)?.valueInteger ?? usual;
  if (item.type === 'text' || item.type === 'string')
    return [{ id, text, kind: 'text', most: Math.min(item.maxLength ?? mostText, mostText) }];
  if (item.type !== 'integer') return [];
  const [from, to] = [bound(minValue, 1), bound(maxValue, 5)];
  // A scale of more than eleven steps is answered by nobody's thumb.
  return to > from && to - from <= 10 ? [{ id, text, kind: 'scale', from, to }] : [];
}

/** The questions that are asked: whole numbers and text, five at most; what else a Questionnaire has is left out. */
export const questionsIn = (questionnaire: Questionnaire): SurveyQuestion[] =>
  (questionnaire.item ?? []).flatMap(questionOf).slice(0, mostQuestions);

export async function surveyOf(house: House, tenant: number): Promise<Questionnaire> {
  const caller = systemCaller(tenant, house.clock, 'survey');
  const found = await house.records.search(caller, 'Questionnaire', [
    ['url', surveyUrl],
    ['status', 'active'],
    ['_count', '1'],
  ]);
  return (found.entry?.[0]?.resource as Questionnaire | undefined) ?? defaultSurvey;
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readSurvey(body: unknown, questions: readonly SurveyQuestion[]): SurveyAnswers {
  const { answers, anonymous } = (body ?? {}) as { answers?: unknown; anonymous?: unknown };
  const given = Object.entries((answers ?? {}) as Record<string, unknown>);
  const fits = ([id, value]: [string, unknown]): boolean => {
    const question = questions.find((one) => one.id === id);
    if (question?.kind === 'scale')
      return (
        Number.isInteger(value) && Number(value) >= question.from && Number(value) <= question.to
      );
    return question?.kind === 'text' && typeof value === 'string' && value.length <= question.most;
  };
  refuseFaults([
    ...(typeof anonymous === 'boolean' ? [] : [fault('anonymous', 'true or false')]),
    ...(typeof answers === 'object' &&
    answers !== null &&
    !Array.isArray(answers) &&
    given.length > 0
      ? []
      : [fault('answers', 'an answer at least; or skip it')]),
    ...given
      .slice(0, 20)
      .filter((one) => !fits(one))
      .map(([id]) => fault(`answers.${id.slice(0, 40)}`, 'an answer to one of the questions')),
  ]);
  return {
    answers: Object.fromEntries(given) as SurveyAnswers['answers'],
    anonymous: anonymous as boolean,
  };
}
