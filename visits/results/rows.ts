/** Rows of results and of orders that wait for one: ids, instants and states. */
import type { Queryable } from '@afar/platform';
import type { ResultDecision, ResultStanding } from '../contract.ts';

export interface ResultRow {
  tenant: number;
  id: string;
  type: 'DiagnosticReport' | 'Observation';
  rid: string;
  patient: string;
  clinician: string | null;
  assignee: string | null;
  ordered: string | null;
  part_of: string | null;
  version: number;
  said: Buffer;
  /** Place in `levels`. */
  level: number;
  standing: ResultStanding;
  state: 'waiting' | 'acknowledged' | 'part' | 'erased';
  preliminary: boolean;
  revision: number;
  arrived: number;
  next_look: number;
  rung: number;
  reason: 'silent' | 'unable' | 'nobody' | null;
  visible_from: number;
  told_at: number | null;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  decision: ResultDecision | null;
  review: string | null;
  checked: number;
}

export const resultColumns = `tenant, id, type, rid, patient, clinician, assignee, ordered, part_of, version, said, level,
  standing, state, preliminary, revision, arrived, next_look, rung, reason, visible_from, told_at, acknowledged_at, acknowledged_by,
  decision, review, checked`;

/** The row of a resource, held until the transaction ends. */
export async function lockResult(
  sql: Queryable,
  tenant: number,
  type: string,
  rid: string,
): Promise<ResultRow | undefined> {
  const { rows } = await sql.query<ResultRow>({
    name: 'visits.lock-result',
    text: `select ${resultColumns} from visits.result where tenant = $1 and type = $2 and rid = $3 for update`,
    values: [tenant, type, rid],
  });
  return rows[0];
}

/** Those of these values that wait as critical results of their own for this clinician, who was told of them. */
export async function criticalsWaiting(
  sql: Queryable,
  tenant: number,
  values: readonly string[],
  clinician: string | null,
): Promise<ResultRow[]> {
  const { rows } = await sql.query<ResultRow>({
    name: 'visits.criticals-waiting',
    text: `select ${resultColumns} from visits.result where tenant = $1 and type = 'Observation' and rid = any($2::uuid[])
      and level = 0 and state = 'waiting' and standing <> 'retracted' and assignee is null and clinician is not distinct from $3
      order by rung desc`,
    values: [tenant, values, clinician],
  });
  return rows;
}

export async function findResult(
  sql: Queryable,
  tenant: number,
  id: string,
  lock = false,
): Promise<ResultRow | undefined> {
  const { rows } = await sql.query<ResultRow>({
    name: lock ? 'visits.lock-result-by-id' : 'visits.result-by-id',
    text: `select ${resultColumns} from visits.result where tenant = $1 and id = $2${lock ? ' for update' : ''}`,
    values: [tenant, id],
  });
  return rows[0];
}

export type NewResult = Omit<
  ResultRow,
  | 'id'
  | 'assignee'
  | 'revision'
  | 'told_at'
  | 'acknowledged_at'
  | 'acknowledged_by'
  | 'decision'
  | 'review'
>;

/** @returns false when another process was faster: look again */
export async function addResult(sql: Queryable, row: NewResult): Promise<boolean> {
  const names = Object.keys(row) as (keyof NewResult)[];
  const { rowCount } = await sql.query({
    text: `insert into visits.result (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')})
      on conflict do nothing`,
    values: names.map((name) => row[name]),
  });
  return rowCount === 1;
}

/** Columns that change; names are ours, never a caller's. */
export type ResultChange = Partial<Omit<ResultRow, 'tenant' | 'id' | 'type' | 'rid'>>;

export async function changeResult(
  sql: Queryable,
  { tenant, type, rid }: Pick<ResultRow, 'tenant' | 'type' | 'rid'>,
  change: ResultChange,
): Promise<void> {
  const names = Object.keys(change) as (keyof ResultChange)[];
  if (names.length === 0) return;
  await sql.query({
    text: `update visits.result set ${names.map((name, at) => `${name} = $${at + 4}`).join(', ')}
      where tenant = $1 and type = $2 and rid = $3`,
    values: [tenant, type, rid, ...names.map((name) => change[name])],
  });
}

/** An order that waits for its result. */
export interface AwaitedRow {
  tenant: number;
  /** ServiceRequest. */
  rid: string;
  patient: string;
  clinician: string | null;
  placed: number;
  due: number;
  state: 'open' | 'answered' | 'closed';
  version: number;
}

/** Takes the newest version there is; an older one that comes late changes nothing. An answered order is not opened again. */
export async function putAwaited(sql: Queryable, row: AwaitedRow): Promise<void> {
  await sql.query({
    name: 'visits.put-awaited',
    text: `insert into visits.awaited as a (tenant, rid, patient, clinician, placed, due, state, version)
      values ($1, $2, $3, $4, $5, $6, $7, $8)
      on conflict (tenant, rid) do update set clinician = excluded.clinician, placed = excluded.placed, due = excluded.due,
        version = excluded.version,
        state = case when a.state = 'answered' and excluded.state = 'open' then 'answered' else excluded.state end
      where a.version < excluded.version`,
    values: [
      row.tenant,
      row.rid,
      row.patient,
      row.clinician,
      row.placed,
      row.due,
      row.state,
      row.version,
    ],
  });
}

export async function findAwaited(
  sql: Queryable,
  tenant: number,
  rid: string,
): Promise<AwaitedRow | undefined> {
  const { rows } = await sql.query<AwaitedRow>({
    name: 'visits.awaited',
    text: `select tenant, rid, patient, clinician, placed, due, state, version from visits.awaited
      where tenant = $1 and rid = $2`,
    values: [tenant, rid],
  });
  return rows[0];
}

/** Open orders of a patient, the newest first: 50 is more than anybody has open. */
export async function openOrdersOf(
  sql: Queryable,
  tenant: number,
  patient: string,
  before: number,
): Promise<AwaitedRow[]> {
  const { rows } = await sql.query<AwaitedRow>({
    name: 'visits.open-orders-of',
    text: `select tenant, rid, patient, clinician, placed, due, state, version from visits.awaited
      where tenant = $1 and patient = $2 and state = 'open' and placed <= $3 order by placed desc limit 50`,
    values: [tenant, patient, before],
  });
  return rows;
}

export async function markAnswered(sql: Queryable, tenant: number, rid: string): Promise<void> {
  await sql.query({
    name: 'visits.mark-answered',
    text: `update visits.awaited set state = 'answered' where tenant = $1 and rid = $2 and state = 'open'`,
    values: [tenant, rid],
  });
}
