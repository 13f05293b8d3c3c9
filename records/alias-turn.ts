/** Aliases while index keys are rotated: each stands under both keys, and whichever was first says the rid. */
import { randomUUID } from 'node:crypto';
import type { DataKey, Queryable } from '@afar/platform';
import type { Named } from './aliases.ts';
import { aliasToken } from './tokens.ts';

/** A clinic's key, of which two index keys are in use. */
export type Turning = Pick<DataKey, 'indexes' | 'indexVersions'>;

interface Row {
  type: string;
  token: number | string;
  rid: string;
}

/**
 * Rids in the order of the names. A process that still knows the old key alone (while the old one is written) and one that
 * knows the new key alone (while the new one is written) must come to one rid for one id with those that know both: the
 * token under the written key has the last word, and the other is made to agree.
 */
export async function aliasesInTurn(
  sql: Queryable,
  tenant: number,
  names: readonly Named[],
  { indexes, indexVersions }: Turning,
  make: boolean,
): Promise<(string | undefined)[]> {
  const tokens = indexes.map((index) =>
    names.map((one) => String(aliasToken(index, one.type, one.id))),
  );
  const types = names.map((one) => one.type);
  const { rows } = await sql.query<Row>({
    name: 'records.alias-turn-find',
    text: `select a.type, a.token, a.rid from unnest($2::text[], $3::bigint[]) x(type, token)
           join records.alias a on a.tenant = $1 and a.type = x.type and a.token = x.token`,
    values: [tenant, tokens.flatMap(() => types), tokens.flat()],
  });
  const found = new Map(rows.map((row) => [`${row.type} ${row.token}`, row.rid]));
  const rids = names.map((one, at) =>
    tokens.map((list) => found.get(`${one.type} ${list[at]}`)).find((rid) => rid !== undefined),
  );
  if (!make || rids.every((rid) => rid !== undefined)) return rids;
  const [written, other] = [tokens[0]!, tokens.at(-1)!];
  const [version, otherVersion] = [indexVersions[0]!, indexVersions.at(-1)!];
  const wanted = rids.map((rid) => rid ?? randomUUID());
  const first = await claim(sql, tenant, types, other, wanted, otherVersion);
  const final = await claim(sql, tenant, types, written, first, version);
  const differ = final.flatMap((rid, at) => (rid === first[at] ? [] : [at]));
  if (differ.length > 0)
    await sql.query({
      name: 'records.alias-turn-agree',
      text: `update records.alias a set rid = x.rid
             from unnest($2::text[], $3::bigint[], $4::uuid[]) x(type, token, rid)
             where a.tenant = $1 and a.type = x.type and a.token = x.token`,
      values: [
        tenant,
        differ.map((at) => types[at]),
        differ.map((at) => other[at]),
        differ.map((at) => final[at]),
      ],
    });
  return final;
}

/** The rids that stand under the tokens now: those given, or those that were there before. */
async function claim(
  sql: Queryable,
  tenant: number,
  types: string[],
  tokens: string[],
  rids: string[],
  version: number,
): Promise<string[]> {
  const { rows } = await sql.query<Row>({
    name: 'records.alias-turn-claim',
    text: `insert into records.alias as a (tenant, type, token, rid, index_version)
           select distinct on (x.type, x.token) $1::int, x.type, x.token, x.rid, $5::int
           from unnest($2::text[], $3::bigint[], $4::uuid[]) x(type, token, rid)
           order by x.type, x.token
           on conflict (tenant, type, token) do update set rid = a.rid
           returning type, token, rid`,
    values: [tenant, types, tokens, rids, version],
  });
  const standing = new Map(rows.map((row) => [`${row.type} ${row.token}`, row.rid]));
  return tokens.map((token, at) => standing.get(`${types[at]} ${token}`)!);
}

/** Gives names that stand under the older key a token under the one that is written; the rid stays. */
export async function copyAliases(
  sql: Queryable,
  tenant: number,
  names: readonly Named[],
  { indexes, indexVersions }: Turning,
): Promise<void> {
  const [written, other] = [indexes[0]!, indexes.at(-1)!];
  if (written === other || names.length === 0) return;
  await sql.query({
    name: 'records.alias-turn-copy',
    text: `insert into records.alias (tenant, type, token, rid, index_version)
           select distinct on (x.type, x.fresh) $1::int, x.type, x.fresh, a.rid, $5::int
           from unnest($2::text[], $3::bigint[], $4::bigint[]) x(type, older, fresh)
           join records.alias a on a.tenant = $1 and a.type = x.type and a.token = x.older
           order by x.type, x.fresh
           on conflict do nothing`,
    values: [
      tenant,
      names.map((one) => one.type),
      names.map((one) => String(aliasToken(other, one.type, one.id))),
      names.map((one) => String(aliasToken(written, one.type, one.id))),
      indexVersions[0]!,
    ],
  });
}
