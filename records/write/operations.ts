/** create, update, patch and delete of one resource, inside whatever transaction `sql` is. */
import type { Caller } from '@afar/access';
import { may } from '@afar/access';
import { applyPatch, Refusal, withId } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import {
  inScope,
  requireId,
  requireInScope,
  requireMay,
  requireType,
  requireValid,
  requireVersion,
} from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { ridOf } from '../read/read.ts';
import { currentRow } from '../read/rows.ts';
import type { Patch, Stored, UpdateOptions } from '../types.ts';
import { uuid7 } from '../uuid7.ts';
import { commit } from './commit.ts';
import type { CommitOptions } from './commit.ts';
import { criteriaOf, lockConditions, matchConditions } from './conditional.ts';
import { StaleWrite } from './errors.ts';
import { houseKept } from './house-kept.ts';
import type { HouseKept } from './house-kept.ts';
import { instantOf } from './instant.ts';
import type { Current } from './intent.ts';
import { noteConditions } from './condition-notes.ts';

export interface Scene {
  ctx: StoreContext;
  sql: Queryable;
  caller: Caller;
}

/**
 * A room writes what it keeps on a connection of its own: inside a transaction it would be no part of it, and would wait for
 * a second connection while the first is held.
 * @throws Refusal `not-supported`
 */
function keptOutside(
  { ctx, sql }: Pick<Scene, 'ctx' | 'sql'>,
  type: string,
): HouseKept | undefined {
  const kept = houseKept(ctx, type);
  if (kept && sql !== ctx.db)
    throw new Refusal('not-supported', { diagnostics: `${type} is no part of a transaction` });
  return kept;
}

/** [FHIR R4 http.html#create] The client's id is not used. */
export async function create<T extends Resource>(
  { ctx, sql, caller }: Scene,
  resource: T,
  opts: CommitOptions & { ifNoneExist?: string } = {},
): Promise<Stored<T>> {
  const type = resource?.resourceType;
  requireValid(resource as unknown);
  requireType(type);
  requireMay(caller, 'create', type);
  const kept = keptOutside({ ctx, sql }, type);
  if (kept && opts.ifNoneExist === undefined) return kept.create(caller, resource);
  if (kept)
    throw new Refusal('not-supported', { diagnostics: `${type} has no conditional create` });
  if (opts.ifNoneExist !== undefined) {
    // [FHIR R4 http.html#ccreate] What the caller cannot see does not match.
    const criteria = criteriaOf(type, opts.ifNoneExist);
    await lockConditions(ctx, sql, caller.tenant, [criteria], [resource]);
    const [found = []] = await matchConditions(ctx, sql, caller, [criteria]);
    if (found.length > 1) throw new Refusal('multiple-matches');
    if (found[0]) return found[0] as Stored<T>;
    const stored = await createNew({ ctx, sql, caller }, resource, opts);
    await noteConditions(ctx, sql, caller, [{ criteria, made: stored }]);
    return stored;
  }
  return createNew({ ctx, sql, caller }, resource, opts);
}

async function createNew<T extends Resource>(
  { ctx, sql, caller }: Scene,
  resource: T,
  opts: CommitOptions,
): Promise<Stored<T>> {
  const type = resource.resourceType;
  const rid = uuid7(instantOf(caller, ctx.clock));
  const whole = withId(resource, rid);
  const intent = { verb: 'POST' as const, type, id: rid, rid, resource: whole };
  const [stored] = await commit(ctx, sql, caller, [intent], opts);
  return stored as unknown as Stored<T>;
}

/** The version a change stands on; undefined when the caller sees none. */
export async function currentOf(
  { ctx, sql, caller }: Scene,
  verb: 'update' | 'patch' | 'delete',
  type: string,
  rid: string,
): Promise<Current | undefined> {
  const row = await currentRow(sql, caller, verb, { type, rid });
  if (!row) return undefined;
  const stored = await ctx.vault.stored(caller.tenant, row);
  requireInScope(caller, verb, stored);
  return { row, stored };
}

/**
 * [RFC 9110 13.1.2] `If-None-Match: *` writes only what is not there yet.
 * @throws Refusal `precondition-failed`, `invalid` for anything else than the asterisk
 */
export function requireNone(ifNoneMatch: string | undefined, current: Current | undefined): void {
  if (ifNoneMatch === undefined) return;
  if (ifNoneMatch.trim() !== '*')
    throw new Refusal('invalid', { diagnostics: 'If-None-Match: expected * on a write' });
  if (current && !current.row.deleted) throw new Refusal('precondition-failed');
}

/**
 * [FHIR R4 http.html#update] A new id creates [http.html#upsert]; ids that are no UUIDs are kept as aliases.
 * @throws Refusal `version-conflict` (412), `not-found` for what is hidden
 */
export async function update<T extends Resource>(
  scene: Scene,
  resource: T,
  { ifMatch, ifNoneMatch, ...opts }: UpdateOptions & CommitOptions = {},
): Promise<Stored<T>> {
  const { ctx, sql, caller } = scene;
  requireValid(resource as unknown);
  const { resourceType: type, id } = resource;
  requireType(type);
  requireMay(caller, 'update', type);
  if (!id) throw new Refusal('invalid', { diagnostics: 'an id is needed', expression: ['id'] });
  requireId(id);
  const kept = keptOutside(scene, type);
  if (kept) return kept.update(caller, resource, ifMatch);
  const known = await ridOf(ctx, sql, caller.tenant, type, id);
  const current = known ? await currentOf(scene, 'update', type, known) : undefined;
  if (!current && ifMatch !== undefined) throw new Refusal('version-conflict');
  requireNone(ifNoneMatch, current);
  if (current) requireVersion(ifMatch, current.row.version);
  else if (!may(caller, 'create', type)) throw new Refusal('not-found');
  const rid = known ?? (await ctx.aliases.claim(sql, caller.tenant, [{ type, id }]))[0]!;
  const intent = { verb: 'PUT' as const, type, id, rid, resource, current };
  try {
    const [stored] = await commit(ctx, sql, caller, [intent], opts);
    return stored as unknown as Stored<T>;
  } catch (error) {
    if (!(error instanceof StaleWrite)) throw error;
    if (ifMatch !== undefined) throw new Refusal('version-conflict');
    throw new StaleWrite(current === undefined);
  }
}

/**
 * A patch tells what was there: by a test, by an operation that does not apply, by a result that is not valid.
 * @throws Refusal `forbidden` for who may write but not read
 */
export function requireReadable(caller: Caller, { stored }: Current): void {
  requireMay(caller, 'read', stored.type);
  if (!inScope(caller, 'read', stored)) throw new Refusal('forbidden');
}

/** [FHIR R4 http.html#patch] JSON Patch or FHIRPath Patch. */
export async function patch(
  scene: Scene,
  { type, id, operations }: { type: string; id: string; operations: Patch },
  { ifMatch, ...opts }: UpdateOptions & CommitOptions = {},
): Promise<Stored> {
  const { ctx, sql, caller } = scene;
  requireType(type);
  requireMay(caller, 'patch', type);
  requireMay(caller, 'read', type);
  requireId(id);
  const kept = keptOutside(scene, type);
  if (kept) return kept.patch(caller, { type, id, operations }, ifMatch);
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const current = rid ? await currentOf(scene, 'patch', type, rid) : undefined;
  if (!rid || !current) throw new Refusal('not-found');
  requireReadable(caller, current);
  requireVersion(ifMatch, current.row.version);
  if (current.row.deleted) throw new Refusal('gone');
  const resource = applyPatch(current.stored.resource, operations);
  requireValid(resource, type);
  const intent = { verb: 'PATCH' as const, type, id, rid, resource, current };
  try {
    return (await commit(ctx, sql, caller, [intent], opts))[0]!;
  } catch (error) {
    if (!(error instanceof StaleWrite) || ifMatch === undefined) throw error;
    throw new Refusal('version-conflict');
  }
}

/**
 * [FHIR R4 http.html#delete] Deleting what is deleted changes nothing.
 * @returns the version that says so
 */
export async function remove(
  scene: Scene,
  { type, id }: { type: string; id: string },
  { ifMatch, ...opts }: UpdateOptions & CommitOptions = {},
): Promise<Stored> {
  const { ctx, sql, caller } = scene;
  requireType(type);
  requireMay(caller, 'delete', type);
  requireId(id);
  const kept = keptOutside(scene, type);
  if (kept) return kept.remove(caller, { type, id }, ifMatch);
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const current = rid ? await currentOf(scene, 'delete', type, rid) : undefined;
  if (!rid || !current) throw new Refusal('not-found');
  requireVersion(ifMatch, current.row.version);
  if (current.row.deleted) return current.stored;
  const intent = { verb: 'DELETE' as const, type, id, rid, current };
  return (await commit(ctx, sql, caller, [intent], opts))[0]!;
}
