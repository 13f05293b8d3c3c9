/** Makes one visit in a transaction: the Appointment, its time, its row. Booking, series and the waitlist all end here. */
import { Refusal } from '@afar/fhir';
import type { Appointment, AppointmentParticipant } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { VisitMode } from '../contract.ts';
import { iso } from '../house.ts';
import { DoneAlready } from '../idempotency.ts';
import { keepPlace } from '../licensing/place.ts';
import { appointmentStatus } from '../state.ts';
import { addVisit } from '../visit-row.ts';
import { modeCoding } from '../vocabulary.ts';
import type { Need } from './along.ts';
import { keepCompanions } from './companions.ts';
import { blockedSpan, type Span } from './open-hours.ts';
import { typeOfKind, type StoredResource } from './resources.ts';
import type { StoredSchedule } from './schedules.ts';
import { slotId } from './slot-id.ts';
import { takeTime, type Claim } from './take-time.ts';

/** Who and what one visit takes, and when. */
export interface Plan {
  schedule: StoredSchedule;
  span: Span;
  patient: string;
  along: readonly StoredResource[];
}

export interface NewVisit extends Plan {
  mode: VisitMode;
  reason: string;
  /** `requested`: the clinic has yet to confirm, and no time is taken. */
  state: 'requested' | 'booked';
  place?: string | undefined;
  urgent?: boolean | undefined;
  /** Account of a patient or proxy who books herself. */
  bookedBy?: string | undefined;
  series?: { id: string; index: number } | undefined;
}

/** A time that somebody else was faster to take; `field` names the room or interpreter that is gone. */
export const slotTaken = (need?: Pick<Need, 'field'>): Refusal =>
  new Refusal('slot-taken', need ? { expression: [need.field] } : {});

/** Overlap and deadlock seen by the database itself mean that somebody else was faster. */
export function lostRace(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  const lost = code === '23P01' || code === '40P01' || code === '40001';
  return lost && !(error instanceof DoneAlready)
    ? new Refusal('slot-taken', { cause: error })
    : error;
}

/** The patient has another visit then. */
export const elsewhere = (): Refusal => new Refusal('patient-elsewhere');

/** Everybody's time: the clinician's with its buffers, the patient's and the rooms' as it is. */
export function claimsOf({ schedule, span, patient, along }: Plan): Claim[] {
  const { clinician, capacity } = schedule.rule;
  return [
    { actor: clinician, blocked: blockedSpan(schedule.rule, span.start), capacity },
    { actor: patient, blocked: span, capacity: 1 },
    ...along.map((one) => ({ actor: one.id, blocked: span, capacity: one.capacity })),
  ];
}

/** @throws Refusal 'slot-taken' (409), 'patient-elsewhere' (409) */
export async function takeAll(
  tx: RecordTx,
  taking: { tenant: number; source: string; now: number },
  plan: Plan,
): Promise<void> {
  const lost = await takeTime(tx.sql, taking, claimsOf(plan));
  if (lost === plan.patient) throw elsewhere();
  if (lost)
    throw slotTaken(plan.along.some((one) => one.id === lost) ? { field: 'with' } : undefined);
}

/** Who takes part, in the words of FHIR; a request waits for the clinician's answer. */
export function participantsOf(
  { schedule, patient, along }: Plan,
  state: 'requested' | 'booked',
): AppointmentParticipant[] {
  const status = state === 'booked' ? 'accepted' : 'needs-action';
  const required = 'required' as const;
  return [
    { actor: { reference: `Patient/${patient}` }, required, status: 'accepted' },
    { actor: { reference: `Practitioner/${schedule.rule.clinician}` }, required, status },
    ...along.map((one) => ({
      actor: { reference: `${typeOfKind[one.kind]}/${one.id}`, display: one.name },
      required,
      status: 'accepted' as const,
    })),
  ];
}

/** Start, end and slot, as they stand on the Appointment. */
export const whenOf = ({ schedule, span: { start, end } }: Pick<Plan, 'schedule' | 'span'>) => ({
  start: iso(start),
  end: iso(end),
  minutesDuration: Math.round((end - start) / 60_000),
  slot: [{ reference: `Slot/${slotId(schedule.rid, start)}` }],
});

/** [FHIR R4 appointment-definitions.html#Appointment.priority]: iCalendar's scale, 1 is the highest. */
const urgentPriority = 1;
export const priorityOf = (urgent: boolean | undefined): { priority?: number } =>
  urgent ? { priority: urgentPriority } : {};

function appointmentOf(visit: NewVisit, now: number): Appointment {
  return {
    resourceType: 'Appointment',
    status: appointmentStatus[visit.state],
    serviceType: [{ text: 'Consultation' }],
    appointmentType: { coding: [modeCoding(visit.mode)] },
    reasonCode: [{ text: visit.reason }],
    ...priorityOf(visit.urgent),
    ...whenOf(visit),
    created: iso(now),
    participant: participantsOf(visit, visit.state),
  };
}

/**
 * @returns the visit's id
 * @throws Refusal 'slot-taken' (409), 'conflict' (409)
 */
export async function makeVisit(
  tx: RecordTx,
  tenant: number,
  visit: NewVisit,
  now: number,
): Promise<string> {
  const { span, patient, state, mode, along, place, series } = visit;
  const { rid } = await tx.create(appointmentOf(visit, now));
  if (state === 'booked') await takeAll(tx, { tenant, source: rid, now }, visit);
  await addVisit(tx.sql, {
    tenant,
    rid,
    patient,
    clinician: visit.schedule.rule.clinician,
    mode,
    state,
    starts: span.start,
    ends: span.end,
    urgent: visit.urgent ?? false,
    booked_by: visit.bookedBy ?? null,
    series: series?.id ?? null,
    series_index: series?.index ?? null,
  });
  const resources = along.map((one) => one.id);
  if (resources.length) await keepCompanions(tx.sql, tenant, rid, resources);
  if (place !== undefined) await keepPlace(tx, { tenant, rid, patient }, place, now);
  return rid;
}
