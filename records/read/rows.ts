/** Rows by their key, each behind the policy. */
import type { Caller, Verb } from '@afar/access';
import type { Queryable } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';

export interface Key {
  type: string;
  rid: string;
}

/** A row with the tokens that an update has to take out. */
export interface CurrentRow extends Row {
  tokens: (number | string)[];
}

/** The current version if the caller may see it; deleted ones too. */
export async function currentRow(
  sql: Queryable,
  caller: Caller,
  verb: Verb,
  key: Key,
): Promise<CurrentRow | undefined> {
  const params = new Params();
  const table = scoped(key.type, 'r', caller, params, { verb });
  const { rows } = await sql.query<CurrentRow>(
    prepared(
      `select ${rowColumns('r')}, r.tokens from ${table.from}
       where r.rid = ${params.add(key.rid)}::uuid and ${table.where}`,
      params.values,
    ),
  );
  return rows[0];
}

/** The same for many, in no order; what the caller may not see is not there. */
export async function currentRows(
  sql: Queryable,
  caller: Caller,
  verb: Verb,
  keys: readonly Key[],
): Promise<CurrentRow[]> {
  if (keys.length === 0) return [];
  const params = new Params();
  const table = scoped([...new Set(keys.map((key) => key.type))].sort(), 'r', caller, params, {
    verb,
  });
  const { rows } = await sql.query<CurrentRow>(
    prepared(
      `select ${rowColumns('r')}, r.tokens
       from unnest(${params.add(keys.map((key) => key.type))}::text[], ${params.add(keys.map((key) => key.rid))}::uuid[])
         k(type, rid)
       join ${table.from} on r.type = k.type and r.rid = k.rid where ${table.where}`,
      params.values,
    ),
  );
  return rows;
}

/** One version, current or superseded. The current row's policy is asked too: who may not see today's may not see last year's. */
export async function versionRow(
  sql: Queryable,
  caller: Caller,
  key: Key,
  version: number,
): Promise<Row | undefined> {
  const params = new Params();
  const now = scoped(key.type, 'r', caller, params, { verb: 'vread' });
  const then = scoped(key.type, 'h', caller, params, { verb: 'vread', table: 'history' });
  const rid = params.add(key.rid);
  const wanted = params.add(version);
  const { rows } = await sql.query<Row>(
    prepared(
      `select ${rowColumns('r')} from ${now.from}
         where r.rid = ${rid}::uuid and r.version = ${wanted}::int and ${now.where}
       union all
       select ${rowColumns('h')} from ${now.from} join ${then.from} on h.rid = r.rid
         where r.rid = ${rid}::uuid and h.version = ${wanted}::int and ${now.where} and ${then.where}`,
      params.values,
    ),
  );
  return rows[0];
}
