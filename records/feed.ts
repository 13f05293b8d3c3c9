/** The feed of committed changes: read from the table in commit-safe order, woken by events, polled as a backstop. */
import { everyTenant, type Db, type Events, type Log } from '@afar/platform';
import type { Change, WriteVerb } from './types.ts';

const channel = 'records';

/** 1 s: what a listener waits at most when an event was lost. */
const pollMs = 1_000;
/** 100 ms: the first write of a calm moment is told at once, those that follow it together. */
const gatherMs = 100;
/** Changes read at one time. */
const page = 500;

/**
 * Changes behind a place ($1, $2), in order. `c.xid`, not the text that is given out under the same name: that sorts 10 before 9
 * and would pass over changes for ever.
 */
export const changesAfter = `select c.xid::text, c.seq, tenant, type, rid, version, verb, owner from records.change c
  where (xid, seq) > ($1::xid8, $2::bigint) and xid < pg_snapshot_xmin(pg_current_snapshot())
  order by c.xid, c.seq limit ${page}`;

interface ChangeRow {
  xid: string;
  seq: number;
  tenant: number;
  type: string;
  rid: string;
  version: number;
  verb: WriteVerb;
  owner: string | null;
}

export interface Feed {
  /** Tells every process that something was committed. Never waits, never throws. */
  poke(): void;
  onChange(fn: (change: Change) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createFeed({ db, events, log }: { db: Db; events: Events; log: Log }): Feed {
  const listeners = new Set<(change: Change) => void>();
  let place: { xid: string; seq: number } | undefined;
  let unsubscribe: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  let asked = false;
  let pokeTimer: NodeJS.Timeout | undefined;
  let pokedAt = 0;
  let publishing: Promise<void> | undefined;

  /** Reads all there is; asked again meanwhile, once more. */
  function look(): Promise<void> {
    asked = true;
    reading ??= (async () => {
      try {
        while (asked && place) {
          asked = false;
          // A request may be what woke it; what it reads is every tenant's.
          await everyTenant(drain);
        }
      } catch (error) {
        log.warn({ err: error }, 'the change feed could not be read: it is tried again');
      } finally {
        reading = undefined;
      }
    })();
    return reading;
  }

  async function drain(): Promise<void> {
    for (;;) {
      // Nothing below xmin can still be committed: what is skipped over here never comes back.
      const { rows } = await db.query<ChangeRow>({
        name: 'records.feed',
        text: changesAfter,
        values: [place!.xid, place!.seq],
      });
      for (const { xid, seq, owner, ...change } of rows) {
        place = { xid, seq };
        tell(owner === null ? change : { ...change, owner });
      }
      if (rows.length < page) {
        if (rows.length === 0 && (await pending())) asked ||= await later();
        return;
      }
    }
  }

  /** True while a transaction is open that has written changes we may not read yet. */
  async function pending(): Promise<boolean> {
    const { rows } = await db.query<{ waiting: boolean }>({
      name: 'records.feed-pending',
      text: `select exists (select from records.change where (xid, seq) > ($1::xid8, $2::bigint)) as waiting`,
      values: [place!.xid, place!.seq],
    });
    return rows[0]!.waiting;
  }

  /** Committed, but an older transaction is still open: look again shortly. */
  function later(): Promise<boolean> {
    return new Promise((done) => {
      setTimeout(() => done(place !== undefined), gatherMs).unref();
    });
  }

  function tell(change: Change): void {
    for (const fn of listeners) {
      try {
        fn(change);
      } catch (error) {
        log.error({ err: error }, 'a listener to changes failed');
      }
    }
  }

  function publish(): void {
    pokeTimer = undefined;
    pokedAt = Date.now();
    publishing = events
      .publish(channel, {})
      .catch((error: unknown) => log.debug({ err: error }, 'an event was lost: polling covers it'));
  }

  return {
    poke() {
      if (pokeTimer) return;
      pokeTimer = setTimeout(publish, Math.max(0, pokedAt + gatherMs - Date.now()));
    },
    onChange(fn) {
      listeners.add(fn);
      return () => void listeners.delete(fn);
    },
    async start() {
      if (place) return;
      // From here on: what is committed or still open now, or later.
      const { rows } = await db.query<{ xid: string }>(
        `select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as xid`,
      );
      place = { xid: rows[0]!.xid, seq: Number.MAX_SAFE_INTEGER };
      const wake = () => void look();
      unsubscribe = events.subscribe(channel, wake, wake);
      timer = setInterval(wake, pollMs);
      timer.unref();
    },
    async stop() {
      unsubscribe?.();
      clearInterval(timer);
      if (pokeTimer) {
        clearTimeout(pokeTimer);
        publish();
      }
      place = undefined;
      await reading;
      await publishing;
    },
  };
}
