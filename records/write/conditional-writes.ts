/**
 * Conditional update, patch and delete [FHIR R4 http.html#cond-update, #patch, #3.1.0.7.1]: what to write is found by a
 * search, under a lock that makes rivals of one condition take turns. What the caller cannot see does not match.
 */
import { Refusal, withId } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import { requireInScope, requireMay, requireType, requireValid } from '../checks.ts';
import { ridOf } from '../read/read.ts';
import { currentRow, currentRows } from '../read/rows.ts';
import type { Patch, Stored, UpdateOptions } from '../types.ts';
import { commit } from './commit.ts';
import { criteriaOf, lockConditions, matchConditions } from './conditional.ts';
import type { Criteria } from './conditional.ts';
import { create, patch, update } from './operations.ts';
import type { Scene } from './operations.ts';
import { noteConditions } from './condition-notes.ts';

/** The query part of an address, decoded. */
export type Query = readonly (readonly [string, string])[];

/** One conditional delete takes this many at most: more is a mistake, or work for an export and a plan. */
export const mostDeleted = 100;

function conditionOf({ ctx }: Scene, type: string, query: Query): Criteria {
  requireType(type);
  if (ctx.virtuals.has(type))
    throw new Refusal('not-supported', { diagnostics: `${type} is not written by a condition` });
  return criteriaOf(type, query);
}

/**
 * No match: created, under the id of the body if it has one that is free; one: updated; more: refused.
 * @throws Refusal `multiple-matches` (412), `invalid` (400) when the body names another id than the match,
 *   `conflict` (409) when nothing matches and the body's id is taken
 */
export async function conditionalUpdate<T extends Resource>(
  scene: Scene,
  query: Query,
  resource: T,
  opts: UpdateOptions = {},
): Promise<Stored<T>> {
  const { ctx, sql, caller } = scene;
  requireValid(resource as unknown);
  const { resourceType: type, id } = resource;
  requireMay(caller, 'update', type);
  const criteria = conditionOf(scene, type, query);
  await lockConditions(ctx, sql, caller.tenant, [criteria], [resource]);
  const [found = []] = await matchConditions(ctx, sql, caller, [criteria]);
  if (found.length > 1) throw new Refusal('multiple-matches');
  const [match] = found;
  if (match) {
    if (id !== undefined && id !== match.id)
      throw new Refusal('invalid', {
        diagnostics: 'the id of the body is not the one of the match',
        expression: [`${type}.id`],
      });
    return update(scene, withId(resource, match.id), opts);
  }
  if (opts.ifMatch !== undefined) throw new Refusal('version-conflict');
  if (id !== undefined) await requireFree(scene, type, id);
  const made =
    id === undefined ? await create(scene, resource) : await update(scene, resource, opts);
  await noteConditions(ctx, sql, caller, [{ criteria, made }]);
  return made;
}

/** @throws Refusal `conflict` when the caller sees something there; what is hidden is answered as by a plain update */
async function requireFree({ ctx, sql, caller }: Scene, type: string, id: string): Promise<void> {
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  const row = rid && (await currentRow(sql, caller, 'update', { type, rid }));
  if (row && !row.deleted) throw new Refusal('conflict');
}

/** @throws Refusal `not-found` when nothing matches, `multiple-matches` (412) */
export async function conditionalPatch(
  scene: Scene,
  { type, query, operations }: { type: string; query: Query; operations: Patch },
  opts: UpdateOptions = {},
): Promise<Stored> {
  const { ctx, sql, caller } = scene;
  const criteria = conditionOf(scene, type, query);
  requireMay(caller, 'patch', type);
  await lockConditions(ctx, sql, caller.tenant, [criteria]);
  const [found = []] = await matchConditions(ctx, sql, caller, [criteria]);
  if (found.length > 1) throw new Refusal('multiple-matches');
  if (!found[0]) throw new Refusal('not-found');
  return patch(scene, { type, id: found[0].id, operations }, opts);
}

/**
 * Deletes every match, all or none.
 * @param query its criteria, and with `_count` how many it may be
 * @returns the versions that say so; none when nothing matched
 * @throws Refusal `multiple-matches` (412) when there are more than `_count`, and than `mostDeleted`
 */
export async function conditionalRemove(
  scene: Scene,
  { type, query }: { type: string; query: Query },
): Promise<Stored[]> {
  const { ctx, sql, caller } = scene;
  const { query: criteriaOnly, most } = deletionOf(query);
  const criteria = conditionOf(scene, type, criteriaOnly);
  requireMay(caller, 'delete', type);
  await lockConditions(ctx, sql, caller.tenant, [criteria]);
  const [found = []] = await matchConditions(ctx, sql, caller, [criteria], most + 1);
  if (found.length > most)
    throw new Refusal('multiple-matches', {
      diagnostics: `more than ${most}: narrow the condition${most < mostDeleted ? ', or raise _count' : ''}`,
    });
  const rows = await currentRows(
    sql,
    caller,
    'delete',
    found.map(({ rid }) => ({ type, rid })),
  );
  const intents = [];
  for (const row of rows) {
    const stored: Stored = await ctx.vault.stored(caller.tenant, row);
    requireInScope(caller, 'delete', stored);
    const current = { row, stored };
    intents.push({ verb: 'DELETE' as const, type, id: stored.id, rid: row.rid, current });
  }
  return commit(ctx, sql, caller, intents);
}

/** The criteria of a conditional delete, and how many it may take. @throws Refusal `invalid` */
export function deletionOf(query: Query): { query: Query; most: number } {
  const asked = query.findLast(([name]) => name === '_count')?.[1];
  if (asked !== undefined && !/^[1-9]\d{0,8}$/.test(asked))
    throw new Refusal('invalid', { diagnostics: '_count: a whole number from 1' });
  return {
    query: query.filter(([name]) => name !== '_count'),
    most: Math.min(Number(asked ?? mostDeleted), mostDeleted),
  };
}
