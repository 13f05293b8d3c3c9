/** What waits for somebody to come back: opaque outside, sealed inside, taken out once. */
import { open, seal, type Db, type KeyRing, type Queryable } from '@afar/platform';
import { newSecret, sha256 } from '../ids.ts';
import { bindToken } from './adapter.ts';

export interface OneTime<T> {
  /** @param on a transaction to be part of */
  put(tenant: number, value: T, on?: Queryable): Promise<string>;
  /** Undefined when it is unknown, was taken, or has run out. */
  take(tenant: number, secret: string): Promise<T | undefined>;
}

export function createOneTime<T>(
  deps: { db: Db; keys: KeyRing; clock: { now(): number } },
  kind: string,
  lifeMs: number,
): OneTime<T> {
  const { db, keys, clock } = deps;
  const hashOf = (secret: string): Buffer => sha256(`${kind} ${secret}`);
  const bind = (tenant: number, hash: Buffer, expires: number): Buffer =>
    bindToken({ tenant, kind, hash, clientId: null, scope: null, expires });
  return {
    async put(tenant, value, on = db) {
      const secret = newSecret();
      const hash = hashOf(secret);
      const expires = clock.now() + lifeMs;
      const sealed = seal(
        JSON.stringify(value),
        await keys.tenant(tenant),
        bind(tenant, hash, expires),
      );
      await on.query(
        'insert into access.oauth (tenant, kind, hash, sealed, expires) values ($1, $2, $3, $4, $5)',
        [tenant, kind, hash, sealed, expires],
      );
      return secret;
    },
    async take(tenant, secret) {
      const hash = hashOf(secret);
      const { rows } = await db.query<{ sealed: Buffer; expires: number }>(
        `delete from access.oauth where tenant = $1 and hash = $2 and kind = $3
         returning sealed, expires`,
        [tenant, hash, kind],
      );
      const row = rows[0];
      if (!row || row.expires <= clock.now()) return undefined;
      const bound = bind(tenant, hash, row.expires);
      return JSON.parse(open(row.sealed, await keys.tenant(tenant), bound).toString('utf8')) as T;
    },
  };
}
