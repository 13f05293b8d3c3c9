/** StructureDefinitions of one clinic as they are in the store, fetched with all they stand on, and remembered until one changes. */
import type { Caller } from '@afar/access';
import { createProfiles, escapeValue, namedBy, slicingSets } from '@afar/fhir';
import type { Profiles, StructureDefinition } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Find } from '../context.ts';
import type { Terminology } from '../types.ts';

/** US Core and the profiles it stands on are 120; a definition with its snapshot takes 100 KB. */
const mostKept = 500;
/** Addresses nobody knows; everything is forgotten when there are more. */
const mostAbsent = 5_000;
/** Definitions that one claim may bring in. */
const mostFetched = 300;
/** Addresses in one search. */
const perSearch = 40;
/** Longer addresses are not looked up. */
const longestAddress = 2_048;
/** Codes of a value set that slices are told by. */
const mostCodes = 1_000;

export interface Definitions {
  /** Fetches what is not at hand; afterwards `profiles` knows all there is. */
  load(sql: Queryable, house: Caller, canonicals: readonly string[]): Promise<Profiles>;
}

interface Ports {
  find: Find;
  terminology: () => Terminology | undefined;
}

/** @param beside definitions that are being written in the same transaction */
export function createDefinitions(
  { find, terminology }: Ports,
  beside: readonly StructureDefinition[] = [],
): Definitions {
  let kept = new Map<string, StructureDefinition>();
  let absent = new Set<string>();
  let sets = new Map<string, ReadonlySet<string>>();
  let profiles = createProfiles(kept, sets);
  for (const one of beside) keep(one);

  function keep(one: StructureDefinition): void {
    kept.set(one.url, one);
    if (one.version) kept.set(`${one.url}|${one.version}`, one);
  }

  function forgetAll(): void {
    kept = new Map();
    absent = new Set();
    sets = new Map();
    profiles = createProfiles(kept, sets);
  }

  const unknown = (url: string): boolean =>
    !kept.has(url) && !absent.has(url) && url.length <= longestAddress;

  async function fetchAll(sql: Queryable, house: Caller, canonicals: readonly string[]) {
    let wanted = [...new Set(canonicals)].filter(unknown);
    for (let fetched = 0; wanted.length > 0 && fetched < mostFetched; fetched += wanted.length) {
      const next: string[] = [];
      for (let at = 0; at < wanted.length; at += perSearch)
        for (const one of await search(sql, house, wanted.slice(at, at + perSearch))) {
          next.push(...namedBy(one));
          await fetchSets(house, one);
        }
      for (const url of wanted) if (!kept.has(url)) absent.add(url);
      wanted = [...new Set(next)].filter(unknown);
    }
  }

  async function search(sql: Queryable, house: Caller, canonicals: string[]) {
    const urls = canonicals.map((one) => escapeValue(one.split('|')[0]!));
    const { entry = [] } = await find(sql, house, 'StructureDefinition', [
      ['url', [...new Set(urls)].join(',')],
      ['_count', '200'],
    ]);
    const found = entry.flatMap(({ resource, search: role }) =>
      resource?.resourceType === 'StructureDefinition' && role?.mode === 'match' ? [resource] : [],
    );
    // Without a version the newest is meant [FHIR R4 references.html#canonical].
    for (const one of found.toSorted(byVersion)) keep(one);
    return found;
  }

  async function fetchSets(house: Caller, definition: StructureDefinition): Promise<void> {
    for (const valueSet of slicingSets(definition)) {
      if (sets.has(valueSet)) continue;
      const expanded = await terminology()?.expand(house, valueSet, mostCodes);
      if (expanded?.complete)
        sets.set(valueSet, new Set(expanded.codes.map((one) => `${one.system}|${one.code}`)));
    }
  }

  return {
    async load(sql, house, canonicals) {
      if (kept.size > mostKept || absent.size > mostAbsent) forgetAll();
      if (canonicals.some(unknown)) await fetchAll(sql, house, canonicals);
      return profiles;
    },
  };
}

const parts = (version = ''): string => version.replace(/\d+/g, (text) => text.padStart(8, '0'));

function byVersion(a: StructureDefinition, b: StructureDefinition): number {
  const [x, y] = [parts(a.version), parts(b.version)];
  if (x !== y) return x < y ? -1 : 1;
  return (a.meta?.lastUpdated ?? '') < (b.meta?.lastUpdated ?? '') ? -1 : 1;
}
