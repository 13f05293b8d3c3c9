/** The rows of bulk jobs: made, taken in turns, moved on, ended. Whoever lost her turn changes nothing any more. */
import { randomUUID } from 'node:crypto';
import { aad, everyTenant, open, seal } from '@afar/platform';
import type { DataKey, Queryable } from '@afar/platform';
import type { Bulk } from './deps.ts';
import type { Fault, FileRow, JobKind, JobRow, Place, Request } from './types.ts';

export const taskName = 'exchange.bulk';

const columns =
  'tenant, id, kind, state, creator, kid, sealed, roster, made, place, step, steps, fault, expires, attempts';

type Bound = Pick<JobRow, 'tenant' | 'id' | 'kind' | 'creator' | 'made'>;
const bound = ({ tenant, id, kind, creator, made }: Bound, what: string): Buffer =>
  aad('exchange.bulk', what, tenant, id, kind, creator, made);

/** Makes the job and asks for a worker, in one transaction. */
export async function addJob(
  bulk: Bulk,
  sql: Queryable,
  job: { tenant: number; id: string; kind: JobKind; creator: string; steps: number },
  key: DataKey,
  request: Request,
): Promise<void> {
  const made = bulk.clock.now();
  const place: Place = { file: 1 };
  await sql.query(
    // Our own number is above that of every transaction that has one; a snapshot's end is not.
    `insert into exchange.bulk_job (tenant, id, kind, state, creator, kid, sealed, made, place, steps, expires, settle)
     values ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9, $10, pg_current_xact_id())`,
    [
      job.tenant,
      job.id,
      job.kind,
      job.creator,
      key.kid,
      seal(JSON.stringify(request), key, bound({ ...job, made }, 'request')),
      made,
      JSON.stringify(place),
      job.steps,
      // A job that hangs is given up some day.
      made + 7 * bulk.limits.keepMs,
    ],
  );
  await wake(bulk, sql, job);
}

/** Asks for a worker; one that is asked for twice works once. */
export async function wake(
  { jobs }: Bulk,
  sql: Queryable,
  { tenant, id }: Pick<JobRow, 'tenant' | 'id'>,
  runAt?: Date,
): Promise<void> {
  await jobs.add(
    sql,
    taskName,
    { tenant, job: id },
    { key: `${taskName}:${id}`, maxAttempts: 10, ...(runAt && { runAt }) },
  );
}

export async function keyOf({ keys }: Bulk, job: Pick<JobRow, 'tenant' | 'kid'>): Promise<DataKey> {
  return keys.byId(job.tenant, job.kid);
}

export function requestOf(job: JobRow, key: DataKey): Request {
  return JSON.parse(open(job.sealed, key, bound(job, 'request')).toString()) as Request;
}

/** The job, if it is there and the caller's own. */
export async function findJob(
  { db }: Bulk,
  tenant: number,
  id: string,
): Promise<JobRow | undefined> {
  const { rows } = await db.query<JobRow>({
    name: 'exchange.bulk-find',
    text: `select ${columns} from exchange.bulk_job where tenant = $1 and id = $2`,
    values: [tenant, id],
  });
  return rows[0];
}

export async function runningJobs({ db }: Bulk, tenant: number, creator: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from exchange.bulk_job where tenant = $1 and creator = $2 and state = 'running'`,
    [tenant, creator],
  );
  return rows[0]!.n;
}

export interface Turn {
  job: JobRow;
  holder: string;
  /** True once everything that ran when the job was asked for has ended. */
  settled: boolean;
}

/**
 * Nothing that was running when the job was asked for is running now. Numbers of transactions are the whole server's: one of
 * another database that never ends must not hold up ours.
 */
const settled = `(pg_snapshot_xmin(pg_current_snapshot()) >= settle or not exists (
  select from pg_stat_activity a join pg_snapshot_xip(pg_current_snapshot()) x
    on (x::text::numeric % 4294967296)::text = a.backend_xid::text
  where a.datname = current_database() and x < settle))`;

/** Takes the turn, if nobody living has it. */
export async function takeTurn(bulk: Bulk, tenant: number, id: string): Promise<Turn | undefined> {
  const holder = randomUUID();
  const now = bulk.clock.now();
  // As the house: a role sees of its own transactions alone that they run.
  const take = () =>
    bulk.db.query<JobRow & { settled: boolean }>(
      `update exchange.bulk_job set holder = $3, lease = $4
     where tenant = $1 and id = $2 and state = 'running' and lease < $5
     returning ${columns}, ${settled} as settled`,
      [tenant, id, holder, now + bulk.limits.leaseMs, now],
    );
  const [job] = (await everyTenant(take)).rows;
  return job && { job, holder, settled: job.settled };
}

/** Still alive. False: the job was cancelled, or somebody else has the turn. */
export async function keepTurn(bulk: Bulk, { job, holder }: Turn): Promise<boolean> {
  const { rowCount } = await bulk.db.query(
    `update exchange.bulk_job set lease = $4 where tenant = $1 and id = $2 and holder = $3 and state = 'running'`,
    [job.tenant, job.id, holder, bulk.clock.now() + bulk.limits.leaseMs],
  );
  return rowCount === 1;
}

/** Gives the turn back. */
export async function endTurn(bulk: Bulk, { job, holder }: Turn, failed: boolean): Promise<void> {
  await bulk.db.query(
    `update exchange.bulk_job set lease = 0, holder = null, attempts = case when $4 then attempts + 1 else 0 end
     where tenant = $1 and id = $2 and holder = $3`,
    [job.tenant, job.id, holder, failed],
  );
}

/** Thrown where the turn was lost: what was being done is not to be finished. */
export class TurnLost extends Error {}

export interface Move {
  place: Place;
  step: number;
  steps?: number;
  file?: FileRow;
  roster?: Buffer;
}

/** Moves the job on, with the file that is now whole, in one transaction. @throws TurnLost */
export async function move(bulk: Bulk, { job, holder }: Turn, to: Move): Promise<void> {
  await bulk.db.tx(async (sql) => {
    const { rowCount } = await sql.query(
      `update exchange.bulk_job set place = $4, step = $5, steps = coalesce($6, steps), roster = coalesce($7, roster), lease = $8
       where tenant = $1 and id = $2 and holder = $3 and state = 'running'`,
      [
        job.tenant,
        job.id,
        holder,
        JSON.stringify(to.place),
        to.step,
        to.steps ?? null,
        to.roster ?? null,
        bulk.clock.now() + bulk.limits.leaseMs,
      ],
    );
    if (rowCount !== 1) throw new TurnLost();
    if (to.file) await addFile(sql, job, to.file);
  });
  Object.assign(job, { place: to.place, step: to.step });
  if (to.roster) job.roster = to.roster;
}

export async function addFile(
  sql: Queryable,
  job: Pick<JobRow, 'tenant' | 'id'>,
  file: FileRow,
): Promise<void> {
  await sql.query(
    `insert into exchange.bulk_file (tenant, job, number, kind, type, source, count, bytes, patients, standing)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      job.tenant,
      job.id,
      file.number,
      file.kind,
      file.type,
      file.source,
      file.count,
      file.bytes,
      file.patients,
      file.standing,
    ],
  );
}

export async function finish(bulk: Bulk, { job, holder }: Turn, fault?: Fault): Promise<void> {
  await bulk.db.query(
    `update exchange.bulk_job set state = $4, fault = $5, expires = $6, lease = 0, holder = null
     where tenant = $1 and id = $2 and holder = $3 and state = 'running'`,
    [
      job.tenant,
      job.id,
      holder,
      fault ? 'failed' : 'done',
      fault ?? null,
      bulk.clock.now() + bulk.limits.keepMs,
    ],
  );
}

export async function filesOf(
  { db }: Bulk,
  { tenant, id }: Pick<JobRow, 'tenant' | 'id'>,
): Promise<Omit<FileRow, 'patients' | 'standing'>[]> {
  const { rows } = await db.query<FileRow>(
    `select number, kind, type, source, count, bytes from exchange.bulk_file where tenant = $1 and job = $2 order by number`,
    [tenant, id],
  );
  return rows;
}

export async function fileOf(
  { db }: Bulk,
  { tenant, id }: Pick<JobRow, 'tenant' | 'id'>,
  number: number,
): Promise<FileRow | undefined> {
  const { rows } = await db.query<FileRow>(
    `select number, kind, type, source, count, bytes, patients, standing
     from exchange.bulk_file where tenant = $1 and job = $2 and number = $3`,
    [tenant, id, number],
  );
  return rows[0];
}

/** True when the status may be told now; each look is noted. */
export async function mayPoll({ db, clock, limits }: Bulk, job: JobRow): Promise<boolean> {
  const now = clock.now();
  const { rowCount } = await db.query(
    'update exchange.bulk_job set polled = $3 where tenant = $1 and id = $2 and polled <= $4',
    [job.tenant, job.id, now, now - limits.pollMs],
  );
  return rowCount === 1;
}

export const sealRoster = (job: JobRow, key: DataKey, patients: readonly string[]): Buffer =>
  seal(JSON.stringify(patients), key, bound(job, 'roster'));

export const rosterOf = (job: JobRow, key: DataKey): string[] | undefined =>
  job.roster
    ? (JSON.parse(open(job.roster, key, bound(job, 'roster')).toString()) as string[])
    : undefined;

/** The name of a file in the object store. */
export const objectId = (job: Pick<JobRow, 'id'>, number: number): string =>
  `bulk-${job.id}-${number}`;
