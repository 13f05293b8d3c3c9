/** Current versions under new keys: bodies sealed anew, tokens made anew, a stretch at a time beside reads and writes. */
import type { Resource } from '@afar/fhir';
import { columnCensus, givingWay, KeyErased, kidOf } from '@afar/platform';
import type { DataKey, SealedStore, Walk, Walked } from '@afar/platform';
import { isRid } from '../aliases.ts';
import type { Named } from '../aliases.ts';
import { copyAliases } from '../alias-turn.ts';
import type { RecordsContext } from '../context.ts';
import type { ParameterSet } from '../parameters/registry.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { factsOf, indexKeysOf } from '../write/facts.ts';
import { withLocalReferences } from '../write/names.ts';
import { currentKeys } from './owner-family.ts';
import { fhirUrlOf } from '../fhir-url.ts';

interface Current extends Row {
  tokens: (number | string)[];
}

interface Moved {
  type: string;
  rid: string;
  version: number;
  body: Buffer;
  tokens: string[];
}

/** A page of a table in the order of its key, and the keys its rows should be under. */
async function page(ctx: RecordsContext, { tenant, after, limit }: Walk) {
  const [type, rid] = after === undefined ? ['', null] : (JSON.parse(after) as [string, string]);
  const { rows } = await ctx.db.query<Current>({
    name: after === undefined ? 'records.rotation-first' : 'records.rotation-next',
    text: `select ${rowColumns('r')}, r.tokens from records.resource r where r.tenant = $1
      ${after === undefined ? '' : 'and (r.type, r.rid) > ($3, $4::uuid)'}
      order by r.type, r.rid limit $2`,
    values: after === undefined ? [tenant, limit] : [tenant, limit, type, rid],
  });
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { rows, next: last && JSON.stringify([last.type, last.rid]) };
}

/** The rows of a page that do not stand as they would if they were written now. */
async function changes(ctx: RecordsContext, tenant: number, rows: Current[]): Promise<Moved[]> {
  const own = await ctx.keys.tenant(tenant);
  const owners = rows.flatMap(({ owner }) => (owner ? [owner] : []));
  const params = ctx.parameters.current(tenant) ?? (await ctx.parameters.load(tenant));
  const keys = await currentKeys(ctx.db, ctx.keys, tenant, owners);
  const changed: Moved[] = [];
  const names: Named[] = [];
  for (const row of rows) {
    const key = row.owner ? keys.get(row.owner) : own;
    if (!key) continue;
    try {
      const moved = await asWrittenNow(ctx, tenant, row, own, key, names, params);
      if (moved) changed.push(moved);
    } catch (error) {
      if (!(error instanceof KeyErased)) throw error;
    }
  }
  await copyAliases(ctx.db, tenant, names, own);
  return changed;
}

async function asWrittenNow(
  ctx: RecordsContext,
  tenant: number,
  row: Current,
  own: DataKey,
  key: DataKey,
  names: Named[],
  params: ParameterSet,
): Promise<Moved | undefined> {
  const stale = kidOf(row.body) !== key.kid;
  // One index key: it has never been rotated, and no token can stand under another.
  const turned = own.others.length > 0 || key.others.length > 0;
  if (!stale && !turned) return undefined;
  const json = await ctx.vault.open(tenant, row);
  const before = row.tokens.map(String);
  const tokens = turned
    ? tokensOf(ctx, row, json, own, key, names, params, `${fhirUrlOf(ctx, tenant)}/`)
    : before;
  const kept = new Set(before);
  if (!stale && tokens.length === kept.size && tokens.every((one) => kept.has(one)))
    return undefined;
  const body = stale ? ctx.vault.seal(tenant, row, json, key) : row.body;
  return { type: row.type, rid: row.rid, version: row.version, body, tokens };
}

function tokensOf(
  ctx: RecordsContext,
  { type, rid, verb, updated, deleted }: Row,
  json: Buffer,
  own: DataKey,
  key: DataKey,
  names: Named[],
  params: ParameterSet,
  fhirUrl: string,
): string[] {
  const resource = JSON.parse(json.toString()) as Resource;
  const intent = { verb, type, id: resource.id ?? rid, rid, resource };
  if (!isRid(intent.id)) names.push({ type, id: intent.id });
  // What was deleted is found by its id alone.
  if (deleted) return [];
  const { indexed } = withLocalReferences(intent, fhirUrl, params);
  for (const { type: target, id } of indexed?.references ?? [])
    if (target && id && !isRid(id)) names.push({ type: target, id });
  // Edges are in the clear and stay: only tokens are asked for.
  const ridOf = (_type: string, id: string) => (isRid(id) ? id : undefined);
  return indexed ? factsOf(resource, indexed, indexKeysOf(own, key), ridOf, updated).tokens : [];
}

/** The version is what it was when it was read, or somebody has written it anew under the current keys. */
const move = `with x as (
    select * from unnest($2::text[], $3::uuid[], $4::int[], $5::bytea[], $6::text[])
      as x(type, rid, version, body, tokens)),
  held as materialized (
    select r.type, r.rid, r.at, r.tokens from records.resource r
      join x on r.tenant = $1 and r.type = x.type and r.rid = x.rid and r.version = x.version
    for update of r skip locked),
  moved as (
    update records.resource r set body = x.body, tokens = x.tokens::bigint[]
    from x join held on held.type = x.type and held.rid = x.rid
    where r.tenant = $1 and r.type = x.type and r.rid = x.rid and r.version = x.version
    returning 1),
  gone as (
    delete from records.token t using held h join x on h.type = x.type and h.rid = x.rid
    where t.tenant = $1 and t.token = any(h.tokens) and t.at = h.at and t.rid = h.rid
      and t.token <> all(x.tokens::bigint[])),
  born as (
    insert into records.token (tenant, token, at, rid)
    select $1, n, h.at, h.rid from held h join x on h.type = x.type and h.rid = x.rid, unnest(x.tokens::bigint[]) n
    on conflict do nothing)
  select count(*)::int as n from moved`;

export function resourceStore(ctx: RecordsContext): SealedStore {
  return {
    name: 'records.resource',
    fate: 'resealed',
    census: (db, tenant) => columnCensus(db, tenant, { table: 'records.resource', column: 'body' }),
    async reseal(walk: Walk): Promise<Walked> {
      const { rows, next } = await page(ctx, walk);
      const changed = await changes(ctx, walk.tenant, rows);
      let moved = 0;
      if (changed.length > 0) {
        const done = await givingWay(ctx.db, (tx) =>
          tx.query<{ n: number }>({
            name: 'records.rotation-move',
            text: move,
            values: [
              walk.tenant,
              changed.map((one) => one.type),
              changed.map((one) => one.rid),
              changed.map((one) => one.version),
              changed.map((one) => one.body),
              changed.map((one) => `{${one.tokens.join()}}`),
            ],
          }),
        );
        moved = done?.rows[0]?.n ?? 0;
      }
      return { seen: rows.length, moved, busy: changed.length - moved, ...(next && { next }) };
    },
  };
}
