/** What has to be done now and then: next months' partitions, old answers forgotten. Harmless to do twice, from any process. */
import type { Clock, Db, Log } from '@afar/platform';
import { forgetAnswers } from './write/idempotency.ts';

/** This month and the two after it: a process that is never restarted looks every hour. */
const monthsAhead = 3;
const everyMs = 3_600_000;

export interface Upkeep {
  start(): Promise<void>;
  stop(): void;
}

export function createUpkeep({ db, clock, log }: { db: Db; clock: Clock; log: Log }): Upkeep {
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    await db.query('select records.ensure_months($1, $2)', [clock.now(), monthsAhead]);
    await forgetAnswers(db, clock.now());
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
