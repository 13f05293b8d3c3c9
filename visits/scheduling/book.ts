/** Books a free time: the patient's, the clinician's, a room's and an interpreter's, the Appointment and the visit, all or nothing. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { BookRequest } from '../contract.ts';
import { tell, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { offeredSchedules, requireReach } from '../licensing/licensed.ts';
import { bookedPlace } from '../licensing/place.ts';
import { onBehalf } from '../waiting/arrive.ts';
import { alongIn, needsOf, type Need } from './along.ts';
import { bookedFor, requireMayChoose } from './book-request.ts';
import { consumeHolds } from './holds.ts';
import { elsewhere, lostRace, makeVisit, slotTaken } from './make-visit.ts';
import { offered } from './offered.ts';
import { blockedSpan } from './open-hours.ts';
import { lockActors } from './take-time.ts';
import { isFree, takenSpans } from './taken.ts';
import { tellClinician } from './telling.ts';

/**
 * Holds the patient's bookings still until the transaction ends: two at once do not both find room for the last one.
 * @returns how many more she may book
 */
export async function roomFor(
  house: House,
  sql: Queryable,
  tenant: number,
  patient: string,
  now: number,
): Promise<number> {
  await sql.query('select pg_advisory_xact_lock(4197102, hashtext($1))', [`${tenant}|${patient}`]);
  const { rows } = await sql.query<{ n: number }>({
    name: 'visits.booked-ahead',
    text: `select count(*)::int as n from visits.visit
      where tenant = $1 and patient = $2 and starts > $3 and state in ('requested', 'booked')`,
    values: [tenant, patient, now],
  });
  return Math.max(0, house.config.mostBookingsAhead - rows[0]!.n);
}

/** @throws Refusal 'too-many-bookings' (409) */
export async function requireRoom(
  house: House,
  sql: Queryable,
  tenant: number,
  patient: string,
  now: number,
): Promise<void> {
  const most = house.config.mostBookingsAhead;
  if ((await roomFor(house, sql, tenant, patient, now)) === 0)
    throw new Refusal('too-many-bookings', {
      diagnostics: `${most} visits are booked already: no more can be booked until one of them was held or cancelled`,
    });
}

/** A patient does not write bookings herself: the house does, once it knows that the time is offered and free. */
export const authorOf = (house: House, caller: Caller, why: string): Caller =>
  caller.role === 'patient' ? onBehalf(house, caller, why) : caller;

/** @throws Refusal 'not-found' when this is no chart of the caller's */
export async function requireChart(house: House, caller: Caller, patient: string): Promise<void> {
  // Proxies: the record store says whose chart is theirs.
  if (caller.role === 'patient' && caller.fhirUser?.id !== patient)
    await house.records.read(caller, 'Patient', patient);
}

/** Everybody whose time a booking may take. */
export const actorsOf = (clinician: string, patient: string, needs: readonly Need[]): string[] => [
  clinician,
  patient,
  ...needs.flatMap(({ of }) => of.map((one) => one.id)),
];

/**
 * Books. Time, Appointment, visit and kept answer commit together. Where the clinic confirms, a patient's booking is a request
 * that takes no time yet.
 * @returns the visit's id
 * @throws Refusal 'licence-required' (403), 'slot-taken' (409), 'patient-elsewhere' (409), 'too-many-bookings' (409), 'invalid' (422)
 */
export async function book(
  house: House,
  caller: Caller,
  ask: BookRequest,
  deed: Deed,
): Promise<{ id: string }> {
  const { tenant } = caller;
  const now = house.clock.now();
  const own = caller.role === 'patient';
  const patient = bookedFor(caller, ask.patient);
  requireMayChoose(caller, ask.with);
  await requireChart(house, caller, patient);
  const { schedule, span } = offered(
    await offeredSchedules(house, tenant, ask.slotId),
    ask,
    now,
    !own,
  );
  const { rule } = schedule;
  const { clinician, capacity } = rule;
  const place = await bookedPlace(house, caller, patient, ask.place);
  await requireReach(house, tenant, { clinician, mode: ask.type, place, at: span.start });
  const needs = await needsOf(house.db, tenant, rule, ask);
  const blocked = blockedSpan(rule, span.start);
  const except = ask.hold ? [ask.hold] : [];
  const holder = { account: caller.id, slot: ask.slotId };
  const query = { tenant, actors: [clinician, patient], span: blocked, now, except, holder };
  // Most losers of a race are told here, without a transaction.
  const taken = await takenSpans(house.db, query);
  if (!isFree(blocked, capacity, taken.get(clinician) ?? [])) throw slotTaken();
  if (!isFree(span, 1, taken.get(patient) ?? [])) throw elsewhere();
  const state = own && rule.confirm ? ('requested' as const) : ('booked' as const);
  try {
    const made = await house.records.write(authorOf(house, caller, 'book'), async (tx) => {
      if (own) await requireRoom(house, tx.sql, tenant, patient, now);
      await lockActors(tx.sql, tenant, actorsOf(clinician, patient, needs));
      await consumeHolds(tx.sql, caller, ask);
      // Under the locks this is the last word: whoever lost goes without having written anything.
      const still = (await takenSpans(tx.sql, query)).get(clinician) ?? [];
      if (!isFree(blocked, capacity, still)) throw slotTaken();
      const along = (await alongIn(tx.sql, { tenant, needs, span, now }))(span);
      if (along.missing) throw slotTaken(along.missing);
      const plan = { schedule, span, patient, along: along.chosen };
      const { type: mode, reason, urgent } = ask;
      const bookedBy = own ? caller.id : undefined;
      const visit = { ...plan, mode, reason, urgent, place, state, bookedBy };
      const rid = await makeVisit(tx, tenant, visit, now);
      if (own) {
        const kind = state === 'booked' ? 'visit-booked' : 'visit-requested';
        await tellClinician(house, tx.sql, { tenant, rid, clinician, starts: span.start }, kind);
      }
      await keepAnswer(tx, deed, patient, { id: rid }, now);
      return { id: rid };
    });
    tell(house, 'changed', { tenant, visit: made.id, clinician });
    return made;
  } catch (error) {
    throw lostRace(error);
  }
}
