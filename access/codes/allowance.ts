/** So many in a window: what one source, or one address, may ask for; counted under keyed hashes. */
import { createHmac } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import type { Db, KeyRing } from '@afar/platform';

export interface Allowed {
  /** What is counted, and for whom: never stored but as a hash. */
  of: readonly string[];
  most: number;
  /** ms */
  windowMs: number;
}

export interface Allowances {
  /** Counts one of each. @throws Refusal `throttled` with the seconds until there is room again */
  take(tenant: number, ...all: Allowed[]): Promise<void>;
  sweep(): Promise<void>;
}

const day = 86_400_000;

// Counted before the work is done: parallel requests meet the limit as sequential ones do.
const takeOne = `insert into access.allowance as a (tenant, key, since, used) values ($1, $2, $3, 1)
on conflict (tenant, key) do update set
  used = case when a.since <= $3 - $4::bigint then 1 else a.used + 1 end,
  since = case when a.since <= $3 - $4::bigint then $3 else a.since end
where a.since <= $3 - $4::bigint or a.used < $5::int
returning used`;

export function createAllowances(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): Allowances {
  const { db, keys, clock } = deps;
  return {
    async take(tenant, ...all) {
      const { index } = await keys.tenant(tenant);
      const now = clock.now();
      for (const { of, most, windowMs } of all) {
        const hmac = createHmac('sha256', index).update(`access.allowance ${tenant} `);
        for (const part of [...of, String(windowMs)]) hmac.update(`${part.length}:${part}`);
        const key = hmac.digest();
        const { rowCount } = await db.query(takeOne, [tenant, key, now, windowMs, most]);
        if (rowCount === 1) continue;
        const { rows } = await db.query<{ since: number }>(
          'select since from access.allowance where tenant = $1 and key = $2',
          [tenant, key],
        );
        const wait = (rows[0]?.since ?? now) + windowMs - now;
        throw new Refusal('throttled', {
          headers: { 'retry-after': String(Math.max(1, Math.ceil(wait / 1000))) },
        });
      }
    },
    async sweep() {
      await db.query('delete from access.allowance where since < $1', [clock.now() - 2 * day]);
    },
  };
}
