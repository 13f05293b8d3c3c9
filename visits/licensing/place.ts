/** Where the patient is: what she said at booking or on arrival, remembered for the next time, sealed under her key. */
import { systemCaller, type Caller } from '@afar/access';
import { isWhere, placeOf, Refusal } from '@afar/fhir';
import type { OperationOutcomeIssue, Patient } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { fault } from '../scheduling/rule.ts';

export const placeContext = (visit: string): string => `visits.place ${visit}`;

interface Kept {
  visit: string;
  body: Buffer;
}

/** Faults of a stated place; none for one that was not stated. */
export const placeFaults = (place: unknown): OperationOutcomeIssue[] =>
  place === undefined || isWhere(place)
    ? []
    : [
        fault(
          'place',
          'a country (ISO 3166-1), with its region (ISO 3166-2) where it licenses by region',
        ),
      ];

/** In the transaction of the booking or the arrival. */
export async function keepPlace(
  tx: RecordTx,
  { tenant, rid, patient }: { tenant: number; rid: string; patient: string },
  place: string,
  now: number,
): Promise<void> {
  const body = await tx.sealFor(patient, placeContext(rid), place);
  await tx.sql.query({
    name: 'visits.keep-place',
    text: `insert into visits.place (tenant, visit, patient, at, body) values ($1, $2, $3, $4, $5)
      on conflict (tenant, visit) do update set at = excluded.at, body = excluded.body`,
    values: [tenant, rid, patient, now, body],
  });
}

async function opened(
  house: House,
  tenant: number,
  patient: string,
  kept: Kept | undefined,
): Promise<string | undefined> {
  if (!kept) return undefined;
  const caller = systemCaller(tenant, house.clock, 'place');
  const place = await house.records.openFor(caller, patient, placeContext(kept.visit), kept.body);
  return isWhere(place) ? place : undefined;
}

/** What was said for this visit; undefined: nobody said anything. */
export async function placeOfVisit(
  house: House,
  { tenant, rid, patient }: { tenant: number; rid: string; patient: string },
): Promise<string | undefined> {
  const { rows } = await house.db.query<Kept>({
    name: 'visits.place-of-visit',
    text: 'select visit, body from visits.place where tenant = $1 and visit = $2',
    values: [tenant, rid],
  });
  return opened(house, tenant, patient, rows[0]);
}

/** What she said last, else where her record says she lives. The caller sees the patient, or has just been refused. */
export async function usualPlace(
  house: House,
  tenant: number,
  patient: string,
): Promise<string | undefined> {
  const { rows } = await house.db.query<Kept>({
    name: 'visits.last-place',
    text: `select visit, body from visits.place where tenant = $1 and patient = $2 order by at desc limit 1`,
    values: [tenant, patient],
  });
  const last = await opened(house, tenant, patient, rows[0]);
  if (last) return last;
  const caller = systemCaller(tenant, house.clock, 'place');
  const found = await readIfSeen<Patient>(house, caller, 'Patient', patient);
  const home = found?.address?.filter((one) => one.use !== 'old' && one.use !== 'billing') ?? [];
  return home.map((one) => placeOf(one)).find(Boolean);
}

/**
 * Where the patient is for this booking. A patient says it, or said it before; staff need not know.
 * @throws Refusal 'invalid' (422) when a patient whose place nobody knows does not say it
 */
export async function bookedPlace(
  house: House,
  caller: Caller,
  patient: string,
  said: string | undefined,
): Promise<string | undefined> {
  const place = said ?? (await usualPlace(house, caller.tenant, patient));
  const needed = caller.role === 'patient' && house.access.licences.asks('practitioner');
  if (place === undefined && needed)
    throw new Refusal('invalid', {
      status: 422,
      issues: [fault('place', 'say in which country, and in which region, you will be')],
    });
  return place;
}
