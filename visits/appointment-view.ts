/** An appointment as patients and clinicians see it: the row's state with the words read through records as the caller. */
import { actsFor, type Caller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import type { AppointmentList, AppointmentView, VisitView } from './contract.ts';
import { iso, type House } from './house.ts';
import { modeOf } from './adopt.ts';
import { placeOfVisit } from './licensing/place.ts';
import { clinicianBrief, patientBrief, readIfSeen } from './people.ts';
import { companionsOf } from './scheduling/companions.ts';
import { canMove, freeUntil } from './scheduling/policy.ts';
import { scheduleOf } from './scheduling/schedules.ts';
import { seriesBrief } from './scheduling/series-row.ts';
import { step } from './state.ts';
import { isUntaken, listVisits, type VisitRow } from './visit-row.ts';

const minute = 60_000;

export function reasonOf(appointment: Appointment): string {
  const first = appointment.reasonCode?.[0];
  return (
    first?.text ??
    first?.coding?.find((one) => one.display)?.display ??
    appointment.description ??
    ''
  );
}

/** When the door opens. Nobody waits in a room an hour before the doctor comes. */
export function arrivalWindow(house: House, row: VisitRow): { from: number; until: number } {
  const { arriveEarlyMinutes, arriveLateMinutes } = house.config;
  return {
    from: row.starts - arriveEarlyMinutes * minute,
    until: row.ends + arriveLateMinutes * minute,
  };
}

export async function appointmentView(
  house: House,
  caller: Caller,
  row: VisitRow,
  appointment: Appointment,
): Promise<AppointmentView> {
  const staff = caller.role !== 'patient';
  const [schedule, clinician, patient, along, series] = await Promise.all([
    scheduleOf(house.db, row.tenant, row.clinician),
    clinicianBrief(house, caller, row.clinician),
    staff ? patientBrief(house, caller, row.patient) : undefined,
    companionsOf(house.db, row.tenant, row.rid),
    seriesBrief(house.db, row),
  ]);
  const free = freeUntil(row, schedule?.rule);
  return {
    id: row.rid,
    state: row.state,
    start: iso(row.starts),
    end: iso(row.ends),
    zone: schedule?.rule.zone ?? 'UTC',
    mode: modeOf(appointment),
    reason: reasonOf(appointment),
    clinician,
    ...(patient && { patient }),
    intake: row.intake ? 'completed' : 'missing',
    redFlag: row.red_flag,
    arriveFrom: iso(arrivalWindow(house, row).from),
    canCancel: row.state !== 'cancelled' && step(row.state, 'cancel') !== undefined,
    ...(row.encounter && { encounter: row.encounter }),
    summaryReady: row.composition !== null,
    ...(row.pool && { onDemand: isUntaken(row) ? ('asked' as const) : ('taken' as const) }),
    urgent: row.urgent,
    canReschedule: canMove(row, house.clock.now()),
    with: along,
    ...(free !== undefined && { freeUntil: iso(free) }),
    ...(row.state === 'cancelled' && {
      cancelled: {
        ...(row.cancel_class && { class: row.cancel_class }),
        late: row.cancel_late,
        by: row.cancelled_by ?? 'staff',
      },
    }),
    ...(series && { series }),
  };
}

const instant = (ms: number | null): string | undefined => (ms === null ? undefined : iso(ms));

/** Somebody of the clinic booked it, and nobody has said where she will be. */
async function isPlaceAsked(house: House, row: VisitRow, appointment: Appointment) {
  if (modeOf(appointment) === 'in-person' || !house.access.licences.asks('practitioner'))
    return false;
  if (row.state !== 'booked' && row.state !== 'waiting') return false;
  return (await placeOfVisit(house, row)) === undefined;
}

export async function visitView(
  house: House,
  caller: Caller,
  row: VisitRow,
  appointment: Appointment,
): Promise<VisitView> {
  const view = await appointmentView(house, caller, row, appointment);
  const { rowCount } = await house.db.query({
    name: 'visits.has-draft',
    text: 'select from visits.draft where tenant = $1 and visit = $2',
    values: [row.tenant, row.rid],
  });
  return {
    ...view,
    ...(row.checks && { checks: row.checks }),
    waitingSince: instant(row.arrived_at),
    admittedAt: instant(row.admitted_at),
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    ...(caller.role === 'patient' &&
      (await isPlaceAsked(house, row, appointment)) && { placeAsked: true }),
    note: row.composition ? 'signed' : rowCount && caller.role !== 'patient' ? 'draft' : 'none',
  };
}

const pageSize = 20;

/** The cursor is the last visit's place; it names nothing that the page itself did not show, and opens nothing by itself. */
function readCursor(text: unknown): { starts: number; rid: string } | undefined {
  const match = typeof text === 'string' ? /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text) : null;
  return match ? { starts: Number(match[1]), rid: match[2]! } : undefined;
}

/** The caller's own visits, or a dependant's, one page. Those whose chart is closed to the caller meanwhile are left out. */
export async function myAppointments(
  house: House,
  caller: Caller,
  query: { when?: unknown; cursor?: unknown; patient?: unknown },
): Promise<{ list: AppointmentList; patients: string[] }> {
  const own = caller.fhirUser;
  if (!own || own.type === 'RelatedPerson') return { list: { appointments: [] }, patients: [] };
  const asked = typeof query.patient === 'string' ? query.patient : own.id;
  // Whose else she names is nobody to her; the record store shuts out what is hers no longer.
  const person = own.type === 'Patient' && actsFor(caller, asked) ? asked : own.id;
  if (own.type === 'Patient' && person !== asked)
    return { list: { appointments: [] }, patients: [] };
  const rows = await listVisits(house.db, {
    tenant: caller.tenant,
    of: own.type === 'Patient' ? 'patient' : 'clinician',
    person,
    when: query.when === 'past' ? 'past' : 'upcoming',
    now: house.clock.now(),
    limit: pageSize + 1,
    after: readCursor(query.cursor),
  });
  const page = rows.slice(0, pageSize);
  const views = await Promise.all(
    page.map(async (row) => {
      const appointment = await readIfSeen<Appointment>(house, caller, 'Appointment', row.rid);
      return appointment && appointmentView(house, caller, row, appointment);
    }),
  );
  const appointments = views.filter((one) => one !== undefined);
  const last = page.at(-1);
  const more = rows.length > pageSize && last;
  const seen = new Set(appointments.map((one) => one.id));
  return {
    list: { appointments, ...(more && { next: `${last.starts}.${last.rid}` }) },
    patients: [...new Set(page.filter((row) => seen.has(row.rid)).map((row) => row.patient))],
  };
}
