/** Writes to types that a room keeps itself: handed to the room, answered like any other version. */
import type { Caller, Verb } from '@afar/access';
import { applyPatch, Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import { inScope, requireInScope, requireValid, requireVersion } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import { virtualStored } from '../read/read.ts';
import type { Patch, Stored, VirtualProvider, VirtualWrites } from '../types.ts';

export interface HouseKept {
  create<T extends Resource>(caller: Caller, resource: T): Promise<Stored<T>>;
  update<T extends Resource>(
    caller: Caller,
    resource: T,
    ifMatch?: string | number,
  ): Promise<Stored<T>>;
  patch(
    caller: Caller,
    what: { type: string; id: string; operations: Patch },
    ifMatch?: string | number,
  ): Promise<Stored>;
  remove(
    caller: Caller,
    what: { type: string; id: string },
    ifMatch?: string | number,
  ): Promise<Stored>;
}

/**
 * Undefined for what is stored here. Role and type were asked before.
 * @throws Refusal `not-supported`: a computed type is not written
 */
export function houseKept(ctx: RecordsContext, type: string): HouseKept | undefined {
  const provider = ctx.virtuals.get(type);
  if (!provider) return undefined;
  const { writes } = provider;
  if (!writes)
    throw new Refusal('not-supported', { diagnostics: `${type} is computed, not stored` });
  return kept(type, provider, writes);
}

/** @throws Refusal `forbidden`: what is written must lie within the granular scope that lets it be written */
function requireWithin(caller: Caller, verb: Verb, resource: Resource): void {
  if (!inScope(caller, verb, { resource })) throw new Refusal('forbidden');
}

function kept(type: string, provider: VirtualProvider, writes: VirtualWrites): HouseKept {
  async function current(
    caller: Caller,
    verb: 'update' | 'patch' | 'delete',
    id: string,
    ifMatch: string | number | undefined,
  ): Promise<Stored> {
    const stored = virtualStored(await provider.read(caller, id), type);
    requireInScope(caller, verb, stored);
    requireVersion(ifMatch, stored.version);
    return stored;
  }
  const replaced = async <T extends Resource>(
    caller: Caller,
    resource: T,
    version: number,
  ): Promise<Stored<T>> => virtualStored<T>(await writes.update(caller, resource, version), type);

  return {
    async create<T extends Resource>(caller: Caller, resource: T) {
      requireWithin(caller, 'create', resource);
      const stored = virtualStored<T>(await writes.create(caller, resource), type);
      return Object.assign(stored, { created: true });
    },
    async update<T extends Resource>(caller: Caller, resource: T, ifMatch?: string | number) {
      const before = await current(caller, 'update', resource.id ?? '', ifMatch);
      requireWithin(caller, 'update', resource);
      return replaced(caller, resource, before.version);
    },
    async patch(caller, { id, operations }, ifMatch) {
      const before = await current(caller, 'patch', id, ifMatch);
      const resource = applyPatch(before.resource, operations);
      requireValid(resource, type);
      requireWithin(caller, 'patch', resource);
      return replaced(caller, resource, before.version);
    },
    async remove(caller, { id }, ifMatch) {
      const before = await current(caller, 'delete', id, ifMatch);
      await writes.remove(caller, id);
      return before;
    },
  };
}
