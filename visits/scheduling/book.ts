/** Books a free time: the patient's and the clinician's time, the Appointment and the visit, all or nothing. */
import { actsFor, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { BookRequest, VisitMode } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { DoneAlready, keepAnswer, type Deed } from '../idempotency.ts';
import { addVisit } from '../visit-row.ts';
import { modeCoding } from '../vocabulary.ts';
import { bookable, isFree, takenSpans } from './free-slots.ts';
import { blockedSpan, slotSpans, type Span } from './open-hours.ts';
import { fault, isUuid, refuseFaults, visitModes } from './rule.ts';
import { requireReach, offeredSchedules } from '../licensing/licensed.ts';
import { bookedPlace, keepPlace, placeFaults } from '../licensing/place.ts';
import type { StoredSchedule } from './schedules.ts';
import { readSlotId } from './slot-id.ts';
import { onBehalf } from '../waiting/arrive.ts';
import { takeTime } from './take-time.ts';

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readBooking(body: unknown): BookRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { slotId, type, reason, patient, place } = asked;
  const words = typeof reason === 'string' ? reason.trim() : '';
  refuseFaults([
    ...(isUuid(slotId) ? [] : [fault('slotId', 'the id of a free time')]),
    ...(visitModes.includes(type as VisitMode) ? [] : [fault('type', visitModes.join(', '))]),
    ...(words && words.length <= 500 ? [] : [fault('reason', '1 to 500 characters')]),
    ...(patient === undefined || isUuid(patient) ? [] : [fault('patient', 'a Patient id')]),
    ...placeFaults(place),
  ]);
  return {
    slotId: slotId as string,
    type: type as VisitMode,
    reason: words,
    ...(patient !== undefined && { patient: patient as string }),
    ...(place !== undefined && { place: place as string }),
  };
}

/** Whom this caller books for. A patient books for herself and her dependants; the record store has the last word on everybody else. */
export function bookedFor(caller: Caller, asked: string | undefined): string {
  const { role, fhirUser } = caller;
  if (role === 'patient') {
    const own = fhirUser?.type === 'Patient' ? (asked ?? fhirUser.id) : asked;
    if (!own || (fhirUser?.type === 'Patient' && !actsFor(caller, own)))
      throw new Refusal('forbidden');
    return own;
  }
  if (role !== 'practitioner' && role !== 'nurse' && role !== 'system')
    throw new Refusal('forbidden');
  if (asked === undefined) refuseFaults([fault('patient', 'say for whom')]);
  return asked!;
}

/**
 * The schedule and span of a slot that may be booked now.
 * @throws Refusal 'invalid' (422): unknown, never offered, past, too near, too far, or not in this mode
 */
export function offered(
  schedules: readonly StoredSchedule[],
  { slotId, type }: Pick<BookRequest, 'slotId' | 'type'>,
  now: number,
): { schedule: StoredSchedule; span: Span } {
  const refuse = (diagnostics: string): never => {
    throw new Refusal('invalid', { status: 422, issues: [fault('slotId', diagnostics)] });
  };
  const read = readSlotId(
    slotId,
    schedules.map((one) => one.rid),
  );
  const schedule = schedules.find((one) => one.rid === read?.schedule);
  const span = schedule && read && slotSpans(schedule.rule, read.start, read.start + 1).at(0);
  if (!schedule || !span) return refuse('no such time');
  const window = bookable(schedule, now);
  if (span.start < now) refuse('this time is over');
  if (span.start < window.start) refuse('this time is too near');
  if (span.start >= window.end) refuse('this time is too far ahead');
  if (!schedule.rule.modes.includes(type))
    refuseFaults([fault('type', 'not offered by this clinician')]);
  return { schedule, span };
}

function appointment(
  ask: BookRequest,
  patient: string,
  clinician: string,
  { start, end }: Span,
  now: number,
): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'booked',
    serviceType: [{ text: 'Consultation' }],
    appointmentType: { coding: [modeCoding(ask.type)] },
    reasonCode: [{ text: ask.reason }],
    start: iso(start),
    end: iso(end),
    minutesDuration: Math.round((end - start) / 60_000),
    slot: [{ reference: `Slot/${ask.slotId}` }],
    created: iso(now),
    participant: [
      { actor: { reference: `Patient/${patient}` }, required: 'required', status: 'accepted' },
      {
        actor: { reference: `Practitioner/${clinician}` },
        required: 'required',
        status: 'accepted',
      },
    ],
  };
}

/**
 * Holds the patient's bookings still until the transaction ends: two at once do not both find room for the last one.
 * @throws Refusal 'conflict' (409)
 */
async function requireRoom(
  house: House,
  sql: Queryable,
  tenant: number,
  patient: string,
  now: number,
): Promise<void> {
  const most = house.config.mostBookingsAhead;
  await sql.query('select pg_advisory_xact_lock(4197102, hashtext($1))', [`${tenant}|${patient}`]);
  const { rows } = await sql.query<{ n: number }>({
    name: 'visits.booked-ahead',
    text: `select count(*)::int as n from visits.visit
      where tenant = $1 and patient = $2 and starts > $3 and state = 'booked'`,
    values: [tenant, patient, now],
  });
  if (rows[0]!.n >= most)
    throw new Refusal('conflict', {
      diagnostics: `${most} visits are booked already: no more can be booked until one of them was held or cancelled`,
    });
}

/**
 * Books. Time, Appointment, visit and kept answer commit together.
 * @returns the visit's id
 * @throws Refusal 'licence-required' (403), 'slot-taken' (409), 'conflict' (409) when the patient is elsewhere then or has booked too much, 'invalid' (422)
 */
export async function book(
  house: House,
  caller: Caller,
  ask: BookRequest,
  deed: Deed,
): Promise<{ id: string }> {
  const { tenant } = caller;
  const now = house.clock.now();
  const patient = bookedFor(caller, ask.patient);
  // Proxies: the record store says whose chart is theirs.
  if (caller.role === 'patient' && caller.fhirUser?.id !== patient)
    await house.records.read(caller, 'Patient', patient);
  // A patient does not write bookings herself: the house does, once it knows that the time is offered and free.
  const author = caller.role === 'patient' ? onBehalf(house, caller, 'book') : caller;
  const { schedule, span } = offered(await offeredSchedules(house, tenant), ask, now);
  const { rule } = schedule;
  const { clinician, capacity } = rule;
  const place = await bookedPlace(house, caller, patient, ask.place);
  await requireReach(house, tenant, { clinician, mode: ask.type, place, at: span.start });
  const blocked = blockedSpan(rule, span.start);
  // Most losers of a race are told here, without a transaction.
  const taken = await takenSpans(house.db, tenant, clinician, blocked);
  if (!isFree(blocked, capacity, taken)) throw new Refusal('slot-taken');
  try {
    return await house.records.write(author, async (tx) => {
      if (caller.role === 'patient') await requireRoom(house, tx.sql, tenant, patient, now);
      const { rid } = await tx.create(appointment(ask, patient, clinician, span, now));
      const lost = await takeTime(tx.sql, tenant, rid, [
        { actor: clinician, blocked, capacity },
        { actor: patient, blocked: span, capacity: 1 },
      ]);
      if (lost === clinician) throw new Refusal('slot-taken');
      if (lost) throw new Refusal('conflict', { diagnostics: 'another visit is at this time' });
      const { start: starts, end: ends } = span;
      const state = 'booked' as const;
      await addVisit(tx.sql, {
        tenant,
        rid,
        patient,
        clinician,
        mode: ask.type,
        state,
        starts,
        ends,
      });
      if (place !== undefined) await keepPlace(tx, { tenant, rid, patient }, place, now);
      await keepAnswer(tx, deed, patient, { id: rid }, now);
      return { id: rid };
    });
  } catch (error) {
    // Overlap and deadlock seen by the database itself mean that somebody else was faster.
    const code = (error as { code?: unknown }).code;
    if (
      !(error instanceof DoneAlready) &&
      (code === '23P01' || code === '40P01' || code === '40001')
    )
      throw new Refusal('slot-taken', { cause: error });
    throw error;
  }
}
