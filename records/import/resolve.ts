/** What the references of a unit lead to: its own entries, what is in the store already, or nothing yet. */
import type { Resource } from '@afar/fhir';
import { isResourceType, references } from '@afar/fhir';
import { derivedId, nameOf } from './derive.ts';
import type { Importing } from './importing.ts';
import type { Entry } from './units.ts';

export interface Resolved {
  /** Entries that are to be written, under their ids. */
  entries: { resource: Resource; id: string }[];
  /** From a reference as written to `Type/id`. */
  map: Map<string, string>;
  /** References that lead nowhere yet. For the terminal only. */
  missing: string[];
}

/** Types a relative reference may lead to, `Type/id`. */
const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.*)?$/;

export async function resolve(on: Importing, list: Entry[]): Promise<Resolved> {
  const map = new Map<string, string>();
  const entries: Resolved['entries'] = [];
  for (const { url, resource, ifNoneExist, put } of list) {
    const type = resource.resourceType;
    const found = ifNoneExist === undefined ? undefined : await on.find(type, ifNoneExist);
    const id =
      found ?? put ?? derivedId(on.key, nameOf(on.source, url ?? JSON.stringify(resource)));
    const address = `${type}/${id}`;
    if (url) {
      map.set(url, address);
      // Inside a bundle `Patient/1` means the entry whose full URL ends so [FHIR R4 bundle.html#references].
      const short = /^https?:.*\/([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})$/.exec(url)?.[1];
      if (short) map.set(short, address);
    }
    if (resource.id) map.set(`${type}/${resource.id}`, address);
    if (found === undefined) entries.push({ resource, id });
  }
  const missing = await addOutside(on, list, map);
  return { entries, map, missing };
}

/** References that lead out of the unit: to the store, by derived id or by query. */
async function addOutside(
  on: Importing,
  list: Entry[],
  map: Map<string, string>,
): Promise<string[]> {
  const missing: string[] = [];
  const outside = new Set<string>();
  for (const { resource } of list) {
    for (const { reference } of references(resource)) {
      if (!map.has(reference)) outside.add(reference);
    }
  }
  const base = baseOf(list);
  const wanted = new Map<string, string>();
  for (const reference of outside) {
    const [type = '', query] = reference.split('?');
    if (query !== undefined && isResourceType(type)) {
      const id = (await on.find(type, query)) ?? within(list, map, type, query);
      if (id === undefined) missing.push(reference);
      else map.set(reference, `${type}/${id}`);
    } else if (reference.startsWith('urn:')) {
      wanted.set(reference, derivedId(on.key, nameOf(on.source, reference)));
    } else if (relative.test(reference)) {
      const plain = reference.replace(/\/_history\/.*$/, '');
      wanted.set(reference, derivedId(on.key, nameOf(on.source, `${base}${plain}`)));
    }
    // An absolute address of another server stays what it is: a reference to elsewhere.
  }
  const there = await on.typesOf([...wanted.values()]);
  for (const [reference, id] of wanted) {
    const type = there.get(id);
    if (type === undefined) missing.push(reference);
    else map.set(reference, `${type}/${id}`);
  }
  return missing;
}

/** A conditional reference to an entry of the same bundle: `Practitioner?identifier=system|value`. */
function within(
  list: Entry[],
  map: Map<string, string>,
  type: string,
  query: string,
): string | undefined {
  const wanted = new URLSearchParams(query).get('identifier');
  if (wanted === null) return undefined;
  const [system, value] = wanted.split('|');
  const hits = list.filter(({ resource }) => {
    const { identifier } = resource as { identifier?: { system?: string; value?: string }[] };
    if (resource.resourceType !== type || !Array.isArray(identifier)) return false;
    return identifier.some((one) => (one.system ?? '') === system && one.value === value);
  });
  const [hit] = hits;
  if (hits.length !== 1 || !hit?.url) return undefined;
  return map.get(hit.url)?.split('/')[1];
}

/** `https://server/fhir/` when the entries have full URLs there: relative references are relative to it. */
function baseOf(list: Entry[]): string {
  const url = list.find((entry) => entry.url && /^https?:/.test(entry.url))?.url;
  return url ? url.replace(/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/, '') : '';
}
