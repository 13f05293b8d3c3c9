/** Days on which the whole clinic is closed, each schedule by the dates of its own zone. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { Temporal } from 'temporal-polyfill';
import type { ClinicClosure, ClosureRequest } from '../contract.ts';
import type { House } from '../house.ts';
import type { Keep } from '../idempotency.ts';
import { instantOf, type Span } from './open-hours.ts';
import { fault, isDate, isUuid, refuseFaults } from './rule.ts';
import { activeSchedules } from './schedules.ts';

/** Ten years of holidays. */
const mostClosures = 300;

export function requireOffice(caller: Caller): void {
  if (caller.role !== 'administrator' && !caller.wildcard) throw new Refusal('forbidden');
}

/** @throws Refusal 'invalid' (422) */
export function readClosure(body: unknown): ClosureRequest {
  const { from, to, label } = (body ?? {}) as Record<string, unknown>;
  const words = typeof label === 'string' ? label.trim() : '';
  refuseFaults([
    ...(isDate(from) ? [] : [fault('from', 'YYYY-MM-DD')]),
    ...(isDate(to) && !(isDate(from) && to < from)
      ? []
      : [fault('to', 'YYYY-MM-DD, not before from')]),
    ...(words && words.length <= 60 ? [] : [fault('label', '1 to 60 characters')]),
  ]);
  return { from: from as string, to: to as string, label: words };
}

/** The instants of wall-clock dates in a zone, the last day included. */
export function spanOfDates({ from, to }: { from: string; to: string }, zone: string): Span {
  return {
    start: instantOf(Temporal.PlainDate.from(from), '00:00', zone),
    end: instantOf(Temporal.PlainDate.from(to), '24:00', zone),
  };
}

/** Appointments to come that stand in it. */
async function inTheWay(
  sql: Queryable,
  tenant: number,
  closure: Pick<ClosureRequest, 'from' | 'to'>,
  now: number,
): Promise<number> {
  const spans = (await activeSchedules(sql, tenant)).map(({ rule }) => ({
    clinician: rule.clinician,
    ...spanOfDates(closure, rule.zone),
  }));
  const { rows } = await sql.query<{ n: number }>({
    name: 'visits.in-closure',
    text: `select count(*)::int as n from visits.visit v
        join unnest($2::uuid[], $3::bigint[], $4::bigint[]) s(clinician, first, last)
          on v.clinician = s.clinician and v.starts < s.last and v.ends > s.first
      where v.tenant = $1 and v.starts > $5 and v.state in ('requested', 'booked', 'waiting')`,
    values: [
      tenant,
      spans.map((one) => one.clinician),
      spans.map((one) => one.start),
      spans.map((one) => one.end),
      now,
    ],
  });
  return rows[0]!.n;
}

type Row = Omit<ClinicClosure, 'appointments'>;

/** By date, those that are over too. */
export async function closuresOf(sql: Queryable, tenant: number): Promise<Row[]> {
  const { rows } = await sql.query<Row>({
    name: 'visits.closures',
    text: `select id, first::text as "from", last::text as "to", label from visits.closure
      where tenant = $1 order by first, id`,
    values: [tenant],
  });
  return rows;
}

export async function listClosures(house: House, tenant: number): Promise<ClinicClosure[]> {
  const now = house.clock.now();
  const rows = await closuresOf(house.db, tenant);
  const views: ClinicClosure[] = [];
  for (const row of rows)
    views.push({ ...row, appointments: await inTheWay(house.db, tenant, row, now) });
  return views;
}

/** What is booked stays booked: how much that is comes with the answer. @throws Refusal 'forbidden', 'conflict' */
export async function addClosure(
  house: House,
  caller: Caller,
  ask: ClosureRequest,
  keep: Keep,
): Promise<ClinicClosure> {
  requireOffice(caller);
  const id = randomUUID();
  const { tenant } = caller;
  return house.db.tx(async (sql) => {
    const { rowCount } = await sql.query({
      name: 'visits.add-closure',
      text: `insert into visits.closure (tenant, id, first, last, label)
        select $1, $2, $3::date, $4::date, $5
        where (select count(*) from visits.closure where tenant = $1) < $6`,
      values: [tenant, id, ask.from, ask.to, ask.label, mostClosures],
    });
    if (!rowCount)
      throw new Refusal('conflict', { diagnostics: `at most ${mostClosures} closures` });
    const appointments = await inTheWay(sql, tenant, ask, house.clock.now());
    const made = { id, ...ask, appointments };
    await keep(sql, made);
    return made;
  });
}

/** @throws Refusal 'forbidden', 'not-found' */
export async function dropClosure(house: House, caller: Caller, id: unknown): Promise<void> {
  requireOffice(caller);
  if (!isUuid(id)) throw new Refusal('not-found');
  const { rowCount } = await house.db.query({
    name: 'visits.drop-closure',
    text: 'delete from visits.closure where tenant = $1 and id = $2',
    values: [caller.tenant, id],
  });
  if (!rowCount) throw new Refusal('not-found');
}
