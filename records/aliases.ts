/** Ids that clients chose and that are no UUIDs: a sealed-in token leads to the random id the store uses. */
import { randomUUID } from 'node:crypto';
import type { KeyRing, Queryable } from '@afar/platform';
import { Lru } from './lru.ts';
import { aliasesInTurn } from './alias-turn.ts';
import { aliasToken } from './tokens.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True when an id is its own rid: a UUID in the lower-case form. Any other spelling is an id like any other. */
export function isRid(id: string): boolean {
  return uuid.test(id);
}

export interface Named {
  type: string;
  id: string;
}

export interface Aliases {
  /** The rids of ids, in their order; undefined for an id nobody ever wrote or referred to. One query at most. */
  find(sql: Queryable, tenant: number, names: readonly Named[]): Promise<(string | undefined)[]>;
  /** The same, making an alias for each id that has none. */
  claim(sql: Queryable, tenant: number, names: readonly Named[]): Promise<string[]>;
}

export function createAliases({ db, keys }: { db: Queryable; keys: KeyRing }): Aliases {
  // An alias never changes once committed, so a known one needs no look at the table.
  const known = new Lru<string, string>(20_000);

  async function lookup(
    sql: Queryable,
    tenant: number,
    names: readonly Named[],
    make: boolean,
  ): Promise<(string | undefined)[]> {
    const missing = names.filter((one) => !isRid(one.id) && !known.has(keyOf(tenant, one)));
    const found = new Map<string, string>();
    if (missing.length > 0) {
      const { index, indexVersion, indexes, indexVersions } = await keys.tenant(tenant);
      if (indexes.length > 1) {
        // In a rotation of index keys: see alias-turn.ts.
        const turning = { indexes, indexVersions };
        const rids = await aliasesInTurn(sql, tenant, missing, turning, make);
        return names.map((one) =>
          isRid(one.id) ? one.id : (known.get(keyOf(tenant, one)) ?? rids[missing.indexOf(one)]),
        );
      }
      const wanted = new Map(
        missing.map((one) => [String(aliasToken(index, one.type, one.id)), one]),
      );
      const tokens = [...wanted.keys()];
      const types = [...wanted.values()].map((one) => one.type);
      const { rows } = await sql.query<{ token: number | string; rid: string; made: boolean }>(
        make
          ? {
              name: 'records.alias-claim',
              // The rival's row is not in this statement's snapshot: the no-op update makes it come back.
              text: `insert into records.alias as a (tenant, type, token, rid, index_version)
                     select $1, x.type, x.token, x.rid, $5
                     from unnest($2::text[], $3::bigint[], $4::uuid[]) x(type, token, rid)
                     order by x.type, x.token
                     on conflict (tenant, type, token) do update set rid = a.rid
                     returning token, rid`,
              values: [tenant, types, tokens, tokens.map(() => randomUUID()), indexVersion],
            }
          : {
              name: 'records.alias-find',
              text: `select a.token, a.rid from unnest($2::text[], $3::bigint[]) x(type, token)
                     join records.alias a on a.tenant = $1 and a.type = x.type and a.token = x.token`,
              values: [tenant, types, tokens],
            },
      );
      for (const row of rows) {
        const name = wanted.get(String(row.token))!;
        found.set(keyOf(tenant, name), row.rid);
        // Inside a transaction an alias may be its own and never come to be: not remembered.
        if (sql === db) known.set(keyOf(tenant, name), row.rid);
      }
    }
    return names.map((one) =>
      isRid(one.id) ? one.id : (known.get(keyOf(tenant, one)) ?? found.get(keyOf(tenant, one))),
    );
  }

  return {
    find: (sql, tenant, names) => lookup(sql, tenant, names, false),
    claim: async (sql, tenant, names) => (await lookup(sql, tenant, names, true)) as string[],
  };
}

function keyOf(tenant: number, { type, id }: Named): string {
  return `${tenant} ${type} ${id}`;
}
