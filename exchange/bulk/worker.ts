/** Turns of work: whoever has the turn goes on where the last one stopped, also when that one died. */
import { Refusal } from '@afar/fhir';
import { erasedChannel } from '@afar/records';
import type { Bulk } from './deps.ts';
import { discard } from './discard.ts';
import { exportTurn, NoLongerAllowed } from './export-run.ts';
import { importTurn } from './import-run.ts';
import {
  endTurn,
  findJob,
  finish,
  keyOf,
  requestOf,
  takeTurn,
  taskName,
  TurnLost,
  wake,
} from './store.ts';
import type { Turn } from './store.ts';
import type { JobRow } from './types.ts';

/** Looked for in this rhythm: jobs whose worker died, jobs whose time is over. */
const sweepMs = 15_000;
/** A job that fails so often in a row will not do any better. */
const mostAttempts = 5;
/** 1 s: how long an import is put off that finds another one being fetched. */
const importMs = 1_000;
/** 250 ms: transactions that were running when the job was asked for are over by then, as a rule. */
const settleMs = 250;
/** How long a job sleeps in a lockdown before it asks again. */
const lockedMs = 30_000;
const lockedDown: ReadonlySet<string> = new Set(['closed', 'read-only']);

export interface Worker {
  /** One turn of one job. */
  turn(tenant: number, id: string): Promise<void>;
  sweep(): Promise<void>;
  /** Takes away jobs whose files hold data of a patient who was erased. */
  purge(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createWorker(bulk: Bulk): Worker {
  const { db, clock, events, jobs, log, records } = bulk;
  let timer: NodeJS.Timeout | undefined;
  let importing = false;
  let deaf: () => void = () => undefined;

  async function work(turn: Turn): Promise<boolean> {
    const key = await keyOf(bulk, turn.job);
    const request = requestOf(turn.job, key);
    return request.kind === 'export'
      ? exportTurn({ bulk, turn, request, key })
      : importTurn({ bulk, turn, request, key });
  }

  async function turn(tenant: number, id: string): Promise<void> {
    const taken = await takeTurn(bulk, tenant, id);
    if (!taken) return;
    const { job } = taken;
    if (!taken.settled) {
      await endTurn(bulk, taken, false);
      await wake(bulk, db, job, new Date(clock.now() + settleMs));
      return;
    }
    // What a server far away is waited for leaves a place for everybody else's jobs.
    if (job.kind === 'import' && importing) {
      await endTurn(bulk, taken, false);
      await wake(bulk, db, job, new Date(clock.now() + importMs));
      return;
    }
    importing ||= job.kind === 'import';
    try {
      if (await work(taken)) return;
      await endTurn(bulk, taken, false);
      await wake(bulk, db, job);
    } catch (error) {
      if (error instanceof TurnLost) return;
      if (error instanceof NoLongerAllowed) {
        await finish(bulk, taken, 'no-longer-allowed');
        return;
      }
      // A lockdown is nobody's failure: the job waits it out and goes on.
      if (error instanceof Refusal && lockedDown.has(error.code)) {
        await endTurn(bulk, taken, false);
        await wake(bulk, db, job, new Date(clock.now() + lockedMs));
        return;
      }
      if (job.attempts + 1 >= mostAttempts) {
        log.error({ job: id, err: error }, 'a bulk job was given up');
        await finish(bulk, taken, 'gave-up');
        return;
      }
      await endTurn(bulk, taken, true);
      throw error;
    } finally {
      if (job.kind === 'import') importing = false;
    }
  }

  jobs.define(taskName, ({ tenant, job }) => turn(Number(tenant), String(job)));

  async function sweep(): Promise<void> {
    const now = clock.now();
    const { rows: left } = await db.query<Pick<JobRow, 'tenant' | 'id'>>(
      `select tenant, id from exchange.bulk_job where state = 'running' and lease < $1 limit 100`,
      [now],
    );
    for (const job of left) await wake(bulk, db, job);
    const { rows: over } = await db.query<Pick<JobRow, 'tenant' | 'id'>>(
      'select tenant, id from exchange.bulk_job where expires <= $1 limit 20',
      [now],
    );
    for (const { tenant, id } of over) {
      const job = await findJob(bulk, tenant, id);
      if (job) await discard(bulk, job);
    }
  }

  async function purge(): Promise<void> {
    const { rows } = await db.query<{ tenant: number; patients: string[] }>(
      `select f.tenant, array_agg(distinct p.patient) as patients
       from exchange.bulk_file f cross join unnest(f.patients) p(patient) group by f.tenant`,
    );
    for (const { tenant, patients } of rows) {
      const erased = [...(await records.walks.erased(tenant, patients))];
      if (erased.length === 0) continue;
      const { rows: held } = await db.query<{ id: string }>(
        'select distinct job as id from exchange.bulk_file where tenant = $1 and patients && $2::uuid[]',
        [tenant, erased],
      );
      for (const { id } of held) {
        const job = await findJob(bulk, tenant, id);
        if (job) await discard(bulk, job);
      }
    }
  }

  const quietly = (work: () => Promise<void>): void =>
    void work().catch((error: unknown) => log.warn({ err: error }, 'a look at bulk jobs failed'));

  return {
    turn,
    sweep,
    purge,
    start() {
      quietly(sweep);
      quietly(purge);
      const again = () => quietly(purge);
      deaf = events.subscribe(erasedChannel, again, again);
      timer = setInterval(() => quietly(sweep), sweepMs);
      timer.unref();
    },
    stop() {
      deaf();
      clearInterval(timer);
    },
  };
}
