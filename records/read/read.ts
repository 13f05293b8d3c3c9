/** read, vread and history [FHIR R4 http.html#read]: a hidden row is not found, a deleted one is gone for whoever could see it. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import { inScope, requireId, requireInScope, requireMay, requireType } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import type { HistoryPage, Stored } from '../types.ts';
import { Opened } from '../vault.ts';
import { versionRow, versionRows } from './rows.ts';

/** The rid of an id, or undefined when nobody ever wrote or named it. */
export async function ridOf(
  ctx: RecordsContext,
  sql: Queryable,
  tenant: number,
  type: string,
  id: string,
): Promise<string | undefined> {
  if (isRid(id)) return id;
  return (await ctx.aliases.find(sql, tenant, [{ type, id }]))[0];
}

/** @throws Refusal `forbidden`, `not-found`, `gone` */
export async function read<T extends Resource>(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  type: string,
  id: string,
): Promise<Stored<T>> {
  requireType(type);
  requireMay(caller, 'read', type);
  requireId(id);
  const virtual = ctx.virtuals.get(type);
  if (virtual) {
    const computed = virtualStored<T>(await virtual.read(caller, id), type);
    requireInScope(caller, 'read', computed);
    return computed;
  }
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const row = rid && (await ctx.points.read(sql, caller, { type, rid }));
  if (!row) throw new Refusal('not-found');
  const stored = await ctx.vault.stored<T>(caller.tenant, row);
  requireInScope(caller, 'read', stored);
  if (row.deleted) throw new Refusal('gone');
  return stored;
}

/** A computed resource, in the clothes of a stored one. */
export function virtualStored<T extends Resource>(
  resource: Resource | undefined,
  type: string,
): Stored<T> {
  if (!resource) throw new Refusal('not-found');
  const updated = Date.parse(resource.meta?.lastUpdated ?? '') || 0;
  const facts = {
    type,
    rid: resource.id ?? '',
    version: Number(resource.meta?.versionId) || 1,
    updated,
    verb: 'PUT' as const,
    deleted: false,
    at: updated,
    until: updated,
    owner: null,
    compartment_hash: Buffer.alloc(0),
    labels: [],
  };
  return new Opened<T>(facts, Buffer.from(JSON.stringify(resource)), {}, resource as T);
}

/** @throws Refusal `forbidden`, `not-found`, `gone` for the version that deleted it [FHIR R4 http.html#vread] */
export async function vread(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  type: string,
  id: string,
  version: number,
): Promise<Stored> {
  requireType(type);
  requireMay(caller, 'vread', type);
  requireId(id);
  if (ctx.virtuals.has(type)) {
    const stored = await read(ctx, sql, caller, type, id);
    if (stored.version !== version) throw new Refusal('not-found');
    return stored;
  }
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const row = rid && (await versionRow(sql, caller, { type, rid }, version));
  if (!row) throw new Refusal('not-found');
  const stored = await ctx.vault.stored(caller.tenant, row);
  requireInScope(caller, 'vread', stored);
  if (row.deleted) throw new Refusal('gone');
  return stored;
}

const maxInt = 2_147_483_647;

/**
 * [FHIR R4 http.html#history] Newest first. Versions outside a granular scope are left out.
 * @throws Refusal `forbidden`, `not-found`
 */
export async function history(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  type: string,
  id: string,
  { count = 50, before = maxInt }: { count?: number; before?: number } = {},
): Promise<HistoryPage> {
  requireType(type);
  requireMay(caller, 'history', type);
  requireId(id);
  if (ctx.virtuals.has(type)) return { entries: [await read(ctx, sql, caller, type, id)] };
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const rows = rid
    ? await versionRows(sql, caller, { type, rid }, { before, count: count + 1 })
    : [];
  if (rows.length === 0 && before === maxInt) throw new Refusal('not-found');
  const more = rows.length > count;
  const shown = more ? rows.slice(0, count) : rows;
  const opened = await Promise.all(shown.map(async (row) => ctx.vault.stored(caller.tenant, row)));
  const entries = opened.filter((one) => inScope(caller, 'history', one));
  return more ? { entries, next: shown.at(-1)!.version } : { entries };
}
