/** The staff's calendar: several clinicians, rooms and interpreters side by side, open hours, bookings, holds, blocks in one answer. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, Patient } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { reasonOf } from '../appointment-view.ts';
import type {
  Calendar,
  CalendarActor,
  CalendarEntry,
  CalendarRequest,
  ScheduleRule,
} from '../contract.ts';
import { iso, type House } from '../house.ts';
import { nameOf } from '../people.ts';
import { step } from '../state.ts';
import { visitsOfActors, type CalendarRow } from './calendar-rows.ts';
import { blocksOf } from './blocks.ts';
import { closuresOf, spanOfDates } from './closures.ts';
import { openSpans, type Span } from './open-hours.ts';
import { canMove } from './policy.ts';
import { activeResources } from './resources.ts';
import { fault, isInstant, isUuid, refuseFaults } from './rule.ts';
import { activeSchedules, scheduleOf } from './schedules.ts';

const day = 86_400_000;
const longest = 42 * day;
/** Columns a screen can show; more are asked for in turn. */
const mostActors = 30;
/** A month of a busy clinic's one floor. */
const mostEntries = 2_000;
/** Ids of one search. */
const stride = 100;

/** @throws Refusal 'invalid' (422) */
export function readRange(
  body: unknown,
): Span & { actors?: string[]; clinician?: string; moving?: string; with?: unknown } {
  const asked = (body ?? {}) as Record<string, unknown> & CalendarRequest;
  const [start, end] = [Date.parse(String(asked.from)), Date.parse(String(asked.to))];
  const { actors, clinician, moving } = asked as Record<string, unknown>;
  const isAll = Array.isArray(actors) && actors.length === 1 && actors[0] === '*';
  refuseFaults([
    ...(isInstant(asked.from) ? [] : [fault('from', 'an instant')]),
    ...(isInstant(asked.to) && end >= start && end - start <= longest
      ? []
      : [fault('to', 'an instant at most 42 days after from')]),
    ...(actors === undefined ||
    isAll ||
    (Array.isArray(actors) && actors.length <= mostActors && actors.every(isUuid))
      ? []
      : [fault('actors', `ids, at most ${mostActors}, or ["*"]`)]),
    ...(clinician === undefined || isUuid(clinician)
      ? []
      : [fault('clinician', 'a Practitioner id')]),
    ...(moving === undefined || isUuid(moving) ? [] : [fault('moving', 'an Appointment id')]),
  ]);
  return {
    start,
    end,
    ...(actors !== undefined && { actors: actors as string[] }),
    ...(clinician !== undefined && { clinician: clinician as string }),
    ...(moving !== undefined && { moving: moving as string }),
    ...(asked.with !== undefined && { with: asked.with }),
  };
}

export function requireStaff(caller: Caller): void {
  if (!['practitioner', 'trainee', 'nurse', 'administrator'].includes(caller.role))
    throw new Refusal('forbidden');
}

interface Known {
  id: string;
  kind: CalendarActor['kind'];
  name: string;
  rule: ScheduleRule;
  /** Its own closures: the clinic's are told by name. */
  own: ScheduleRule['closures'];
}

/** Whom the calendar shows: those asked for that there are, in the order asked. */
async function actorsFor(
  house: House,
  caller: Caller,
  asked: readonly string[] | undefined,
): Promise<Known[]> {
  const { tenant } = caller;
  const wanted = asked ?? (caller.fhirUser ? [caller.fhirUser.id] : ['*']);
  const all = wanted[0] === '*';
  const schedules = all
    ? await activeSchedules(house.db, tenant)
    : (await Promise.all(wanted.map((id) => scheduleOf(house.db, tenant, id)))).filter(
        (one) => one !== undefined,
      );
  const clinicians = await Promise.all(
    schedules.map(async ({ rule, own }): Promise<Known> => {
      const { name } = await house.directory.clinician(tenant, rule.clinician);
      return { id: rule.clinician, kind: 'clinician', name, rule, own: own.closures };
    }),
  );
  const resources = (await activeResources(house.db, tenant)).map(
    ({ id, kind, name, rule, own }): Known => ({ id, kind, name, rule, own }),
  );
  const known = [...clinicians.toSorted((a, b) => a.name.localeCompare(b.name)), ...resources];
  if (all) return known.slice(0, mostActors);
  return [...new Set(wanted)].flatMap((id) => known.find((one) => one.id === id) ?? []);
}

const spanOf = ({ start, end }: Span): { start: string; end: string } => ({
  start: iso(start),
  end: iso(end),
});

const clipped = (spans: readonly Span[], { start, end }: Span): Span[] =>
  spans
    .map((one) => ({ start: Math.max(one.start, start), end: Math.min(one.end, end) }))
    .filter((one) => one.end > one.start);

async function holdsOf(
  sql: Queryable,
  tenant: number,
  actors: readonly string[],
  { start, end }: Span,
  now: number,
): Promise<(Span & { actor: string; expires: number })[]> {
  const { rows } = await sql.query<Span & { actor: string; expires: number }>({
    name: 'visits.calendar-holds',
    text: `select actor, lower(blocked) as start, upper(blocked) as "end", expires from visits.busy
      where tenant = $1 and actor = any($2::uuid[]) and blocked && int8range($3, $4) and expires > $5
      order by start`,
    values: [tenant, actors, start, end, now],
  });
  return rows;
}

/** What the caller may see of these: one search a hundred, as the caller. */
async function seen<T extends Appointment | Patient>(
  house: House,
  caller: Caller,
  type: T['resourceType'],
  ids: readonly string[],
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  if (caller.role === 'administrator') return found;
  for (let at = 0; at < ids.length; at += stride) {
    const some = ids.slice(at, at + stride);
    const { entry = [] } = await house.records.search(caller, type, [
      ['_id', some.join(',')],
      ['_count', String(stride)],
    ]);
    for (const { resource } of entry)
      if (resource?.resourceType === type && resource.id) found.set(resource.id, resource as T);
  }
  return found;
}

function entryOf(
  row: CalendarRow,
  shown: readonly string[],
  now: number,
  appointment: Appointment | undefined,
  patient: Patient | undefined,
): CalendarEntry {
  const actors = [row.clinician, ...row.along].filter((one) => shown.includes(one));
  const times = { start: iso(row.starts), end: iso(row.ends), state: row.state, actors };
  // Of those she does not care for she sees that the time is taken, and no more.
  if (!appointment)
    return { ...times, urgent: false, redFlag: false, canReschedule: false, canCancel: false };
  const { series, series_index: index, series_of: of } = row;
  return {
    ...times,
    id: row.rid,
    mode: row.mode,
    urgent: row.urgent,
    redFlag: row.red_flag,
    reason: reasonOf(appointment),
    ...(patient && {
      patient: {
        id: row.patient,
        name: nameOf(patient.name),
        ...(patient.birthDate && { birthDate: patient.birthDate }),
        ...(patient.gender && { gender: patient.gender }),
      },
    }),
    ...(series !== null && index !== null && of !== null && { series: { id: series, index, of } }),
    canReschedule: canMove(row, now),
    canCancel: row.state !== 'cancelled' && step(row.state, 'cancel') !== undefined,
  };
}

/**
 * @returns the calendar, and the patients it names
 * @throws Refusal 'too-costly' for more than a screen can show
 */
export async function staffCalendar(
  house: House,
  caller: Caller,
  asked: Span & { actors?: string[] },
): Promise<{ calendar: Calendar; patients: string[] }> {
  const { tenant } = caller;
  const now = house.clock.now();
  const known = await actorsFor(house, caller, asked.actors);
  const ids = known.map((one) => one.id);
  const [rows, blocks, holds, closures] = await Promise.all([
    visitsOfActors(house.db, tenant, ids, asked, mostEntries + 1),
    blocksOf(house.db, tenant, ids, asked),
    holdsOf(house.db, tenant, ids, asked, now),
    closuresOf(house.db, tenant),
  ]);
  if (rows.length > mostEntries) throw new Refusal('too-costly');
  const appointments = await seen<Appointment>(
    house,
    caller,
    'Appointment',
    rows.map((row) => row.rid),
  );
  const named = [
    ...new Set(rows.flatMap((row) => (appointments.has(row.rid) ? [row.patient] : []))),
  ];
  const people = await seen<Patient>(house, caller, 'Patient', named);
  const actors = known.map(({ id, kind, name, rule, own }): CalendarActor => {
    const closed: (Span & { clinic: boolean; label?: string })[] = [
      ...own.map((one) => ({ ...spanOfDates(one, rule.zone), clinic: false })),
      ...closures.map((one) => ({
        ...spanOfDates(one, rule.zone),
        clinic: true,
        label: one.label,
      })),
    ];
    return {
      id,
      kind,
      name,
      zone: rule.zone,
      slotMinutes: rule.slotMinutes,
      capacity: rule.capacity,
      open: clipped(openSpans(rule, asked.start, asked.end), asked).map(spanOf),
      closures: closed
        .filter((one) => one.start < asked.end && one.end > asked.start)
        .map(({ clinic, label, ...span }) => ({
          ...spanOf(span),
          clinic,
          ...(label !== undefined && { label }),
        })),
      blocks: blocks.flatMap(({ actor, ...one }) => (actor === id ? [one] : [])),
      holds: holds.flatMap(({ actor, expires, ...one }) =>
        actor === id ? [{ ...spanOf(one), expires: iso(expires) }] : [],
      ),
    };
  });
  const entries = rows.map((row) =>
    entryOf(row, ids, now, appointments.get(row.rid), people.get(row.patient)),
  );
  return { calendar: { actors, entries }, patients: named };
}
