/** What has to be done now and then: next months' partitions, old answers forgotten. Harmless to do twice, from any process. */
import type { Clock, Db, KeyRing, Log } from '@afar/platform';
import { forgetAnswers, keptFor } from './write/idempotency.ts';

/** This month and the two after it: a process that is never restarted looks every hour. */
const monthsAhead = 3;
const everyMs = 3_600_000;

export interface Upkeep {
  start(): Promise<void>;
  stop(): void;
}

export function createUpkeep(deps: { db: Db; keys: KeyRing; clock: Clock; log: Log }): Upkeep {
  const { db, keys, clock, log } = deps;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    await db.query('select records.ensure_months($1, $2)', [clock.now(), monthsAhead]);
    // A new partition must not stand open to a statement that names it.
    await db.query('select platform.guard_tenants()');
    await forgetAnswers(db, clock.now());
    await dropPastIndexKeys();
  }

  /** Kept after a rotation for requests that are repeated: as long as their answers are. */
  async function dropPastIndexKeys(): Promise<void> {
    for (const tenant of keys.admin.tenants()) {
      const index = keys.admin.indexPhase(tenant);
      if (index?.phase === 'settled' && index.at < clock.now() - keptFor)
        await keys.admin.dropIndexes(tenant, true);
    }
  }

  return {
    async start() {
      await run();
      timer = setInterval(() => {
        run().catch((error: unknown) => log.warn({ err: error }, 'upkeep of the records failed'));
      }, everyMs);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
