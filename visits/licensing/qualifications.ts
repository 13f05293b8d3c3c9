/** Verified licences as everybody's systems see them: Practitioner.qualification, written by the house and by nobody else. */
import { systemCaller, type VerifiedLicence } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Practitioner, PractitionerQualification } from '@afar/fhir';
import { everyTenant, within } from '@afar/platform';
import type { House } from '../house.ts';
import { iso } from '../house.ts';
import { readIfSeen } from '../people.ts';

/** Marks what the house wrote [access/may-write.ts keeps others' hands off it]. */
export const licenceSystem = 'urn:afar:licence';
/** Where a licence reaches, by ISO 3166 code. */
export const reachExtension = 'urn:afar:licence-jurisdiction';

const isOurs = (one: PractitionerQualification): boolean =>
  one.identifier?.some(({ system }) => system === licenceSystem) ?? false;

const dayOf = (ms: number): string => iso(ms).slice(0, 10);

export function qualificationOf(licence: VerifiedLicence): PractitionerQualification {
  return {
    extension: licence.jurisdictions.map((code) => ({ url: reachExtension, valueCode: code })),
    identifier: [{ system: licenceSystem, value: licence.id }, { value: licence.number }],
    code: { text: licence.profession },
    // The last day counts; `expires` is the instant after it.
    period: { start: dayOf(licence.from), end: dayOf(licence.expires - 1) },
    issuer: { display: licence.authority },
  };
}

/** Brings one Practitioner up to date; nothing is written when nothing differs. */
async function bring(
  house: House,
  tenant: number,
  practitioner: string,
  licences: readonly VerifiedLicence[],
  tries = 3,
): Promise<void> {
  const caller = systemCaller(tenant, house.clock, 'licences');
  const before = await readIfSeen<Practitioner>(house, caller, 'Practitioner', practitioner);
  if (!before) return;
  const theirs = (before.qualification ?? []).filter((one) => !isOurs(one));
  const ours = (before.qualification ?? []).filter(isOurs);
  const wanted = licences.map(qualificationOf);
  if (JSON.stringify(ours) === JSON.stringify(wanted)) return;
  const { qualification: _was, ...rest } = before;
  const all = [...theirs, ...wanted];
  const after: Practitioner = { ...rest, ...(all.length > 0 && { qualification: all }) };
  try {
    await house.records.update(caller, after, { ifMatch: Number(before.meta?.versionId) });
  } catch (error) {
    // Another process, or a person, was faster: what she left is looked at again.
    if (!(error instanceof Refusal && error.status === 412) || tries === 0) throw error;
    await bring(house, tenant, practitioner, licences, tries - 1);
  }
}

export interface Qualifications {
  /** Looks at all of a tenant. */
  bring(tenant: number): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export function createQualifications(house: House): Qualifications {
  const shown = new Map<number, Set<string>>();
  let stop: (() => void) | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function bringAll(tenant: number): Promise<void> {
    const verified = await house.access.licences.verified(tenant);
    const byPerson = Map.groupBy(verified, (one) => one.practitioner);
    // Whoever had one and has none any more is looked at too.
    const people = new Set([...byPerson.keys(), ...(shown.get(tenant) ?? [])]);
    for (const person of people) await bring(house, tenant, person, byPerson.get(person) ?? []);
    shown.set(tenant, people);
  }

  function soon(tenant: number): void {
    last = last
      .then(() => within(tenant, () => bringAll(tenant)))
      .catch((error: unknown) => house.log.warn({ err: error }, 'licences are not shown yet'));
  }

  return {
    bring: bringAll,
    start() {
      // Gaps: what was missed is made good by the next change; nothing is decided by what stands in the directory.
      stop = house.access.licences.onChanged((tenant) => {
        if (tenant !== undefined) everyTenant(() => soon(tenant));
      });
    },
    async stop() {
      stop?.();
      await last;
    },
  };
}
