/** What surveys say, for who runs the clinic: whole weeks, by week, clinician and mode, and comments without a name. */
import { open } from '@afar/platform';
import type { VisitMode } from '../contract-schedule.ts';
import type { SurveyResults } from '../contract-surveys.ts';
import type { House } from '../house.ts';
import { visitModes } from '../scheduling/rule.ts';
import { bindComment, weekOf } from './answer.ts';
import { questionsIn, surveyOf } from './questions.ts';
import { cellOf, cellsBy, least, type Answered } from './sums.ts';

/** Half a year. One window alone: what two windows differ by would tell of few. */
const weeks = 26;
const weekMs = 7 * 86_400_000;
/** More comments than anybody reads at once. */
const mostComments = 200;

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

async function commentsOf(
  house: House,
  tenant: number,
  from: number,
  to: number,
): Promise<string[]> {
  // By random id: in no order of time, and the same at each look.
  const { rows } = await house.db.query<{ id: string; comment: Buffer }>(
    `select id, comment from visits.survey_answer
     where tenant = $1 and week >= $2 and week < $3 and comment is not null order by id limit ${mostComments}`,
    [tenant, from, to],
  );
  if (rows.length < least) return [];
  const key = await house.keys.tenant(tenant);
  return rows.map((row) => open(row.comment, key, bindComment(tenant, row)).toString('utf8'));
}

export async function surveyResults(house: House, tenant: number): Promise<SurveyResults> {
  // The week that runs is left out: an answer that has just come in would be seen coming.
  const to = weekOf(house.clock.now());
  const from = to - weeks * weekMs;
  const [{ rows }, questionnaire] = await Promise.all([
    house.db.query<Answered>(
      `select week, clinician, mode, scores from visits.survey_answer
       where tenant = $1 and week >= $2 and week < $3`,
      [tenant, from, to],
    ),
    surveyOf(house, tenant),
  ]);
  const questions = questionsIn(questionnaire);
  const all = Array.from({ length: weeks }, (_, at) => dayOf(from + at * weekMs));
  const byWeek = cellsBy(questions, rows, all, (one) => dayOf(one.week));
  const clinicians = [...new Set(rows.map((one) => one.clinician))];
  const byClinician = cellsBy(questions, rows, clinicians, (one) => one.clinician);
  const byMode = cellsBy(questions, rows, visitModes, (one) => one.mode);
  const total = rows.length < least ? { scores: {} } : cellOf(questions, rows);
  return {
    questions,
    total,
    weeks: all.map((week) => ({ week, ...byWeek.get(week)! })),
    clinicians: await Promise.all(
      clinicians.map(async (id) => {
        const { name } = await house.directory.clinician(tenant, id);
        return { id, name, ...byClinician.get(id)! };
      }),
    ),
    modes: visitModes.map((mode: VisitMode) => ({ mode, ...byMode.get(mode)! })),
    comments: await commentsOf(house, tenant, from, to),
  };
}
