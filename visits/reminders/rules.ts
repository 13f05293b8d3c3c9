/** A clinic's rules of reminding: the usual ones, its own, and what is wrong with a wish. */
import type { Queryable } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { ReminderRule, ReminderRules } from '../contract-reminders.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

/** A day to move it, an hour to be ready. */
export const usualRules: ReminderRules = {
  visits: [
    { id: '24h', before: 24 * 60 },
    { id: '1h', before: 60 },
  ],
  sayTime: true,
  surveyAfter: 120,
};

export interface StoredRules {
  rules: ReminderRules;
  revision: number;
}

export async function rulesOf(sql: Queryable, tenant: number): Promise<StoredRules> {
  const { rows } = await sql.query<StoredRules>({
    name: 'visits.reminder-rules',
    text: 'select rules, revision from visits.reminder_rule where tenant = $1',
    values: [tenant],
  });
  return rows[0] ?? { rules: usualRules, revision: 0 };
}

const mostRules = 6;
/** A week: what is said earlier is forgotten by then. */
const mostBefore = 7 * 24 * 60;
const clock = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const whole = (value: unknown, from: number, to: number): value is number =>
  Number.isInteger(value) && Number(value) >= from && Number(value) <= to;

function ruleOf(given: unknown): ReminderRule | undefined {
  const { id, before, daysBefore, at } = (given ?? {}) as Record<string, unknown>;
  if (typeof id !== 'string' || !/^[a-z0-9-]{1,20}$/.test(id)) return undefined;
  if (whole(before, 10, mostBefore)) return { id, before };
  if (whole(daysBefore, 0, 7) && typeof at === 'string' && clock.test(at))
    return { id, daysBefore, at };
  return undefined;
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readRules(body: unknown): ReminderRules {
  const { visits, sayTime, surveyAfter } = (body ?? {}) as Record<string, unknown>;
  if (!Array.isArray(visits) || visits.length > mostRules)
    throw new Refusal('invalid', {
      status: 422,
      issues: [fault('visits', `a list of ${mostRules} rules at most`)],
    });
  const rules = visits.map(ruleOf);
  const ids = rules.map((one) => one?.id);
  refuseFaults([
    ...rules.flatMap((one, at) =>
      one
        ? []
        : [fault(`visits[${at}]`, '10 minutes to 7 days before, or a time of a day before; an id')],
    ),
    ...(new Set(ids).size === ids.length ? [] : [fault('visits', 'ids that differ')]),
    ...(typeof sayTime === 'boolean' ? [] : [fault('sayTime', 'true or false')]),
    ...(whole(surveyAfter, 0, 3 * 24 * 60) ? [] : [fault('surveyAfter', '0 to 4320 minutes')]),
  ]);
  return {
    visits: rules.filter((one) => one !== undefined),
    sayTime: sayTime as boolean,
    surveyAfter: surveyAfter as number,
  };
}

export async function putRules(
  sql: Queryable,
  tenant: number,
  rules: ReminderRules,
  now: number,
): Promise<void> {
  await sql.query(
    `insert into visits.reminder_rule as r (tenant, revision, rules, updated) values ($1, 1, $2, $3)
     on conflict (tenant) do update set rules = excluded.rules, updated = excluded.updated, revision = r.revision + 1`,
    [tenant, JSON.stringify(rules), now],
  );
}
