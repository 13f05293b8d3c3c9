/** Events between processes by LISTEN/NOTIFY: hints that something changed, carrying ids only; what changed is read from the tables. */
import pg from 'pg';
import type { Queryable } from './database/sql.ts';
import type { Log } from './log.ts';
import { bound } from './tenancy.ts';

export type Listener = (payload: Record<string, unknown>) => void;

export interface Events {
  /**
   * Tells every process (this one too). Send it after the commit: inside a transaction NOTIFY takes an instance-wide lock.
   * @throws RangeError over 7,000 bytes (PostgreSQL's limit is 8,000): send ids, not contents
   */
  publish(channel: string, payload: object): Promise<void>;
  /**
   * Calls `fn` for each event. Events sent while the connection was down are lost: `onGap` is called after each reconnection,
   * so that the subscriber can read what it missed.
   */
  subscribe(channel: string, fn: Listener, onGap?: () => void): () => void;
}

export interface RunningEvents extends Events {
  close(): Promise<void>;
}

const wire = 'afar';

/** Opens the listening connection; it reconnects by itself (0.1 s, doubling to 5 s). */
export async function openEvents(opts: {
  url: string;
  db: Queryable;
  log: Log;
}): Promise<RunningEvents> {
  const { url, db, log } = opts;
  const listeners = new Map<string, Set<{ fn: Listener; onGap?: (() => void) | undefined }>>();
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reconnecting: Promise<void> | undefined;
  let closed = false;
  let delay = 100;

  const safely = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.error({ err: error }, 'an event listener failed');
    }
  };

  function deliver(text: string): void {
    const { c, p } = JSON.parse(text) as { c: string; p: Record<string, unknown> };
    for (const { fn } of listeners.get(c) ?? []) safely(() => fn(p));
  }

  function again(): void {
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      reconnecting = connect().then(
        () => {
          log.info({}, 'listening for events again');
          for (const set of listeners.values())
            for (const { onGap } of set) if (onGap) safely(onGap);
        },
        () => again(),
      );
    }, delay);
    delay = Math.min(delay * 2, 5_000);
  }

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'afar-events',
      keepAlive: true,
    });
    next.on('error', (error) => log.warn({ err: error }, 'the event connection broke'));
    next.on('notification', ({ payload }) => safely(() => deliver(payload ?? '')));
    try {
      await next.connect();
      await next.query(`listen ${wire}`);
    } catch (error) {
      next.end().catch(() => undefined);
      throw error;
    }
    next.once('end', () => {
      if (client === next) client = undefined;
      again();
    });
    client = next;
    delay = 100;
  }

  await connect();
  return {
    async publish(channel, payload) {
      const text = JSON.stringify({ c: channel, p: payload });
      if (Buffer.byteLength(text) > 7_000)
        throw new RangeError('an event carries ids, not contents');
      await db.query({
        name: 'platform.notify',
        text: 'select pg_notify($1, $2)',
        values: [wire, text],
      });
    },
    subscribe(channel, fn, onGap) {
      // Events come by a connection that is nobody's: a listener works as whoever subscribed.
      const entry = { fn: bound(fn), onGap: onGap && bound(onGap) };
      const set = listeners.get(channel) ?? new Set();
      listeners.set(channel, set.add(entry));
      return () => set.delete(entry);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      // A reconnection that has begun would leave a connection behind.
      await reconnecting;
      await client?.end();
    },
  };
}
