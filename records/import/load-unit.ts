/** Loads one unit: resolves its references, leaves out what is there, writes the rest in transactions of bounded size. */
import type { Bundle, Resource } from '@afar/fhir';
import { rewriteReferences } from '@afar/fhir';
import type { Importing } from './importing.ts';
import { resolve } from './resolve.ts';
import type { Unit } from './units.ts';

export interface Loaded {
  imported: number;
  present: number;
  byType: Record<string, number>;
  /** Not empty: nothing was written, the unit waits for these. */
  missing: string[];
}

/** 100 entries a transaction: large enough to share a commit, small enough to be over in a tenth of a second. */
const atATime = 100;

/** What others refer to comes first: a patient before the chart, people and places before what they did. */
const first = [
  'Patient',
  'Organization',
  'Location',
  'Practitioner',
  'PractitionerRole',
  'Encounter',
];

/** @param onStep resources that are in by now, and newly known of */
export async function loadUnit(
  on: Importing,
  unit: Unit,
  onStep: (done: number, size: number) => void,
): Promise<Loaded> {
  const list = await unit.entries();
  const loaded: Loaded = { imported: 0, present: 0, byType: {}, missing: [] };
  const { entries, map, missing } = await resolve(on, list);
  if (missing.length > 0) return { ...loaded, missing };
  const types = [...new Set(entries.map(({ resource }) => resource.resourceType))];
  const there = await on.typesOf(
    entries.map(({ id }) => id).filter((id) => uuid.test(id)),
    types,
  );
  // One identity twice in a bundle: the first one is it.
  const seen = new Set<string>();
  const fresh = entries.filter(({ resource, id }) => {
    const known = there.get(id) === resource.resourceType || seen.has(id);
    seen.add(id);
    return !known;
  });
  loaded.present = list.length - fresh.length;
  onStep(loaded.present, list.length);
  fresh.sort((a, b) => rank(a.resource) - rank(b.resource));
  for (let from = 0; from < fresh.length; from += atATime) {
    const part = fresh.slice(from, from + atATime);
    const bundle: Bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: part.map(({ resource, id }) => ({
        resource: { ...rewriteReferences(resource, map), id } as Resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
      })),
    };
    await on.records.transaction(on.caller(), bundle);
    for (const { resource } of part) {
      loaded.byType[resource.resourceType] = (loaded.byType[resource.resourceType] ?? 0) + 1;
    }
    loaded.imported += part.length;
    onStep(part.length, 0);
  }
  return loaded;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function rank({ resourceType }: Resource): number {
  const at = first.indexOf(resourceType);
  return at < 0 ? first.length : at;
}
