/** One directory entry: what can be searched by name, birth date, phone or address, sealed with its resource's key. */
import type { Indexed, Resource } from '@afar/fhir';
import { aad, open, seal } from '@afar/platform';
import type { DataKey } from '@afar/platform';
import { partsOf, soundOf } from './parts.ts';

/**
 * Types whose string parameters (and, for people, dates and demographic tokens) are answered by the directory.
 * Everything else that holds strings belongs to one patient's chart and is searched inside that chart.
 */
export const directoryTypes: ReadonlySet<string> = new Set([
  'Patient',
  'RelatedPerson',
  'Person',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'HealthcareService',
  'Endpoint',
]);

/** Tokens that many people share and that name nobody alone: found through the directory, never through an index. */
export const demographic: ReadonlySet<string> = new Set([
  'gender',
  'active',
  'deceased',
  'language',
  'address-use',
  'phone',
  'email',
  'telecom',
]);

/** The clear form of a row. Short keys: a hundred thousand of these are parsed at start. */
export interface DirectoryEntry {
  /** Version of the resource: the newest wins whatever order rows arrive in. */
  v: number;
  /** Strings by parameter. */
  s: Record<string, string[]>;
  /** Dates by parameter: [start, end) in ms; null is an open end. */
  d: Record<string, [number | null, number | null][]>;
  /** Token codes by parameter: [system or null, code]. */
  t: Record<string, [string | null, string][]>;
}

/**
 * The directory entry of a resource, or undefined when its type has none.
 * Written in the same transaction as the resource; `version` is the version being written.
 */
export function directoryRow(
  resource: Resource,
  indexed: Indexed,
  version: number,
): DirectoryEntry | undefined {
  if (!directoryTypes.has(resource.resourceType)) return undefined;
  const entry: DirectoryEntry = { v: version, s: {}, d: {}, t: {} };
  for (const { param, value } of indexed.strings) {
    if (!(param in soundOf)) push(entry.s, param, value);
  }
  for (const { param, start, end } of indexed.dates) {
    push(entry.d, param, [finite(start), finite(end)]);
  }
  for (const { param, system, code } of indexed.tokens) {
    if (demographic.has(param) && code !== undefined) push(entry.t, param, [system ?? null, code]);
  }
  return withoutParts(entry);
}

/** A whole keeps only what its parts do not say. */
function withoutParts(entry: DirectoryEntry): DirectoryEntry {
  for (const [whole, parts] of Object.entries(partsOf)) {
    for (const values of [entry.s, entry.t] as Record<string, unknown[]>[]) {
      const said = new Set(
        parts.flatMap((part) => values[part] ?? []).map((one) => JSON.stringify(one)),
      );
      const left = values[whole]?.filter((one) => !said.has(JSON.stringify(one)));
      if (left?.length) values[whole] = left;
      else delete values[whole];
    }
  }
  return entry;
}

/** Seals an entry under its resource's data key: a patient's own key, so that erasing the key erases the name. */
export function sealDirectoryRow(
  entry: DirectoryEntry,
  at: { tenant: number; type: string; rid: string; key: DataKey },
): Buffer {
  return seal(JSON.stringify(entry), at.key, directoryPlace(at));
}

/** @throws SealBroken when the row was altered or moved to another resource. */
export function openDirectoryRow(
  sealed: Buffer,
  at: { tenant: number; type: string; rid: string; key: DataKey },
): DirectoryEntry {
  return JSON.parse(open(sealed, at.key, directoryPlace(at)).toString()) as DirectoryEntry;
}

/** What a row's seal is bound to. */
export function directoryPlace(at: { tenant: number; type: string; rid: string }): Buffer {
  return aad('directory', at.tenant, at.type, at.rid);
}

function push<T>(into: Record<string, T[]>, key: string, value: T): void {
  (into[key] ??= []).push(value);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
