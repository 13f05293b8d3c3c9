/** CodeSystem, ValueSet and ConceptMap resources of the record store, read as the caller. */
import { may, systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import type { CodeSystem, ConceptMap, Resource, ValueSet } from '@afar/fhir';
import { escapeValue, Refusal } from '@afar/fhir';
import type { Clock } from '@afar/platform';
import type { Change, Records } from '@afar/records';

interface Types {
  CodeSystem: CodeSystem;
  ValueSet: ValueSet;
  ConceptMap: ConceptMap;
}
export type StoredType = keyof Types;

export interface Stored {
  /**
   * Every version of it that the caller may see; none when she may not look at the type at all.
   * @param elsewhere it is shipped or loaded too: then a resource that was not there when last looked for is not looked for
   * again until one of its type changes; what this process has not heard of yet (about a second) is not seen
   */
  find<T extends StoredType>(
    caller: Caller,
    type: T,
    url: string,
    elsewhere?: boolean,
  ): Promise<Types[T][]>;
  /** By any one search parameter. */
  search<T extends StoredType>(
    caller: Caller,
    type: T,
    params: [string, string][],
  ): Promise<Types[T][]>;
  /** @throws Refusal as a read does */
  read<T extends StoredType>(caller: Caller, type: T, id: string): Promise<Types[T]>;
  heard(change: Change): void;
}

/** Versions of one canonical address that are looked at. */
const mostVersions = 50;

/** Addresses that were looked for in vain; forgotten whenever a resource of the type changes. */
const mostAbsent = 5_000;

export function createStored(records: Records, clock: Clock): Stored {
  const absent = new Map<StoredType, Set<string>>();
  let changes = 0;

  async function search<T extends StoredType>(
    caller: Caller,
    type: T,
    params: [string, string][],
  ): Promise<Types[T][]> {
    if (!may(caller, 'search', type)) return [];
    const bundle = await records.search(caller, type, [
      ...params,
      ['_count', String(mostVersions)],
    ]);
    return (bundle.entry ?? [])
      .map((entry) => entry.resource as Resource | undefined)
      .filter((one): one is Types[T] => one?.resourceType === type);
  }

  const byUrl = (url: string): [string, string][] => [['url', escapeValue(url)]];

  /** Asked as the house, so that what one caller may not see does not count as absent for all. */
  async function isAbsent({ tenant }: Caller, type: StoredType, url: string): Promise<boolean> {
    const key = `${tenant} ${url}`;
    let known = absent.get(type);
    if (known?.has(key)) return true;
    const before = changes;
    const house = systemCaller(tenant, clock, 'terminology');
    if ((await search(house, type, byUrl(url))).length > 0) return false;
    if (before !== changes) return false;
    known = absent.get(type);
    if (!known || known.size >= mostAbsent) absent.set(type, (known = new Set()));
    known.add(key);
    return true;
  }

  return {
    search,
    async find(caller, type, url, elsewhere = false) {
      if (elsewhere && (await isAbsent(caller, type, url))) return [];
      // An empty search value asks for nothing, and would be answered with everything.
      if (!url) return [];
      const found = await search(caller, type, byUrl(url));
      return found.filter((one) => one.url === url);
    },
    async read<T extends StoredType>(caller: Caller, type: T, id: string) {
      if (!may(caller, 'read', type)) throw new Refusal('forbidden');
      return (await records.read<Types[T]>(caller, type, id)).resource;
    },
    heard({ type }) {
      if (type !== 'CodeSystem' && type !== 'ValueSet' && type !== 'ConceptMap') return;
      absent.delete(type);
      changes++;
    },
  };
}
