/** Who may see this patient where she is: asked at booking, on arrival, at admission, at joining, and when something is signed. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { House } from '../house.ts';
import { activeSchedules, type StoredSchedule } from '../scheduling/schedules.ts';
import type { VisitRow } from '../visit-row.ts';
import { placeOfVisit } from './place.ts';

/** In person the patient is where the clinic is, whatever she said. */
const placeFor = (mode: string, place: string | undefined): string | undefined =>
  mode === 'in-person' ? undefined : place;

/** Names of those who could be asked instead, at most ten. */
async function others(house: House, tenant: number, place: string): Promise<string[]> {
  const found = await Promise.all(
    (await offeredSchedules(house, tenant)).map(async ({ rule }) => {
      const until = await house.access.licences.until(tenant, rule.clinician, place);
      if (until <= house.clock.now()) return undefined;
      const { name, active } = await house.directory.clinician(tenant, rule.clinician);
      return active ? name : undefined;
    }),
  );
  return found.filter((one) => one !== undefined).slice(0, 10);
}

/**
 * @throws Refusal 'licence-required' (403): says which border, and who may instead
 */
export async function requireReach(
  house: House,
  tenant: number,
  visit: { clinician: string; mode: string; place: string | undefined; at: number },
): Promise<void> {
  const place = placeFor(visit.mode, visit.place);
  const until = await house.access.licences.until(tenant, visit.clinician, place);
  if (until > visit.at && until > house.clock.now()) return;
  if (place === undefined)
    throw new Refusal('licence-required', {
      diagnostics: 'this clinician has no verified licence for that day',
    });
  const names = await others(house, tenant, place);
  throw new Refusal('licence-required', {
    diagnostics: names.length
      ? `this clinician's licence does not reach ${place}; these may: ${names.join('; ')}`
      : `this clinician's licence does not reach ${place}, and nobody else's here does`,
    expression: ['place'],
  });
}

/** The same for a visit there is, now. @throws Refusal 'licence-required' */
export async function requireLicensed(house: House, row: VisitRow): Promise<void> {
  // Most clinics ask: where the visit stands, one read of memory and one row.
  if (!house.access.licences.asks('practitioner')) return;
  const place = await placeOfVisit(house, row);
  const { tenant, clinician, mode } = row;
  await requireReach(house, tenant, { clinician, mode, place, at: house.clock.now() });
}

/** The same for whoever acts as the clinician of a visit; patients are not asked. */
export async function requireLicensedClinician(
  house: House,
  caller: Caller,
  row: VisitRow,
): Promise<void> {
  if (caller.fhirUser?.id === row.clinician) await requireLicensed(house, row);
}

/**
 * Schedules of clinicians who may practise at all, each until her licence ends.
 * @param slot those it can belong to
 */
export async function offeredSchedules(
  house: House,
  tenant: number,
  slot?: string,
): Promise<StoredSchedule[]> {
  const now = house.clock.now();
  const all = await activeSchedules(house.db, tenant, slot);
  const offered = await Promise.all(
    all.map(async (one): Promise<StoredSchedule | undefined> => {
      const until = await house.access.licences.until(tenant, one.rule.clinician);
      return until > now ? { ...one, until } : undefined;
    }),
  );
  return offered.filter((one) => one !== undefined);
}
