/** Finding a time, booking it, answering the intake: `/api/clinicians`, `/api/slots`, `/api/schedules`, `/api/appointments`. */
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { appointmentView, myAppointments } from './appointment-view.ts';
import { requireNotAdmitted, requirePatient, requireVisitor, seeVisit } from './checks.ts';
import type { Clinicians, ScheduleRule, Slots, UsualPlace, VisitMode } from './contract.ts';
import type { Endpoints } from './endpoint.ts';
import type { House } from './house.ts';
import { deedOf, once } from './idempotency.ts';
import { intakeOf, readIntake, submitIntake } from './intake/submit.ts';
import { usualPlace } from './licensing/place.ts';
import { needsOf, readWish, type Wish } from './scheduling/along.ts';
import { book } from './scheduling/book.ts';
import { bookedFor, readBooking } from './scheduling/book-request.ts';
import { cancel, readCancel } from './scheduling/cancel.ts';
import { bookableClinicians } from './scheduling/clinicians.ts';
import { freeSlots } from './scheduling/free-slots.ts';
import type { Span } from './scheduling/open-hours.ts';
import { fault, isInstant, isUuid, refuseFaults, visitModes } from './scheduling/rule.ts';
import { putSchedule, scheduleOf } from './scheduling/schedules.ts';
import { findVisit } from './visit-row.ts';

const day = 86_400_000;
/** A calendar page is five or six weeks. */
const longestLook = 42 * day;

interface SlotsAsked extends Span {
  clinician: string;
  whom: { patient: string | undefined; moving: string | undefined };
  wish: Wish;
}

function readSlotsRequest(body: unknown): SlotsAsked {
  const asked = (body ?? {}) as Record<string, unknown>;
  const { clinician, from, to, type, patient, moving } = asked;
  const [start, end] = [Date.parse(String(from)), Date.parse(String(to))];
  refuseFaults([
    ...(isUuid(clinician) ? [] : [fault('clinician', 'a Practitioner id')]),
    ...(patient === undefined || isUuid(patient) ? [] : [fault('patient', 'a Patient id')]),
    ...(moving === undefined || isUuid(moving) ? [] : [fault('moving', 'an Appointment id')]),
    ...(isInstant(from) ? [] : [fault('from', 'an instant')]),
    ...(isInstant(to) ? [] : [fault('to', 'an instant')]),
    ...(end - start > longestLook || end < start
      ? [fault('to', 'at most 42 days after from')]
      : []),
    ...(type === undefined || visitModes.includes(type as VisitMode)
      ? []
      : [fault('type', visitModes.join(', '))]),
  ]);
  const wish = { ...readWish(asked), ...(type !== undefined && { type: type as VisitMode }) };
  return {
    clinician: clinician as string,
    whom: { patient: patient as string | undefined, moving: moving as string | undefined },
    start,
    end,
    wish,
  };
}

/** Whose visit it would be: what she has planned is left out of the offer. Who looks around before signing in has nothing planned. */
async function plannedFor(
  house: House,
  req: FastifyRequest,
  { patient: asked, moving }: SlotsAsked['whom'],
): Promise<{ id: string; moving?: string } | undefined> {
  const { caller } = req;
  // Half signed in is not signed in: a password alone tells nobody when she has visits.
  if (!caller || caller.pending) return undefined;
  if (moving !== undefined) {
    const { row } = await seeVisit(house, caller, moving);
    req.evidence.patients.push(row.patient);
    return { id: row.patient, moving };
  }
  const own = caller.role === 'patient' && caller.fhirUser?.type === 'Patient';
  if (asked === undefined && !own) return undefined;
  const patient = bookedFor(caller, asked);
  if (patient === caller.fhirUser?.id) return { id: patient };
  // The record store says whose chart is whose: whether somebody has a visit is of her chart.
  await house.records.read(caller, 'Patient', patient);
  req.evidence.patients.push(patient);
  return { id: patient };
}

/** Before sign-in the tenant is the host's. */
export type TenantOf = (req: FastifyRequest) => number;

export function scheduleRoutes(on: Endpoints, house: House, tenantOf: TenantOf): void {
  const intake = intakeOf(house);

  on.open(
    'GET',
    '/clinicians',
    { action: 'clinicians', verb: 'R' },
    async (req): Promise<Clinicians> => ({
      clinicians: await bookableClinicians(house, tenantOf(req)),
    }),
  );

  on.open('POST', '/slots', { action: 'slots', verb: 'R' }, async (req): Promise<Slots> => {
    const { clinician, wish, whom, ...span } = readSlotsRequest(req.body);
    const tenant = tenantOf(req);
    const now = house.clock.now();
    const schedule = await scheduleOf(house.db, tenant, clinician);
    const until = await house.access.licences.until(tenant, clinician);
    if (!schedule?.rule.active || until <= now) throw new Refusal('not-found');
    // Which room or interpreter it is shows nothing of anybody; whether a certain one is free is for staff.
    const staff = req.caller && !req.caller.pending && req.caller.role !== 'patient';
    if (wish.with?.length && !staff) throw new Refusal('forbidden');
    const needs = await needsOf(house.db, tenant, schedule.rule, wish);
    const patient = await plannedFor(house, req, whom);
    const wishes = { needs, ...(patient !== undefined && { patient }) };
    return freeSlots(house.db, tenant, { ...schedule, until }, span, now, wishes);
  });

  on.signedIn(
    'GET',
    '/schedules/:clinician',
    { action: 'schedule', verb: 'R' },
    [],
    async ({ caller, req }): Promise<ScheduleRule> => {
      const { clinician } = req.params as { clinician: string };
      const found = isUuid(clinician)
        ? await scheduleOf(house.db, caller.tenant, clinician)
        : undefined;
      if (!found) throw new Refusal('not-found');
      return found.own;
    },
  );

  on.signedIn(
    'PUT',
    '/schedules/:clinician',
    { action: 'set-schedule', verb: 'U' },
    [],
    async ({ caller, req }): Promise<ScheduleRule> => {
      const { clinician } = req.params as { clinician: string };
      const body = typeof req.body === 'object' && req.body !== null ? req.body : {};
      return putSchedule(house, caller, { ...body, clinician });
    },
  );

  on.signedIn(
    'GET',
    '/place',
    { action: 'usual-place', verb: 'R' },
    [requireVisitor],
    async ({ caller, req }): Promise<UsualPlace> => {
      const patient = bookedFor(caller, (req.query as { patient?: string }).patient);
      if (!isUuid(patient)) throw new Refusal('not-found');
      // The record store says whose chart is whose.
      await house.records.read(caller, 'Patient', patient);
      req.evidence.type = 'Patient';
      req.evidence.rid = patient;
      req.evidence.patients.push(patient);
      const place = await usualPlace(house, caller.tenant, patient);
      return { asked: house.access.licences.asks('practitioner'), ...(place && { place }) };
    },
  );

  on.signedIn(
    'POST',
    '/appointments',
    { action: 'book', verb: 'C' },
    [requireVisitor],
    async ({ caller, req, reply }) => {
      const deed = await deedOf(house, req, caller);
      const ask = readBooking(req.body);
      const { answer } = await once(house, caller, deed, () => book(house, caller, ask, deed));
      const { row, appointment } = await seeVisit(house, caller, answer.id);
      req.evidence.type = 'Appointment';
      req.evidence.rid = row.rid;
      req.evidence.patients.push(row.patient);
      void reply.code(201);
      return appointmentView(house, caller, row, appointment);
    },
  );

  on.signedIn(
    'GET',
    '/appointments',
    { action: 'appointments', verb: 'R' },
    [requireVisitor],
    async ({ caller, req }) => {
      const { list, patients } = await myAppointments(house, caller, req.query as object);
      req.evidence.type = 'Appointment';
      req.evidence.patients.push(...patients);
      return list;
    },
  );

  on.onVisit(
    'POST',
    '/appointments/:id/cancel',
    { action: 'cancel', verb: 'U' },
    [requireVisitor],
    async ({ caller, row, appointment, req }) => {
      await cancel(house, caller, row, readCancel(req.body, caller.role !== 'patient'));
      const after = (await findVisit(house.db, row.tenant, row.rid)) ?? row;
      return appointmentView(house, caller, after, appointment);
    },
  );

  on.onVisit(
    'GET',
    '/appointments/:id/intake',
    { action: 'intake', verb: 'R' },
    [requireVisitor],
    async ({ caller, row }) => readIntake(house, caller, row, await intake(row.tenant)),
  );

  on.onVisit(
    'POST',
    '/appointments/:id/intake',
    { action: 'answer-intake', verb: 'C' },
    [requirePatient, requireNotAdmitted],
    async ({ caller, row, req }) =>
      submitIntake(house, caller, row, await intake(row.tenant), req.body),
  );
}
