/** A visit as the room keeps it: ids, instants and state codes; what people wrote is read through records. */
import type { Queryable, Sql } from '@afar/platform';
import type { CancelClass, Checks, VisitMode, VisitState } from './contract.ts';

export interface VisitRow {
  tenant: number;
  /** Appointment id. */
  rid: string;
  patient: string;
  /** Practitioner id. */
  clinician: string;
  mode: VisitMode;
  state: VisitState;
  starts: number;
  ends: number;
  priority: number;
  intake: string | null;
  intake_at: number | null;
  red_flag: boolean;
  checks: Checks | null;
  arrived_at: number | null;
  seen_at: number | null;
  admitted_at: number | null;
  started_at: number | null;
  ended_at: number | null;
  encounter: string | null;
  composition: string | null;
  signed_at: number | null;
  /** Practitioner who signs what a trainee wrote here. */
  supervisor: string | null;
  urgent: boolean;
  /** How often its time or standing changed [RFC 5545 3.8.7.4]. */
  sequence: number;
  cancel_class: CancelClass | null;
  cancel_late: boolean;
  cancelled_by: 'patient' | 'staff' | null;
  series: string | null;
  series_index: number | null;
  /** Account of whoever booked it here. */
  booked_by: string | null;
  /** The service it was asked of, when it was asked of anybody; `clinician` is the same until somebody takes it. */
  pool: string | null;
  /** What staff said of its priority. */
  triage: number | null;
}

/** Asked of anybody, and nobody has taken it. */
export const isUntaken = ({ pool, clinician }: Pick<VisitRow, 'pool' | 'clinician'>): boolean =>
  pool !== null && pool === clinician;

const columns = `tenant, rid, patient, clinician, mode, state, starts, ends, priority, intake, intake_at, red_flag,
  checks, arrived_at, seen_at, admitted_at, started_at, ended_at, encounter, composition, signed_at, supervisor,
  urgent, sequence, cancel_class, cancel_late, cancelled_by, series, series_index, booked_by, pool, triage`;

const byId = (tenant: number, rid: string, lock: boolean): Sql => ({
  name: lock ? 'visits.lock' : 'visits.find',
  text: `select ${columns} from visits.visit where tenant = $1 and rid = $2${lock ? ' for update' : ''}`,
  values: [tenant, rid],
});

export async function findVisit(
  sql: Queryable,
  tenant: number,
  rid: string,
): Promise<VisitRow | undefined> {
  return (await sql.query<VisitRow>(byId(tenant, rid, false))).rows[0];
}

/** The row, held until the transaction ends: two events on one visit take turns. */
export async function lockVisit(
  sql: Queryable,
  tenant: number,
  rid: string,
): Promise<VisitRow | undefined> {
  return (await sql.query<VisitRow>(byId(tenant, rid, true))).rows[0];
}

/**
 * Starts a visit's row. Nothing happens when it is there.
 * @returns whether it was made now
 */
export async function addVisit(
  sql: Queryable,
  visit: Pick<
    VisitRow,
    'tenant' | 'rid' | 'patient' | 'clinician' | 'mode' | 'state' | 'starts' | 'ends'
  > &
    Partial<Pick<VisitRow, 'urgent' | 'booked_by' | 'series' | 'series_index'>>,
): Promise<boolean> {
  const { tenant, rid, patient, clinician, mode, state, starts, ends } = visit;
  const { urgent = false, booked_by: by = null, series = null, series_index: index = null } = visit;
  const { rowCount } = await sql.query({
    name: 'visits.add',
    text: `insert into visits.visit (tenant, rid, patient, clinician, mode, state, starts, ends,
        urgent, booked_by, series, series_index)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
    values: [tenant, rid, patient, clinician, mode, state, starts, ends, urgent, by, series, index],
  });
  return rowCount === 1;
}

/** Columns a use case may change; names are ours, never a caller's. */
export type VisitChange = Partial<Omit<VisitRow, 'tenant' | 'rid' | 'patient'>>;

export async function changeVisit(
  sql: Queryable,
  { tenant, rid }: Pick<VisitRow, 'tenant' | 'rid'>,
  change: VisitChange,
): Promise<void> {
  const names = Object.keys(change) as (keyof VisitChange)[];
  const sets = names.map((name, at) => `${name} = $${at + 3}`).join(', ');
  const values = names.map((name) =>
    name === 'checks' ? JSON.stringify(change[name]) : change[name],
  );
  await sql.query({
    text: `update visits.visit set ${sets} where tenant = $1 and rid = $2`,
    values: [tenant, rid, ...values],
  });
}

/**
 * One page of a person's visits. `upcoming`: not over yet, soonest first; `past`: latest first. Keyset on (starts, rid).
 * A visit counts as upcoming until it is final, or over without anybody having come.
 */
export async function listVisits(
  sql: Queryable,
  opts: {
    tenant: number;
    of: 'patient' | 'clinician';
    person: string;
    when: 'upcoming' | 'past';
    now: number;
    limit: number;
    after?: { starts: number; rid: string };
  },
): Promise<VisitRow[]> {
  const { tenant, of, person, when, now, limit, after } = opts;
  const upcoming = when === 'upcoming';
  const final = `state in ('ended', 'cancelled', 'no-show')`;
  const running = `(not ${final} and (ends > $3 or state <> 'booked'))`;
  const beyond = upcoming ? '>' : '<';
  const { rows } = await sql.query<VisitRow>({
    name: `visits.list-${of}-${when}-${after ? 'next' : 'first'}`,
    text: `select ${columns} from visits.visit
      where tenant = $1 and ${of} = $2 and ${upcoming ? running : `not ${running}`}
        ${after ? `and (starts, rid) ${beyond} ($5, $6)` : ''}
      order by starts ${upcoming ? 'asc' : 'desc'}, rid ${upcoming ? 'asc' : 'desc'} limit $4`,
    values: [tenant, person, now, limit, ...(after ? [after.starts, after.rid] : [])],
  });
  return rows;
}

/** Visits that wait or run, of one clinician or of the whole clinic; 100 at most: a longer queue is not read by a person. */
export async function listQueue(
  sql: Queryable,
  tenant: number,
  clinician: string | undefined,
): Promise<VisitRow[]> {
  const { rows } = await sql.query<VisitRow>({
    name: clinician ? 'visits.queue-of' : 'visits.queue',
    text: `select ${columns} from visits.visit
      where tenant = $1 and state in ('waiting', 'admitted', 'in-progress')
        ${clinician ? 'and clinician = $2' : ''}
      order by priority, arrived_at, rid limit 100`,
    values: clinician ? [tenant, clinician] : [tenant],
  });
  return rows;
}

/** A patient's visits in which somebody may sit or wait now. */
export async function openVisitsOf(
  sql: Queryable,
  tenant: number,
  patient: string,
): Promise<string[]> {
  const { rows } = await sql.query<{ rid: string }>({
    name: 'visits.open-of-patient',
    text: `select rid from visits.visit where tenant = $1 and patient = $2
      and state in ('booked', 'waiting', 'admitted', 'in-progress')`,
    values: [tenant, patient],
  });
  return rows.map((row) => row.rid);
}
