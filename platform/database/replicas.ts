/** Reads that may leave the primary: on a streaming replica that has caught up with what the asker may have seen, else on the primary. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { openDb, type DbOptions } from './open-db.ts';
import type { Answer, Db, Sql } from './sql.ts';

/** A position in the primary's log, as `pg_current_wal_flush_lsn()` gives it: `0/16B3748`. */
export type Level = string;

export interface Replicas {
  /**
   * Runs a read. A replica answers only if it has replayed at least to `level`: what was committed before the level was
   * taken is seen.
   * @throws what the primary throws
   */
  query<R extends object = Record<string, unknown>>(sql: Sql, level: Level): Promise<Answer<R>>;
  /** How many reads each side answered. */
  counts(): { replica: number; primary: number };
  close(): Promise<void>;
}

/** A replica that failed is left alone for this long, ms. */
const restMs = 5_000;

/** One that is behind is asked again after this long, ms: streaming takes about a millisecond on one network. */
const againMs = 10;

class Behind extends Error {}

interface Replica {
  db: Db;
  /** performance.now() until when it is left alone. */
  resting: number;
}

/**
 * @param urls connection strings of the application's role, one a replica
 * @param primary where every read goes that no replica can answer
 */
export function openReplicas(
  urls: readonly string[],
  primary: Db,
  opts: DbOptions & { log?: Log } = {},
): Replicas {
  const all: Replica[] = urls.map((url) => ({
    // A replica that is down must not hold up a request: the primary is there.
    db: openDb(url, { application: 'afar-replica', acquireMs: 500, statementMs: 10_000, ...opts }),
    resting: 0,
  }));
  const counted = { replica: 0, primary: 0 };
  let turn = 0;

  function next(): Replica | undefined {
    const now = performance.now();
    for (let n = 0; n < all.length; n++) {
      const one = all[turn++ % all.length]!;
      if (one.resting <= now) return one;
    }
    return undefined;
  }

  /** @throws Behind */
  async function read<R extends object>({ db }: Replica, sql: Sql, level: Level) {
    return db.tx(
      async (tx) => {
        // Sent together, run in this order, each with a snapshot of its own: the read sees at least what the look saw.
        const looked = tx.query<{ level: boolean }>({
          name: 'platform.replayed',
          text: 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as level',
          values: [level],
        });
        const answer = tx.query<R>(sql);
        // Its failure shows below; here it only must not go unhandled.
        answer.catch(() => undefined);
        const { rows } = await looked;
        // Null on a server that is no replica: it may be anything.
        if (rows[0]?.level !== true) throw new Behind();
        return answer;
      },
      { retries: 0 },
    );
  }

  return {
    async query<R extends object>(sql: Sql, level: Level) {
      const one = next();
      if (one)
        for (const wait of [0, againMs]) {
          if (wait > 0) await sleep(wait);
          try {
            const answer = await read<R>(one, sql, level);
            counted.replica++;
            return answer;
          } catch (error) {
            if (error instanceof Behind) continue;
            // The fault may be the statement's: then the primary says so too.
            one.resting = performance.now() + restMs;
            opts.log?.warn({ err: error }, 'a replica did not answer: reads go to the primary');
            break;
          }
        }
      counted.primary++;
      return primary.query<R>(sql);
    },
    counts: () => ({ ...counted }),
    async close() {
      await Promise.all(all.map(({ db }) => db.close()));
    },
  };
}
