/** Short statements, a few behind one another on a connection that is kept: to fetch one and to wake a backend costs more than they do. */
import type pg from 'pg';
import { bear } from './bearing.ts';
import type { Bearing } from './pool.ts';
import type { Answer, Sql } from './sql.ts';
import { isSilent } from './unavailable.ts';

/** Statements behind one another on one connection: the last waits for three short ones at most. */
const most = 4;
/** Connections kept for them, beside the pool's: what stands behind a statement that is held up goes by the next. */
export const lanes = 2;
/** A connection that nobody used for this long, ms, goes back to the pool. */
const idleMs = 500;

/** What the wire of a client can do: hold back what is written, to send it at once. */
interface Wire {
  connection?: { stream?: { cork?(): void; uncork?(): void } };
}

interface Lane {
  client: pg.PoolClient;
  inFlight: number;
  broken?: Error;
  corked: boolean;
  /** performance.now() of the latest use. */
  used: number;
  leave(): void;
}

/**
 * Each statement stays its own transaction and fails alone; only the way there is shared.
 *
 * Lanes are no connections of the pool: transactions that fill it would hold up every read, and lanes would take from it what
 * transactions need.
 * @param acquireLane a connection to keep, `lanes` at most
 * @param acquire a connection of the pool, for what finds every lane full
 * @param run one statement on it
 * @param bearing the tenant of whoever asks: a lane serves many, one behind another
 */
export function inLine({
  acquireLane,
  acquire,
  run,
  bearing,
}: {
  acquireLane: () => Promise<pg.PoolClient>;
  acquire: () => Promise<pg.PoolClient>;
  run: (client: pg.ClientBase, sql: Sql) => Promise<Answer<object>>;
  bearing: Bearing;
}): { query<R extends object>(sql: Sql): Promise<Answer<R>>; close(): void } {
  const open: Lane[] = [];
  let opening = 0;
  let closed = false;
  let sweeper: NodeJS.Timeout | undefined;

  function drop(lane: Lane): void {
    const at = open.indexOf(lane);
    if (at >= 0) open.splice(at, 1);
    if (lane.inFlight === 0) lane.leave();
  }

  function laneOf(client: pg.PoolClient): Lane {
    const onError = (error: Error): void => {
      lane.broken = error;
      drop(lane);
    };
    client.on('error', onError);
    const lane: Lane = {
      client,
      inFlight: 0,
      corked: false,
      used: performance.now(),
      leave() {
        client.off('error', onError);
        client.release(lane.broken);
      },
    };
    return lane;
  }

  function sweep(): void {
    sweeper = undefined;
    const old = performance.now() - idleMs;
    for (const lane of open.slice()) if (lane.inFlight === 0 && lane.used < old) drop(lane);
    if (open.length > 0) sweepSoon();
  }

  function sweepSoon(): void {
    sweeper ??= setTimeout(sweep, idleMs);
    sweeper.unref();
  }

  /** Statements of one turn leave in one write. */
  function cork(lane: Lane): void {
    const stream = (lane.client as Wire).connection?.stream;
    if (lane.corked || !stream?.cork) return;
    lane.corked = true;
    stream.cork();
    process.nextTick(() => {
      lane.corked = false;
      stream.uncork?.();
    });
  }

  function give(lane: Lane, error: Error): void {
    lane.broken = error;
    drop(lane);
  }

  async function on(lane: Lane, sql: Sql, tenant: string | undefined): Promise<Answer<object>> {
    lane.inFlight++;
    cork(lane);
    try {
      const borne = tenant === undefined ? undefined : bear(lane.client, tenant);
      if (!borne) return await run(lane.client, sql);
      const [answer] = await Promise.all([
        run(lane.client, sql),
        borne.catch((error: unknown) => {
          give(lane, error as Error);
          throw error;
        }),
      ]);
      return answer;
    } catch (error) {
      if (isSilent(error)) give(lane, error);
      throw error;
    } finally {
      lane.inFlight--;
      lane.used = performance.now();
      if (lane.inFlight === 0 && !open.includes(lane)) lane.leave();
    }
  }

  async function elsewhere(sql: Sql, tenant: string | undefined): Promise<Answer<object>> {
    const keep = !closed && open.length + opening < lanes;
    if (keep) opening++;
    let lane: Lane;
    try {
      lane = laneOf(await (keep ? acquireLane() : acquire()));
    } finally {
      if (keep) opening--;
    }
    if (keep && !closed) {
      open.push(lane);
      sweepSoon();
    }
    return on(lane, sql, tenant);
  }

  return {
    query<R extends object>(sql: Sql) {
      const tenant = bearing();
      let best: Lane | undefined;
      for (const lane of open)
        if (lane.inFlight < most && (!best || lane.inFlight < best.inFlight)) best = lane;
      const answer =
        best && (best.inFlight === 0 || open.length === lanes)
          ? on(best, sql, tenant)
          : elsewhere(sql, tenant);
      return answer as Promise<Answer<R>>;
    },
    close() {
      closed = true;
      clearTimeout(sweeper);
      for (const lane of open.slice()) drop(lane);
    },
  };
}
