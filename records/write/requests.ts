/** Writes as requests: each a transaction of its own, run again when somebody was faster, answered once for one key. */
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import { telling } from '../reach-changes.ts';
import { vread } from '../read/read.ts';
import type { CreateOptions, Patch, Stored, UpdateOptions } from '../types.ts';
import { again } from './again.ts';
import { AnsweredMeanwhile } from './errors.ts';
import { answeredBefore, idempotent } from './idempotency.ts';
import type { Answered } from './idempotency.ts';
import { conditionalPatch, conditionalRemove, conditionalUpdate } from './conditional-writes.ts';
import type { Query } from './conditional-writes.ts';
import { create, patch, remove, update } from './operations.ts';
import type { Scene } from './operations.ts';

/** A single statement is its own transaction; only a condition needs one around it. */
export async function createRequest<T extends Resource>(
  ctx: StoreContext,
  caller: Caller,
  resource: T,
  { ifNoneExist, idempotencyKey }: CreateOptions = {},
): Promise<Stored<T>> {
  const run = (opts: Parameters<typeof create<T>>[2]) =>
    again(() =>
      ifNoneExist === undefined
        ? create({ ctx, sql: ctx.db, caller }, resource, opts)
        : telling(ctx, (sql) => create({ ctx, sql, caller }, resource, { ...opts, ifNoneExist }), {
            retries: 0,
          }),
    );
  if (idempotencyKey === undefined) return run({});
  const key = await idempotent(ctx, caller, idempotencyKey, [
    'POST',
    resource,
    ifNoneExist ?? null,
  ]);
  const replay = async (answered: Answered): Promise<Stored<T>> => {
    const { type, id, version } = answered.versions[0]!;
    const stored = (await vread(ctx, ctx.db, caller, type, id, version)) as Stored<T>;
    return Object.assign(stored, { created: true });
  };
  const before = await answeredBefore(ctx, ctx.db, caller, key);
  if (before) return replay(before);
  try {
    return await run({
      answer: ([one]) =>
        key.seal({
          versions: [{ type: one!.type, id: one!.id, version: one!.version, status: 201 }],
        }),
    });
  } catch (error) {
    if (!(error instanceof AnsweredMeanwhile)) throw error;
    const answered = await answeredBefore(ctx, ctx.db, caller, key);
    if (!answered) throw new Refusal('conflict');
    return replay(answered);
  }
}

export function updateRequest<T extends Resource>(
  ctx: StoreContext,
  caller: Caller,
  resource: T,
  opts?: UpdateOptions,
): Promise<Stored<T>> {
  return again(() => update({ ctx, sql: ctx.db, caller }, resource, opts));
}

export function patchRequest(
  ctx: StoreContext,
  caller: Caller,
  what: { type: string; id: string; operations: Patch },
  opts?: UpdateOptions,
): Promise<Stored> {
  return again(() => patch({ ctx, sql: ctx.db, caller }, what, opts));
}

export function removeRequest(
  ctx: StoreContext,
  caller: Caller,
  what: { type: string; id: string },
  opts?: UpdateOptions,
): Promise<Stored> {
  return again(() => remove({ ctx, sql: ctx.db, caller }, what, opts));
}

/** A condition holds locks until the commit: it needs a transaction around it. */
function conditionally<T>(
  ctx: StoreContext,
  caller: Caller,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  return again(() => telling(ctx, (sql) => work({ ctx, sql, caller }), { retries: 0 }));
}

export function conditionalUpdateRequest<T extends Resource>(
  ctx: StoreContext,
  caller: Caller,
  query: Query,
  resource: T,
  opts?: UpdateOptions,
): Promise<Stored<T>> {
  return conditionally(ctx, caller, (scene) => conditionalUpdate(scene, query, resource, opts));
}

export function conditionalPatchRequest(
  ctx: StoreContext,
  caller: Caller,
  what: { type: string; query: Query; operations: Patch },
  opts?: UpdateOptions,
): Promise<Stored> {
  return conditionally(ctx, caller, (scene) => conditionalPatch(scene, what, opts));
}

export function conditionalRemoveRequest(
  ctx: StoreContext,
  caller: Caller,
  what: { type: string; query: Query },
): Promise<Stored[]> {
  return conditionally(ctx, caller, (scene) => conditionalRemove(scene, what));
}
