/** Which data key seals what a patient owns: looked up once, then remembered. */
import type { DataKey, KeyRing, Queryable } from '@afar/platform';
import { Lru } from './lru.ts';

export interface OwnerKeys {
  /** The keys of patients that have one; a patient without is absent. One query at most. */
  of(sql: Queryable, tenant: number, owners: readonly string[]): Promise<Map<string, DataKey>>;
  /** Without waiting, when all it needs is in memory. */
  cached(tenant: number, owner: string): DataKey | undefined;
}

export function createOwnerKeys({ db, keys }: { db: Queryable; keys: KeyRing }): OwnerKeys {
  // Kids of families only, never keys: an erased key is gone from the ring, a changed one changed, whatever stands here.
  const kids = new Lru<string, string>(100_000);

  function cached(tenant: number, owner: string): DataKey | undefined {
    const kid = kids.get(`${tenant} ${owner}`);
    return kid === undefined ? undefined : keys.currentCached(tenant, kid);
  }

  return {
    cached,
    async of(sql, tenant, owners) {
      const found = new Map<string, DataKey>();
      const missing: string[] = [];
      for (const owner of new Set(owners)) {
        const key = cached(tenant, owner);
        if (key) found.set(owner, key);
        else missing.push(owner);
      }
      if (missing.length === 0) return found;
      const { rows } = await sql.query<{ owner: string; kid: string }>({
        name: 'records.owner-keys',
        text: `select owner, kid from records.owner_key where tenant = $1 and owner = any($2::uuid[])`,
        values: [tenant, missing],
      });
      for (const { owner, kid } of rows) {
        // Inside a transaction the key may be its own and never come to be: not remembered.
        if (sql === db) kids.set(`${tenant} ${owner}`, kid);
        found.set(owner, await keys.current(tenant, kid));
      }
      return found;
    },
  };
}
