/** The clinicians' directory: name, specialty, languages, kept for half a minute because every view of a visit shows them. */
import { systemCaller } from '@afar/access';
import type { CodeableConcept, Practitioner, PractitionerRole } from '@afar/fhir';
import type { VisitsDeps } from './create-visits.ts';
import { nameOf, readIfSeen } from './people.ts';

export interface DirectoryEntry {
  id: string;
  name: string;
  /** For people ("Cardiology"); empty when the directory does not say. */
  specialty: string;
  languages: string[];
  active: boolean;
}

export interface Directory {
  /** An entry with an empty name when there is no such practitioner. */
  clinician(tenant: number, id: string): Promise<DirectoryEntry>;
}

/** Names and specialties change by the month: 30 s old is new enough. */
const keptMs = 30_000;
/** More clinicians than a clinic has; beyond, the oldest goes. */
const mostKept = 5_000;

const words = (concept: CodeableConcept | undefined): string =>
  concept?.text ?? concept?.coding?.find((one) => one.display)?.display ?? '';

/**
 * Practitioners are open to every caller who may see a visit, and those who can be booked to everyone; so the directory is read once as the
 * house and shown to all alike.
 */
export function clinicianDirectory({
  records,
  clock,
}: Pick<VisitsDeps, 'records' | 'clock'>): Directory {
  const kept = new Map<string, { until: number; entry: Promise<DirectoryEntry> }>();

  async function look(tenant: number, id: string): Promise<DirectoryEntry> {
    const caller = systemCaller(tenant, clock, 'directory');
    const [practitioner, found] = await Promise.all([
      readIfSeen<Practitioner>({ records }, caller, 'Practitioner', id),
      records.search(caller, 'PractitionerRole', [
        ['practitioner', `Practitioner/${id}`],
        ['_count', '5'],
      ]),
    ]);
    const roles = (found.entry ?? []).flatMap((one) =>
      one.resource?.resourceType === 'PractitionerRole' ? [one.resource as PractitionerRole] : [],
    );
    const specialty = roles
      .filter((one) => one.active !== false)
      .map((one) => words(one.specialty?.[0]) || words(one.code?.[0]))
      .find(Boolean);
    const languages = practitioner?.communication ?? [];
    return {
      id,
      name: nameOf(practitioner?.name),
      specialty: specialty ?? words(practitioner?.qualification?.[0]?.code),
      languages: languages.flatMap((one) => one.coding?.[0]?.code ?? []),
      active: practitioner !== undefined && practitioner.active !== false,
    };
  }

  return {
    clinician(tenant, id) {
      const key = `${tenant}|${id}`;
      const now = clock.now();
      const before = kept.get(key);
      if (before && before.until > now) return before.entry;
      const entry = look(tenant, id);
      kept.delete(key);
      kept.set(key, { until: now + keptMs, entry });
      if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
      entry.catch(() => kept.delete(key));
      return entry;
    },
  };
}
