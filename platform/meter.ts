/** What each tenant uses, counted in memory and added to the table every ten seconds and at the end. */
import type { Clock } from './clock.ts';
import type { Queryable } from './database/sql.ts';
import type { Log } from './log.ts';
import { everyTenant } from './tenancy.ts';

export type Metric = 'requests' | 'cpu_us' | 'egress_bytes' | 'storage_bytes';

export interface Meter {
  /** Adds whole units; never waits, never throws. A crash loses at most ten seconds of counting. */
  add(tenant: number, metric: Metric, amount: number): void;
  flush(): Promise<void>;
}

export interface RunningMeter extends Meter {
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const everyMs = 10_000;

/** Makes the meter over `platform.meter`. */
export function createMeter(opts: { db: Queryable; clock: Clock; log: Log }): RunningMeter {
  const { db, clock, log } = opts;
  let counts = new Map<string, number>();

  const add = (key: string, amount: number) => counts.set(key, (counts.get(key) ?? 0) + amount);

  async function flush(): Promise<void> {
    const taken = counts;
    counts = new Map();
    if (taken.size === 0) return;
    const rows = [...taken].map(([key, amount]) => [...key.split(' '), Math.round(amount)]);
    try {
      await everyTenant(() =>
        db.query({
          name: 'platform.meter',
          text: `insert into platform.meter (tenant, metric, hour, amount)
                 select * from unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[])
                 on conflict (tenant, metric, hour) do update set amount = meter.amount + excluded.amount`,
          values: [0, 1, 2, 3].map((at) => rows.map((row) => row[at])),
        }),
      );
    } catch (error) {
      // Counted again with the next flush: a database that is down must not lose what was used.
      for (const [key, amount] of taken) add(key, amount);
      throw error;
    }
  }

  const timer = setInterval(() => {
    flush().catch((error: unknown) => log.warn({ err: error }, 'usage could not be written'));
  }, everyMs);
  timer.unref();

  return {
    add(tenant, metric, amount) {
      const hour = Math.floor(clock.now() / hourMs) * hourMs;
      add(`${tenant} ${metric} ${hour}`, amount);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
