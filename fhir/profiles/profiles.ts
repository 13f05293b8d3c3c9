/** The profiles at hand: each compiled once, when first asked for. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { profileTree } from './snapshot.ts';
import { coreType, ProfileFault, type ElementNode, type Lookup } from './tree.ts';

export interface Profile {
  url: string;
  type: string;
  tree: ElementNode;
}

export interface Profiles {
  /** Undefined when nobody knows it; a text saying what is wrong when it cannot be used. */
  get(canonical: string): Profile | string | undefined;
  /** The resource type that a profile constrains. */
  typeOf(canonical: string): string | undefined;
  lookup: Lookup;
  /** Whether a code is in a value set that slices are told by; undefined: not known. */
  holds(valueSet: string, coding: { system?: string; code: string }): boolean | undefined;
}

/** R4's own profile of a data type, which nearly every guide's snapshots name. */
const simpleQuantity: StructureDefinition = {
  resourceType: 'StructureDefinition',
  url: 'http://hl7.org/fhir/StructureDefinition/SimpleQuantity',
  name: 'SimpleQuantity',
  status: 'active',
  kind: 'complex-type',
  abstract: false,
  type: 'Quantity',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Quantity',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Quantity.comparator', path: 'Quantity.comparator', max: '0' } as ElementDefinition,
    ],
  },
};
const builtIn = new Map([[simpleQuantity.url, simpleQuantity]]);

/**
 * @param definitions all that may be asked for, by canonical address with and without `|version`
 * @param sets codes (`system|code`) of value sets that slices are told by
 */
export function createProfiles(
  definitions: ReadonlyMap<string, StructureDefinition>,
  sets: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Profiles {
  const compiled = new Map<string, Profile | string>();
  const lookup: Lookup = (canonical) => definitions.get(canonical) ?? builtIn.get(canonical);
  return {
    lookup,
    get(canonical) {
      const definition = lookup(canonical);
      if (!definition) return undefined;
      const known = compiled.get(canonical);
      if (known !== undefined) return known;
      const made = compile(definition, lookup);
      compiled.set(canonical, made);
      return made;
    },
    typeOf: (canonical) => coreType(canonical) ?? lookup(canonical)?.type,
    holds(valueSet, { system, code }) {
      const set = sets.get(valueSet.split('|')[0]!);
      if (!set) return undefined;
      if (system !== undefined) return set.has(`${system}|${code}`);
      return [...set].some((one) => one.endsWith(`|${code}`));
    },
  };
}

function compile(definition: StructureDefinition, lookup: Lookup): Profile | string {
  try {
    const { url, type } = definition;
    return { url, type, tree: profileTree(definition, lookup) };
  } catch (error) {
    if (error instanceof ProfileFault) return error.message;
    throw error;
  }
}

/** Profiles that this one cannot be used without, or would check less without. */
export function namedBy(definition: StructureDefinition): string[] {
  const out = new Set<string>();
  if (definition.baseDefinition) out.add(definition.baseDefinition);
  for (const { element = [] } of [definition.snapshot ?? {}, definition.differential ?? {}])
    for (const { type = [] } of element)
      for (const { profile = [], targetProfile = [] } of type)
        for (const url of [...profile, ...targetProfile]) out.add(url);
  return [...out].filter((url) => coreType(url) === undefined && !builtIn.has(url));
}

/** Value sets that slices may be told by: required bindings below a sliced element. */
export function slicingSets(definition: StructureDefinition): string[] {
  const elements = definition.snapshot?.element ?? definition.differential?.element ?? [];
  const sliced = elements.some(({ slicing }) => slicing);
  if (!sliced) return [];
  return elements.flatMap(({ id, binding }) =>
    id?.includes(':') && binding?.strength === 'required' && binding.valueSet
      ? [binding.valueSet.split('|')[0]!]
      : [],
  );
}
