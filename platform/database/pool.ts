/** The connections of one role as a `Db`: prepared statements, transactions with retry, a clear answer when the database cannot serve. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DbOptions } from './open-db.ts';
import type { Answer, Db, Queryable, Sql, TxOptions } from './sql.ts';
import { bear } from './bearing.ts';
import { inLine, lanes } from './in-line.ts';
import { createTurns } from './turns.ts';
import { asUnavailable, isSilent, mayRetry } from './unavailable.ts';

/** The tenant a connection must bear for what is about to be sent; undefined: this role bears none. */
export type Bearing = () => string | undefined;

const int8 = 20;
const int8Array = 1016;
const parseInt8 = (text: string): number | string => {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
};
const textArray = 1009;
const arrayOfText = pg.types.getTypeParser(textArray as never) as unknown as (
  text: string,
) => (string | null)[];

const parseInt8Array = (text: string): (number | string | null)[] =>
  text === '{}' ? [] : arrayOfText(text).map((one) => (one === null ? null : parseInt8(one)));

/** PostgreSQL's int8 as a number where that is exact, else as the decimal string it came as. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === int8) return parseInt8;
    if (format !== 'binary' && oid === int8Array) return parseInt8Array;
    return pg.types.getTypeParser(oid, format as 'text') as unknown;
  },
} as pg.CustomTypesConfig;

const begin = {
  'read committed': 'begin',
  'repeatable read': 'begin isolation level repeatable read',
  serializable: 'begin isolation level serializable',
} as const;

async function run<R extends object>(
  on: pg.ClientBase,
  sql: Sql | string,
  values?: unknown[],
): Promise<Answer<R>> {
  try {
    const result = await (typeof sql === 'string'
      ? on.query<R>(sql, values as unknown[])
      : on.query<R>(sql));
    // A simple query of several statements answers with one result each: the last one is the answer.
    const last = Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1)! : result;
    return { rows: last.rows, rowCount: last.rowCount ?? 0 };
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** Opens the connections of the role that `url` names, none of them before the first query. */
export function openPool(url: string, opts: DbOptions, bearing: Bearing): Db {
  const settings: pg.PoolConfig & { pipeline: boolean } = {
    connectionString: url,
    max: opts.max ?? 16,
    connectionTimeoutMillis: opts.acquireMs ?? 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: opts.statementMs ?? 30_000,
    // A database that is held up (a stopped machine, a storage that hangs) ends no statement itself: 2 s later we do.
    query_timeout: (opts.statementMs ?? 30_000) + 2_000,
    lock_timeout: opts.lockMs ?? 10_000,
    // A transaction waits on this process only for microtasks and crypto: 30 s idle means it was forgotten.
    idle_in_transaction_session_timeout: 30_000,
    application_name: opts.application ?? 'afar',
    // Prepared statements are planned once, on a fresh start over empty tables: there a sequential scan looks cheapest,
    // and goes on being used while the table grows. Every statement of the application has its index. JIT is off because
    // the penalty that stands for "no sequential scan" before PostgreSQL 18 would set it off. Left to itself PostgreSQL plans
    // statements over arrays anew at each execution, because it thinks ten elements dearer than two: 0.3 ms before 0.1.
    options: '-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan',
    // Statements of one transaction are sent without waiting for the answer before: `begin` costs no round trip.
    pipeline: true,
    keepAlive: true,
    types,
  };
  const pool = new pg.Pool(settings);
  // One connection is never a transaction's: whoever asks for a single statement while she holds a transaction waits for
  // a statement of others at most, not for a transaction that waits for her.
  const turns = createTurns(Math.max((settings.max ?? 2) - 1, 1), opts.acquireMs ?? 5_000);
  const lanePool = new pg.Pool({ ...settings, max: lanes });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  for (const one of [pool, lanePool])
    one.on('error', (error) => opts.log?.warn({ err: error }, 'a database connection broke'));

  async function acquire(from = pool): Promise<pg.PoolClient> {
    try {
      return await from.connect();
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async function single<R extends object>(
    sql: Sql | string,
    values?: unknown[],
  ): Promise<Answer<R>> {
    const tenant = bearing();
    const client = await acquire();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const borne = tenant === undefined ? undefined : bear(client, tenant);
      if (!borne) return await run<R>(client, sql, values);
      const [answer] = await Promise.all([
        run<R>(client, sql, values),
        borne.catch((error: unknown) => {
          broken = error as Error;
          throw error;
        }),
      ]);
      return answer;
    } catch (error) {
      if (isSilent(error)) broken ??= error;
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async function once<T>(
    work: (tx: Queryable) => Promise<T>,
    isolation: keyof typeof begin,
  ): Promise<T> {
    const tenant = bearing();
    const client = await acquire();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    let open = true;
    try {
      const borne = tenant === undefined ? undefined : bear(client, tenant);
      borne?.catch((error: unknown) => {
        broken = error as Error;
      });
      const began = run(client, begin[isolation]);
      // Its failure fails every statement after it; here it only must not go unhandled.
      began.catch(() => undefined);
      const value = await work({
        query: (sql, values) =>
          open
            ? run(client, sql, values)
            : Promise.reject(new Error('this transaction has ended: a query was not awaited')),
      });
      open = false;
      await borne;
      await began;
      const ended = await client.query('commit');
      // PostgreSQL answers `commit` of a failed transaction with ROLLBACK and no error.
      if (ended.command !== 'COMMIT')
        throw new Error('the transaction had failed: an error was swallowed inside it');
      return value;
    } catch (error) {
      open = false;
      const told = asUnavailable(error);
      // Whoever did not answer in time will not answer a rollback either: the connection is given up.
      if (isSilent(told)) broken ??= told;
      if (!broken)
        await client.query('rollback').catch((failed: unknown) => {
          broken = failed as Error;
        });
      throw told;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  const line = inLine({ acquireLane: () => acquire(lanePool), acquire, run, bearing });

  return {
    query: <R extends object>(sql: Sql | string, values?: unknown[]) =>
      typeof sql === 'object' && sql.inLine ? line.query<R>(sql) : single<R>(sql, values),
    async tx(work, { isolation = 'read committed', retries = 5 }: TxOptions = {}) {
      for (let attempt = 0; ; attempt++) {
        await turns.take();
        try {
          return await once(work, isolation).finally(turns.give);
        } catch (error) {
          if (!mayRetry(error) || attempt >= retries) throw error;
          // 4-8 ms, doubling: rivals of one row part ways instead of meeting again.
          await sleep(2 ** attempt * (4 + Math.random() * 4));
        }
      }
    },
    async close() {
      line.close();
      for (const one of [pool, lanePool]) if (!one.ending) await one.end();
    },
  };
}
