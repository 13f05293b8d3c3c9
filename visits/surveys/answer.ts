/** Answers to a survey: counted without a way back to her; in her record too, unless she answers without her name. */
import { randomUUID } from 'node:crypto';
import { actsFor, type Caller } from '@afar/access';
import { Refusal, type Questionnaire, type QuestionnaireResponse } from '@afar/fhir';
import { aad, seal, type Queryable } from '@afar/platform';
import type { Survey, SurveyAnswers, SurveyQuestion } from '../contract-surveys.ts';
import { iso, type House } from '../house.ts';
import type { VisitRow } from '../visit-row.ts';
import { openForMs, openSurvey } from './open.ts';
import { questionsIn, surveyOf, surveyUrl } from './questions.ts';

/** Ties a comment to its row. */
export const bindComment = (tenant: number, row: { id: string }): Buffer =>
  aad('visits.survey_answer', tenant, row.id);

const weekMs = 7 * 86_400_000;
/** 1970-01-05, the first Monday. */
const firstMonday = 4 * 86_400_000;

/** Monday of an instant's week in UTC, ms since epoch. */
export const weekOf = (at: number): number =>
  Math.floor((at - firstMonday) / weekMs) * weekMs + firstMonday;

type State = 'open' | 'answered' | 'skipped';

async function lockSurvey(sql: Queryable, visit: VisitRow): Promise<State> {
  const { rows } = await sql.query<{ state: State }>({
    name: 'visits.lock-survey',
    text: 'select state from visits.survey where tenant = $1 and visit = $2 for update',
    values: [visit.tenant, visit.rid],
  });
  return rows[0]!.state;
}

const closed = (house: House, ended: number): boolean => house.clock.now() >= ended + openForMs;

/** @throws Refusal 'not-found' before the end */
function endedOf({ state, ended_at }: VisitRow): number {
  if (state !== 'ended' || ended_at === null) throw new Refusal('not-found');
  return ended_at;
}

export async function readSurveyOf(house: House, visit: VisitRow): Promise<Survey> {
  const ended = endedOf(visit);
  const { rows } = await house.db.query<{ state: State }>(
    'select state from visits.survey where tenant = $1 and visit = $2',
    [visit.tenant, visit.rid],
  );
  const state = rows[0]?.state ?? 'open';
  return {
    state: state === 'open' && closed(house, ended) ? 'closed' : state,
    questions: questionsIn(await surveyOf(house, visit.tenant)),
  };
}

function responseOf(
  caller: Caller,
  visit: VisitRow,
  questionnaire: Questionnaire,
  { answers }: SurveyAnswers,
  now: number,
): QuestionnaireResponse {
  const own = actsFor(caller, visit.patient) ??
    caller.fhirUser ?? { type: 'Patient', id: visit.patient };
  return {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: `${surveyUrl}|${questionnaire.version ?? '1'}`,
    subject: { reference: `Patient/${visit.patient}` },
    author: { reference: `${own.type}/${own.id}` },
    ...(visit.encounter && { encounter: { reference: `Encounter/${visit.encounter}` } }),
    authored: iso(now),
    item: Object.entries(answers).map(([linkId, value]) => ({
      linkId,
      answer: [typeof value === 'number' ? { valueInteger: value } : { valueString: value }],
    })),
  };
}

async function count(
  house: House,
  sql: Queryable,
  { tenant, clinician, mode }: VisitRow,
  questions: readonly SurveyQuestion[],
  { answers }: SurveyAnswers,
): Promise<void> {
  // Random, not by time: rows in order of their ids are in no order of people.
  const row = { id: randomUUID() };
  const scores = Object.entries(answers).filter(([, value]) => typeof value === 'number');
  const text = questions
    .filter((one) => one.kind === 'text')
    .map((one) => String(answers[one.id] ?? '').trim())
    .filter(Boolean)
    .join('\n');
  const key = await house.keys.tenant(tenant);
  await sql.query(
    `insert into visits.survey_answer (tenant, id, week, clinician, mode, scores, comment)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tenant,
      row.id,
      weekOf(house.clock.now()),
      clinician,
      mode,
      JSON.stringify(Object.fromEntries(scores)),
      text === '' ? null : seal(text, key, bindComment(tenant, row)),
    ],
  );
}

async function finish(
  house: House,
  caller: Caller,
  visit: VisitRow,
  to: 'answered' | 'skipped',
  given?: { questionnaire: Questionnaire; answers: SurveyAnswers },
): Promise<void> {
  const ended_at = endedOf(visit);
  if (closed(house, ended_at)) throw new Refusal('conflict', { detail: 'survey closed' });
  const { tenant, rid } = visit;
  await house.records.write(caller, async (tx) => {
    await openSurvey(tx.sql, { ...visit, ended_at });
    const state = await lockSurvey(tx.sql, visit);
    if (state === to && to === 'skipped') return;
    // Who skipped it may come back; who answered has.
    if (state === 'answered') throw new Refusal('conflict', { detail: 'survey answered' });
    await tx.sql.query('update visits.survey set state = $3 where tenant = $1 and visit = $2', [
      tenant,
      rid,
      to,
    ]);
    if (!given) return;
    const { questionnaire, answers } = given;
    await count(house, tx.sql, visit, questionsIn(questionnaire), answers);
    if (!answers.anonymous)
      await tx.create(responseOf(caller, visit, questionnaire, answers, house.clock.now()));
  });
}

/** @throws Refusal 'conflict' when it was answered before, or two weeks have passed */
export const answerSurvey = (
  house: House,
  caller: Caller,
  visit: VisitRow,
  questionnaire: Questionnaire,
  answers: SurveyAnswers,
): Promise<void> => finish(house, caller, visit, 'answered', { questionnaire, answers });

/** Safe to repeat. */
export const skipSurvey = (house: House, caller: Caller, visit: VisitRow): Promise<void> =>
  finish(house, caller, visit, 'skipped');
