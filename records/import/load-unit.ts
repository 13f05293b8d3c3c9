/** Loads one unit: resolves its references, leaves out what is there, writes the rest in transactions of bounded size. */
import type { Bundle, Resource } from '@afar/fhir';
import { rewriteReferences } from '@afar/fhir';
import type { Importing } from './importing.ts';
import { resolve } from './resolve.ts';
import type { Resolved } from './resolve.ts';
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
  const { entries, map, missing } = await resolve(on, list);
  if (missing.length > 0) return { imported: 0, present: 0, byType: {}, missing };
  const release = await on.claims.hold(entries.map(({ id }) => id));
  try {
    const fresh = await absent(on, entries);
    const loaded: Loaded = {
      imported: fresh.length,
      present: list.length - fresh.length,
      byType: {},
      missing: [],
    };
    onStep(loaded.present, list.length);
    fresh.sort((a, b) => rank(a.resource) - rank(b.resource));
    for (let from = 0; from < fresh.length; from += atATime) {
      const part = fresh.slice(from, from + atATime);
      await on.records.transaction(on.caller(), bundleOf(part, map));
      for (const { resource } of part) {
        loaded.byType[resource.resourceType] = (loaded.byType[resource.resourceType] ?? 0) + 1;
      }
      onStep(part.length, 0);
    }
    return loaded;
  } finally {
    release();
  }
}

type Entries = Resolved['entries'];

/** What the store does not have yet; of one identity twice in a bundle, the first. */
async function absent(on: Importing, entries: Entries): Promise<Entries> {
  const types = [...new Set(entries.map(({ resource }) => resource.resourceType))];
  // An id that a PUT asks for need not be a UUID: then an alias leads to it.
  const rids = await on.context.aliases.find(
    on.context.db,
    on.tenant,
    entries.map(({ resource, id }) => ({ type: resource.resourceType, id })),
  );
  const there = await on.typesOf(
    rids.filter((rid) => rid !== undefined),
    types,
  );
  const seen = new Set<string>();
  return entries.filter(({ resource: { resourceType }, id }, at) => {
    const rid = rids[at];
    const known = seen.has(`${resourceType}/${id}`) || (rid && there.get(rid) === resourceType);
    seen.add(`${resourceType}/${id}`);
    return !known;
  });
}

function bundleOf(part: Entries, map: Map<string, string>): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: part.map(({ resource, id }) => ({
      resource: { ...rewriteReferences(resource, map), id } as Resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
    })),
  };
}

function rank({ resourceType }: Resource): number {
  const at = first.indexOf(resourceType);
  return at < 0 ? first.length : at;
}
