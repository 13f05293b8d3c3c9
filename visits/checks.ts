/** The named checks that stand before every use case; an endpoint is a list of them. */
import { actsFor, may, requireCaller, requireFresh, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { adopt } from './adopt.ts';
import type { House } from './house.ts';
import { isUuid } from './scheduling/rule.ts';
import { isOpen } from './state.ts';
import { findVisit, type VisitRow } from './visit-row.ts';

/** How a caller stands to a visit: in it, or allowed to see it through a care relation. */
export type Standing = 'patient' | 'clinician' | 'care';

/** A visit that this caller may see. */
export interface Seen {
  row: VisitRow;
  appointment: Appointment;
  standing: Standing;
}

export interface Ask {
  house: House;
  req: FastifyRequest;
  reply: FastifyReply;
  caller: Caller;
}

export interface VisitAsk extends Ask, Seen {}

export type Check<A> = (ask: A) => void;

export function standingOf(caller: Caller, row: VisitRow, appointment: Appointment): Standing {
  const own = caller.fhirUser;
  if (own?.type === 'Practitioner' && own.id === row.clinician) return 'clinician';
  if (caller.role === 'patient' && actsFor(caller, row.patient)) return 'patient';
  // A proxy whom the record store lets read the patient's appointment speaks for the patient.
  if (caller.role === 'patient' && own?.type === 'RelatedPerson' && appointment.id)
    return 'patient';
  return 'care';
}

/**
 * The visit, read through the record store as this caller: no care relation, another tenant, a withdrawn consent and an id that
 * never was all end in the same 404.
 */
export async function seeVisit(house: House, caller: Caller, id: unknown): Promise<Seen> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const { resource } = await house.records.read<Appointment>(caller, 'Appointment', id);
  const row =
    (await findVisit(house.db, caller.tenant, id)) ?? (await adopt(house, caller.tenant, resource));
  if (!row) throw new Refusal('not-found');
  return { row, appointment: resource, standing: standingOf(caller, row, resource) };
}

/** A patient's own word. */
export function requirePatient({ standing }: VisitAsk): void {
  if (standing !== 'patient') throw new Refusal('forbidden');
}

/** Only whom the visit is booked with. */
export function requireOwnClinician({ standing, caller }: VisitAsk): void {
  if (standing !== 'clinician' || caller.role !== 'practitioner') throw new Refusal('forbidden');
}

/** Who takes part: the patient and the clinician; colleagues with a care relation do not sit in the room. */
export function requireParticipant({ standing }: VisitAsk): void {
  if (standing === 'care') throw new Refusal('forbidden');
}

/** Practitioners, trainees and nurses who care for this patient, and whose role or app reaches notes. */
export function requireCarer({ standing, caller }: VisitAsk): void {
  const carer = ['practitioner', 'trainee', 'nurse'].includes(caller.role);
  if (!may(caller, 'read', 'Composition')) throw new Refusal('forbidden');
  if (!carer || standing === 'patient') throw new Refusal('forbidden');
}

/** Who writes what another signs. */
export function requireTrainee({ caller }: Ask): void {
  if (caller.role !== 'trainee') throw new Refusal('forbidden');
}

export function requirePractitioner({ caller }: Ask): void {
  if (caller.role !== 'practitioner') throw new Refusal('forbidden');
}

/** What cannot be taken back asks once more who is there. */
export function requireProven({ req }: Ask): void {
  requireFresh(req);
}

/** Patients and those who care; neither office nor auditor has a visit. */
export function requireVisitor({ caller }: Ask): void {
  if (!['patient', 'practitioner', 'trainee', 'nurse', 'system'].includes(caller.role))
    throw new Refusal('forbidden');
}

/** Media only between admission and end. */
export function requireOpenVisit({ row }: VisitAsk): void {
  if (!isOpen(row.state)) throw new Refusal('conflict', { detail: `state ${row.state}` });
}

/** From admission on, after the end too: notes and orders. */
export function requireAdmitted({ row }: VisitAsk): void {
  if (!row.encounter) throw new Refusal('conflict', { detail: `state ${row.state}` });
}

/** Until admission. */
export function requireNotAdmitted({ row }: VisitAsk): void {
  if (row.encounter || !['booked', 'waiting'].includes(row.state))
    throw new Refusal('conflict', { detail: `state ${row.state}` });
}

export { requireCaller };
