/** A visit that goes on by telephone, on the Encounter; and calling a patient back whose call broke off. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Encounter, Extension, Patient } from '@afar/fhir';
import type { CalledAgain, OnPhone, PhoneRequest } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { seatsOf } from '../room/seats.ts';
import { isOpen } from '../state.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import { actCode, modeCoding, phoneExtension, visitModeSystem } from '../vocabulary.ts';

const reasons: readonly string[] = ['network', 'device', 'asked', 'other'];

/** @throws Refusal 'invalid' */
export function readPhone(body: unknown): PhoneRequest['reason'] {
  const { reason } = (body ?? {}) as { reason?: unknown };
  if (!reasons.includes(reason as string)) throw new Refusal('invalid', { expression: ['reason'] });
  return reason as PhoneRequest['reason'];
}

const part = (of: Extension | undefined, url: string): Extension | undefined =>
  of?.extension?.find((one) => one.url === url);

const conversionIn = (encounter: Encounter): Extension | undefined =>
  encounter.extension?.find((one) => one.url === phoneExtension);

/** [v3-ActEncounterCode] VR: at a distance, whatever carries the voices; how, says the type. */
function converted(
  encounter: Encounter,
  by: string,
  reason: PhoneRequest['reason'],
  now: number,
): Encounter {
  const others = (encounter.type ?? []).filter(
    (one) => !one.coding?.some((coding) => coding.system === visitModeSystem),
  );
  return {
    ...encounter,
    class: { system: actCode, code: 'VR', display: 'virtual' },
    type: [{ coding: [modeCoding('phone')] }, ...others],
    extension: [
      ...(encounter.extension ?? []),
      {
        url: phoneExtension,
        extension: [
          { url: 'at', valueInstant: iso(now) },
          { url: 'by', valueReference: { reference: `Practitioner/${by}` } },
          { url: 'reason', valueCode: reason },
        ],
      },
    ],
  };
}

async function numbersOf(
  house: House,
  caller: Caller,
  patient: string,
): Promise<OnPhone['numbers']> {
  const found = await readIfSeen<Patient>(house, caller, 'Patient', patient);
  return (found?.telecom ?? [])
    .filter((one) => one.system === 'phone' && one.value && one.use !== 'old')
    .toSorted((a, b) => Number(b.use === 'mobile') - Number(a.use === 'mobile'))
    .map(({ value, use }) => ({ number: value!, ...(use && { use }) }));
}

/** Since when a visit goes on by telephone, for somebody who may read its Encounter. */
export async function onPhoneSince(
  house: House,
  caller: Caller,
  { encounter }: Pick<VisitRow, 'encounter'>,
): Promise<string | undefined> {
  const found = encounter && (await readIfSeen<Encounter>(house, caller, 'Encounter', encounter));
  return found ? part(conversionIn(found), 'at')?.valueInstant : undefined;
}

/** The first time counts: said again, the answer is that of the first. @throws Refusal 'conflict' when the visit is not open */
export async function goToPhone(
  house: House,
  caller: Caller,
  visit: VisitRow,
  reason: PhoneRequest['reason'],
): Promise<OnPhone> {
  const { tenant, rid, clinician } = visit;
  const now = house.clock.now();
  const { at, why, first } = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.encounter || !isOpen(row.state)) throw new Refusal('conflict');
    const { resource } = await tx.read<Encounter>('Encounter', row.encounter);
    const before = conversionIn(resource);
    if (before)
      return {
        at: part(before, 'at')?.valueInstant ?? iso(now),
        why: (part(before, 'reason')?.valueCode ?? reason) as PhoneRequest['reason'],
        first: false,
      };
    await tx.update<Encounter>(converted(resource, clinician, reason, now));
    return { at: iso(now), why: reason, first: true };
  });
  if (first) {
    tell(house, 'happened', { tenant, visit: rid, event: { type: 'phone', at } });
    tell(house, 'changed', { tenant, visit: rid, clinician });
  }
  return { at, by: clinician, reason: why, numbers: await numbersOf(house, caller, visit.patient) };
}

/** Tells the patient that she is awaited. @throws Refusal 'throttled' */
export async function callAgain(house: House, visit: VisitRow): Promise<CalledAgain> {
  const { tenant, rid, patient } = visit;
  const now = house.clock.now();
  const seats = await seatsOf(house.db, tenant, rid);
  const present = seats.some(
    (one) => one.role === 'patient' && one.connection !== null && one.lease_until > now,
  );
  if (present) return { at: iso(now), present };
  await house.access.allowances.take(tenant, {
    of: ['visit-call-again', rid],
    most: 1,
    windowMs: 60_000,
  });
  const account = await house.access.accounts.byFhirUser(tenant, { type: 'Patient', id: patient });
  if (account)
    await house.access.notices.tell({
      tenant,
      to: { account: account.id },
      kind: 'visit-awaited',
      about: { visit: rid },
    });
  return { at: iso(now), present: false };
}
