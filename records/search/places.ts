/** Where a search is asked: of a type, of a compartment, of several types at once. */
import type { Clause } from '@afar/fhir';
import { compartment, isResourceType, Refusal, resourceTypes, searchParams } from '@afar/fhir';

export interface Place {
  /** Of the address, without a slash at its begin: `Observation`, `Patient/1/Observation`, `Patient/1/*`, or nothing. */
  path: string;
  /** The type; undefined where an answer may hold resources of several. */
  type?: string;
  /** Every type that may be among them. */
  all: readonly string[];
  /** What every match satisfies besides the query. */
  clauses?(type: string): Clause[];
}

export function ofType(type: string): Place {
  return { path: type, type, all: [type] };
}

/** [FHIR R4 http.html#search] all types, or those of `_type`. */
export function ofSystem(): Place {
  return { path: '', all: resourceTypes };
}

/**
 * [FHIR R4 http.html#vsearch: compartments] `Patient/1/Observation`, `Patient/1/*`. What is in a compartment points at its
 * patient (encounter, practitioner...), which itself is not among it.
 *
 * @throws Refusal `not-found` for what is no compartment, or no type of it
 */
export function ofCompartment(of: string, id: string, type: string): Place {
  const members = compartment(of);
  if (!members || (type !== '*' && !members.has(type)))
    throw new Refusal('not-found', { diagnostics: 'no such compartment' });
  return {
    path: `${of}/${id}/${type}`,
    ...(type !== '*' && { type }),
    all: type === '*' ? [...members.keys()] : [type],
    clauses: (member) => [pointsAt(of, id, member, members.get(member) ?? [])],
  };
}

/** By any of the parameters [FHIR R4 compartmentdefinition.html]. */
function pointsAt(of: string, id: string, type: string, params: readonly string[]): Clause {
  const known = params.filter((param) => searchParams(type).has(param));
  return {
    kind: 'any',
    of: known.map((param) => ({
      kind: 'value',
      param,
      type: 'reference',
      values: [{ kind: 'reference', type: of, id }],
    })),
  };
}

/**
 * The types that `_type` names; undefined when it names none.
 * @throws Refusal `invalid` for a type that does not exist
 */
export function typesIn(params: readonly (readonly [string, string])[]): string[] | undefined {
  const named = params.filter(([name]) => name === '_type').map(([, value]) => value.split(','));
  const [first, ...more] = named;
  if (!first) return undefined;
  const types = [...new Set(first)].filter((type) => more.every((list) => list.includes(type)));
  for (const type of named.flat())
    if (!isResourceType(type))
      throw new Refusal('invalid', { diagnostics: '_type: no such resource type' });
  return types;
}
