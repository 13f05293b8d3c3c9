/** `$meta`, `$meta-add`, `$meta-delete`: profiles, tags and security labels, without the rest of the resource. */
import type { Coding, Meta, Parameters, Resource } from '@afar/fhir';
import { Refusal, resourceTypes } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import { requireMay } from '../checks.ts';
import { read } from '../read/read.ts';
import type { Records, Stored } from '../types.ts';
import { mayWalk } from '../walk/walk.ts';
import type { WalkKey, Walks } from '../walk/walk.ts';
import type { Inputs } from './inputs.ts';
import type { Operation, OperationAnswer, OperationCall } from './operation.ts';

/** [FHIR R4 resource-operations.html#meta] */
export function metaOperations(
  ctx: StoreContext,
  records: Pick<Records, 'update'>,
  walks: Walks,
): Operation[] {
  return [
    {
      name: 'meta',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta',
      on: ['system', 'type', 'instance'],
      affectsState: false,
      run: (call) => (call.id === undefined ? gathered(ctx, walks, call) : metaOf(ctx, call)),
    },
    {
      name: 'meta-add',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-add',
      on: ['instance'],
      affectsState: true,
      run: (call) => changed(ctx, records, call, added),
    },
    {
      name: 'meta-delete',
      definition: 'http://hl7.org/fhir/OperationDefinition/Resource-meta-delete',
      on: ['instance'],
      affectsState: true,
      run: (call) => changed(ctx, records, call, removed),
    },
  ];
}

const answer = (meta: Meta): OperationAnswer => ({
  body: {
    resourceType: 'Parameters',
    parameter: [{ name: 'return', valueMeta: meta }],
  } satisfies Parameters,
});

const told = ({ profile, tag, security }: Meta): Meta => ({
  ...(profile?.length && { profile }),
  ...(tag?.length && { tag }),
  ...(security?.length && { security }),
});

async function metaOf(ctx: StoreContext, call: OperationCall): Promise<OperationAnswer> {
  const stored = await read(ctx, ctx.db, call.caller, call.type!, call.id!);
  if (stored.owner) call.evidence.patients.push(stored.owner);
  return answer(stored.resource.meta ?? {});
}

/** Rows looked at for what a type or the whole house uses: a summary, not an inventory. */
const mostRows = 2_000;
const atATime = 500;
/** Of each type, when all are asked. */
const ofEach = 100;
const mostAttempts = 5;
/** Different profiles, tags or labels in one answer. */
const mostKinds = 1_000;

/**
 * All profiles, tags and labels in use, as far as the caller sees resources that use them: of the first 2,000 in order
 * of their ids, of each type asked for.
 */
async function gathered(
  ctx: StoreContext,
  walks: Walks,
  { caller, type, evidence }: OperationCall,
): Promise<OperationAnswer> {
  if (type !== undefined && !mayWalk(caller, type)) throw new Refusal('forbidden');
  const types = type === undefined ? resourceTypes.filter((one) => mayWalk(caller, one)) : [type];
  let meta: Meta = {};
  let left = mostRows;
  for (const one of types) {
    // A type has its share, so that the first of them does not hide the others.
    let share = type === undefined ? ofEach : mostRows;
    let after: WalkKey | undefined;
    while (left > 0 && share > 0) {
      const limit = Math.min(atATime, left, share);
      const page = await walks.type(caller, { type: one }, after, limit);
      for (const { resource, owner } of page.docs) {
        const more = told(resource.meta ?? {});
        if (Object.keys(more).length === 0) continue;
        if (owner) evidence.patients.push(owner);
        meta = added(meta, more);
      }
      left -= page.docs.length;
      share -= limit;
      after = page.next;
      if (!after || kindsIn(meta) > mostKinds) break;
    }
  }
  return answer(told(meta));
}

/**
 * The standard lets these change a resource without a new version. Here labels are columns that policy is asked of, bound to
 * the sealed body with the version: a change of them is a version like any other, in the history and in the trail.
 * Who may: whoever may update the resource; a label comes off by the house alone (`mayWrite`), so that nobody shows herself,
 * or others, what a label hides.
 */
async function changed(
  ctx: StoreContext,
  records: Pick<Records, 'update'>,
  { caller, type, id, inputs, evidence }: OperationCall,
  change: (meta: Meta, by: Meta) => Meta,
): Promise<OperationAnswer> {
  const by = metaIn(inputs);
  requireMay(caller, 'update', type!);
  for (let attempt = 0; ; attempt++) {
    const before = await read(ctx, ctx.db, caller, type!, id!);
    const meta = change(before.resource.meta ?? {}, by);
    if (JSON.stringify(told(meta)) === JSON.stringify(told(before.resource.meta ?? {})))
      return shown(evidence, before);
    try {
      const resource = { ...before.resource, meta } as Resource;
      return shown(evidence, await records.update(caller, resource, { ifMatch: before.version }));
    } catch (error) {
      // Somebody else was faster: what is asked for does not depend on what she wrote.
      const lost = error instanceof Refusal && error.code === 'version-conflict';
      if (!lost || attempt === mostAttempts) throw error;
    }
  }
}

function shown(evidence: OperationCall['evidence'], { owner, resource }: Stored): OperationAnswer {
  if (owner) evidence.patients.push(owner);
  return answer(resource.meta ?? {});
}

/** @throws Refusal `invalid` when there is no Meta, or one that says what is not to be added or taken off */
function metaIn(inputs: Inputs): Meta {
  const meta = inputs.value<Meta>('meta', 'Meta');
  if (typeof meta !== 'object' || meta === null || Array.isArray(meta))
    throw wrong('a Meta is expected');
  const lists = [meta.profile ?? [], meta.tag ?? [], meta.security ?? []];
  if (!lists.every(Array.isArray)) throw wrong('lists are expected');
  if (meta.profile?.some((one) => typeof one !== 'string')) throw wrong('a profile is an address');
  for (const coding of [...(meta.tag ?? []), ...(meta.security ?? [])])
    if (typeof coding !== 'object' || coding === null || Array.isArray(coding))
      throw wrong('a Coding is expected');
  return told(meta);
}

/** Two codings are one when system and code are [FHIR R4 resource-operations.html#meta-add]. */
const kind = ({ system, code }: Coding): string => JSON.stringify([system ?? null, code ?? null]);

function added(meta: Meta, by: Meta): Meta {
  return {
    ...meta,
    ...(by.profile && { profile: [...new Set([...(meta.profile ?? []), ...by.profile])] }),
    ...(by.tag && { tag: joined(meta.tag, by.tag) }),
    ...(by.security && { security: joined(meta.security, by.security) }),
  };
}

function joined(held: readonly Coding[] = [], more: readonly Coding[]): Coding[] {
  const known = new Map(held.map((one) => [kind(one), one]));
  for (const one of more) if (!known.has(kind(one))) known.set(kind(one), one);
  return [...known.values()];
}

function removed(meta: Meta, by: Meta): Meta {
  const without = (held: Coding[] | undefined, less: Coding[] = []): Coding[] | undefined => {
    const gone = new Set(less.map(kind));
    const left = held?.filter((one) => !gone.has(kind(one)));
    return left?.length ? left : undefined;
  };
  const profile = meta.profile?.filter((one) => !by.profile?.includes(one));
  const { profile: _profile, tag: _tag, security: _security, ...rest } = meta;
  return {
    ...rest,
    ...told({
      ...(profile && { profile }),
      tag: without(meta.tag, by.tag),
      security: without(meta.security, by.security),
    }),
  };
}

const kindsIn = ({ profile = [], tag = [], security = [] }: Meta): number =>
  profile.length + tag.length + security.length;

function wrong(what: string): Refusal {
  return new Refusal('invalid', { diagnostics: `meta: ${what}`, expression: ['meta'] });
}
