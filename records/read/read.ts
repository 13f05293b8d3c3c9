/** read and vread [FHIR R4 http.html#read]: a hidden row is not found, a deleted one is gone for whoever could see it. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import { requireId, requireInScope, requireMay, requireType } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { Opened } from '../vault.ts';
import { versionRow } from './rows.ts';

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
