/** What a resource names: references made our own, ids turned into rids, its owner and the other patients in it. */
import {
  compartmentParams,
  index,
  ownerOf,
  parseReference,
  references,
  Refusal,
  rewriteReferences,
} from '@afar/fhir';
import type { Indexed, Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import type { RecordsContext } from '../context.ts';
import { standardOnly } from '../parameters/registry.ts';
import type { ParameterSet } from '../parameters/registry.ts';
import type { Intent } from './intent.ts';

export interface Drafted {
  intent: Intent;
  resource?: Resource;
  indexed?: Indexed;
  owner?: string;
  others: string[];
}

/**
 * Indexes the resource. A reference by this server's own absolute address is one of ours [FHIR R4 references.html#literal]:
 * it is stored as the relative one, so that owner, edges and policy see it.
 *
 * @param params with the clinic's own search parameters
 */
export function withLocalReferences(
  intent: Intent,
  base: string,
  params: Pick<ParameterSet, 'extend'> = standardOnly,
): { intent: Intent; indexed: Indexed | undefined } {
  const { resource } = intent;
  if (!resource) return { intent, indexed: undefined };
  const indexed = params.extend(resource, index(resource));
  if (!indexed.references.some(({ url }) => url && (url.startsWith(base) || isCondition(url))))
    return { intent, indexed };
  requireResolved(resource);
  const own = new Map(
    references(resource)
      .filter(({ reference }) => reference.startsWith(base))
      .map(({ reference }) => [reference, reference.slice(base.length)]),
  );
  const rewritten = rewriteReferences(resource, own);
  return {
    intent: { ...intent, resource: rewritten },
    indexed: params.extend(rewritten, index(rewritten)),
  };
}

const isCondition = (url: string): boolean => parseReference(url).conditional === true;

/** [FHIR R4 http.html#trules] Stored as written it would lead nowhere, and a chart would not see what is about its patient. */
function requireResolved(resource: Resource): void {
  const open = references(resource).find(({ reference }) => isCondition(reference));
  if (open)
    throw new Refusal('invalid', {
      diagnostics: 'a conditional reference is resolved in a batch or transaction only',
      expression: [open.path],
    });
}

export interface Names {
  ridOf(type: string, id: string): string | undefined;
  /** `Type/id` to `Type/rid` for every id that is no rid. */
  renamed: Map<string, string>;
}

/** Ids of others that are no UUIDs: each is given its rid, whether or not it exists yet. */
export async function namesOf(
  ctx: RecordsContext,
  sql: Queryable,
  tenant: number,
  all: readonly (Indexed | undefined)[],
): Promise<Names> {
  const renamed = new Map<string, string>();
  const asked = new Map<string, { type: string; id: string }>();
  for (const indexed of all)
    for (const { type, id } of indexed?.references ?? [])
      if (type && id && !isRid(id)) asked.set(`${type}/${id}`, { type, id });
  if (asked.size > 0) {
    const found = await ctx.aliases.claim(sql, tenant, [...asked.values()]);
    [...asked].forEach(([name, { type }], at) => renamed.set(name, `${type}/${found[at]!}`));
  }
  return {
    renamed,
    ridOf: (type, id) => (isRid(id) ? id : renamed.get(`${type}/${id}`)?.slice(type.length + 1)),
  };
}

export function draft(
  intent: Intent,
  indexed: Indexed | undefined,
  ridOf: Names['ridOf'],
): Drafted {
  const { resource, current, type, rid } = intent;
  if (!resource || !indexed) {
    // A deleted resource stays whose it was: who could see it is told that it is gone.
    return { intent, owner: current?.row.owner ?? undefined, others: [] };
  }
  const named = ownerOf(resource)?.id;
  const owner = type === 'Patient' ? rid : named && ridOf('Patient', named);
  const params = compartmentParams(type);
  const others = new Set<string>();
  for (const reference of indexed.references) {
    if (reference.type !== 'Patient' || !reference.id || !params.includes(reference.param))
      continue;
    const patient = ridOf('Patient', reference.id);
    if (patient && patient !== owner) others.add(patient);
  }
  return { intent, resource, indexed, owner, others: [...others] };
}
