/** Jobs that commit with the data that causes them: graphile-worker over the application's database. */
import { Logger, run, type Runner, type Task } from 'graphile-worker';
import pg from 'pg';
import type { Queryable } from './database/sql.ts';
import type { Log } from './log.ts';
import { everyTenant, within } from './tenancy.ts';

export interface JobOptions {
  runAt?: Date;
  /** A job with the same key that has not run yet is replaced. */
  key?: string;
  maxAttempts?: number;
}

export type JobHandler = (payload: Record<string, unknown>) => Promise<void>;

export interface Jobs {
  /** Adds a job in the caller's transaction. The payload holds ids only: it is stored in the clear. */
  add(tx: Queryable, task: string, payload: object, opts?: JobOptions): Promise<void>;
  /**
   * Names what runs a task; before `start`. A job may run more than once: the handler must be idempotent. It works for the
   * `tenant` that its payload names, without one for the house.
   */
  define(task: string, handler: JobHandler): void;
  start(): Promise<void>;
  /** Waits for running jobs, then stops. */
  stop(): Promise<void>;
}

/** @param opts.concurrency jobs at a time in this process; default 2: jobs must not starve requests on two cores */
export function createJobs(opts: { url: string; log: Log; concurrency?: number }): Jobs {
  const { url, log, concurrency = 2 } = opts;
  const tasks: Record<string, Task> = {};
  let runner: Runner | undefined;
  let pool: pg.Pool | undefined;
  const logger = new Logger(() => (level, message, meta) => {
    // Messages of failed jobs quote the error; the task's name and job's id are enough to find it.
    const job = (meta?.job ?? {}) as { id?: string; task_identifier?: string };
    const fields = { jobId: job.id, task: job.task_identifier };
    if (level === 'error') log.error(fields, 'a job failed or the job runner has trouble');
    else if (level === 'warning') log.warn(fields, 'the job runner warns');
    else log.debug(fields, message.slice(0, 60));
  });
  return {
    async add(tx, task, payload, { runAt, key, maxAttempts } = {}) {
      await tx.query({
        name: 'platform.add-job',
        text: `select from graphile_worker.add_job($1, $2::json, run_at => $3, job_key => $4, max_attempts => $5)`,
        values: [task, JSON.stringify(payload), runAt ?? null, key ?? null, maxAttempts ?? null],
      });
    },
    define(task, handler) {
      if (tasks[task]) throw new Error(`the task ${task} is defined twice`);
      tasks[task] = async (payload) => {
        try {
          const given = payload as Record<string, unknown>;
          const run = (): Promise<void> => handler(given);
          await (typeof given.tenant === 'number' ? within(given.tenant, run) : everyTenant(run));
        } catch (error) {
          // graphile-worker stores the message of a failed job in its table in the clear: give it none.
          log.error({ task, err: error }, 'a job failed');
          throw new Error(`task ${task} failed`);
        }
      };
    },
    async start() {
      if (runner || Object.keys(tasks).length === 0) return;
      pool = new pg.Pool({
        connectionString: url,
        max: concurrency + 2,
        application_name: 'afar-jobs',
      });
      const broke = (error: Error) => log.warn({ err: error }, 'a job connection broke');
      pool.on('error', broke);
      pool.on('connect', (client) => client.on('error', broke));
      runner = await run({
        pgPool: pool,
        taskList: tasks,
        concurrency,
        logger,
        noHandleSignals: true,
        pollInterval: 2_000,
      });
      runner.promise.catch((error: unknown) => log.error({ err: error }, 'the job runner ended'));
    },
    async stop() {
      const stopping = runner;
      runner = undefined;
      await stopping?.stop();
      await pool?.end();
      pool = undefined;
    },
  };
}
