/** A code through a concept map, either way [FHIR R4 conceptmap.html]. */
import type {
  CodeableConcept,
  Coding,
  ConceptMap,
  ConceptMapGroup,
  ConceptMapGroupElementTarget,
} from '@afar/fhir';

type Equivalence = NonNullable<ConceptMapGroupElementTarget['equivalence']>;

export interface Match {
  readonly equivalence: Equivalence;
  readonly concept?: Coding;
  readonly product: readonly { element: string; concept: Coding }[];
  /** Canonical address of the map it comes from. */
  readonly source?: string;
}

export interface Asked {
  readonly coding: Coding;
  readonly targetSystem?: string;
  readonly reverse: boolean;
  /** Values of other elements the translation depends on. */
  readonly dependencies: readonly { element: string; concept: CodeableConcept }[];
}

export type FindMap = (url: string) => Promise<ConceptMap | undefined>;

/** Maps that hand on to maps. */
const mostMaps = 10;

export async function translate(map: ConceptMap, asked: Asked, find: FindMap): Promise<Match[]> {
  return follow(map, asked, find, new Set());
}

async function follow(
  map: ConceptMap,
  asked: Asked,
  find: FindMap,
  seen: Set<ConceptMap>,
): Promise<Match[]> {
  if (seen.has(map) || seen.size >= mostMaps) return [];
  seen.add(map);
  const matches: Match[] = [];
  for (const group of map.group ?? []) {
    if (asked.reverse) {
      matches.push(...backwards(map, group, asked));
      continue;
    }
    const { coding, targetSystem } = asked;
    if (group.source !== undefined && coding.system !== undefined && group.source !== coding.system)
      continue;
    if (targetSystem !== undefined && group.target !== undefined && group.target !== targetSystem)
      continue;
    const element = (group.element ?? []).find((one) => one.code === coding.code);
    if (element) matches.push(...forwards(map, group, element.target ?? [], asked));
    else matches.push(...(await unmapped(map, group, asked, find, seen)));
  }
  return matches;
}

function forwards(
  map: ConceptMap,
  group: ConceptMapGroup,
  targets: readonly ConceptMapGroupElementTarget[],
  { dependencies }: Asked,
): Match[] {
  return targets
    .filter((one) => (one.dependsOn ?? []).every((need) => isMet(need, dependencies)))
    .map((one) => ({
      equivalence: one.equivalence ?? 'equivalent',
      ...(one.code !== undefined && { concept: codingOf(group.target, group.targetVersion, one) }),
      product: (one.product ?? []).map(({ property, system, value, display }) => ({
        element: property ?? '',
        concept: {
          ...(system !== undefined && { system }),
          ...(value !== undefined && { code: value }),
          ...(display !== undefined && { display }),
        },
      })),
      ...(map.url !== undefined && { source: map.url }),
    }));
}

function isMet(
  need: { property?: string; system?: string; value?: string },
  given: Asked['dependencies'],
): boolean {
  return given.some(
    ({ element, concept }) =>
      element === need.property &&
      (concept.text === need.value ||
        (concept.coding ?? []).some(
          (one) =>
            one.code === need.value && (need.system === undefined || one.system === need.system),
        )),
  );
}

/** Read from its other end: what was wider is narrower. */
const opposite: Partial<Record<Equivalence, Equivalence>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

function backwards(
  map: ConceptMap,
  group: ConceptMapGroup,
  { coding, targetSystem }: Asked,
): Match[] {
  if (group.target !== undefined && coding.system !== undefined && group.target !== coding.system)
    return [];
  if (targetSystem !== undefined && group.source !== undefined && group.source !== targetSystem)
    return [];
  return (group.element ?? []).flatMap((element) =>
    (element.target ?? [])
      .filter((one) => one.code === coding.code)
      .map((one) => {
        const equivalence = one.equivalence ?? 'equivalent';
        return {
          equivalence: opposite[equivalence] ?? equivalence,
          concept: codingOf(group.source, group.sourceVersion, element),
          product: [],
          ...(map.url !== undefined && { source: map.url }),
        };
      }),
  );
}

async function unmapped(
  map: ConceptMap,
  group: ConceptMapGroup,
  asked: Asked,
  find: FindMap,
  seen: Set<ConceptMap>,
): Promise<Match[]> {
  const rule = group.unmapped;
  const source = map.url === undefined ? {} : { source: map.url };
  switch (rule?.mode) {
    case 'provided':
      return [
        {
          equivalence: 'equal',
          concept: codingOf(group.target, group.targetVersion, asked.coding),
          product: [],
          ...source,
        },
      ];
    case 'fixed':
      return [
        {
          equivalence: 'inexact',
          concept: codingOf(group.target, group.targetVersion, rule),
          product: [],
          ...source,
        },
      ];
    case 'other-map': {
      const other = rule.url === undefined ? undefined : await find(rule.url);
      return other ? follow(other, asked, find, seen) : [];
    }
    default:
      return [];
  }
}

const codingOf = (
  system: string | undefined,
  version: string | undefined,
  { code, display }: { code?: string; display?: string },
): Coding => ({
  ...(system !== undefined && { system }),
  ...(version !== undefined && { version }),
  ...(code !== undefined && { code }),
  ...(display !== undefined && { display }),
});
