/** Visits to come: one later today, the others in the next days, each at the start of a free slot. */
import { Temporal } from 'temporal-polyfill';
import type { MemberKey } from './clinic.ts';
import type { DemoBooking, DemoSchedule } from './types.ts';

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Starts of a schedule's slots after `from`, in order, for as many days as it can be booked. */
function* starts(schedule: DemoSchedule, from: number): Generator<number> {
  const first = Temporal.Instant.fromEpochMilliseconds(from)
    .toZonedDateTimeISO(schedule.zone)
    .toPlainDate();
  const step = schedule.slotMinutes + schedule.bufferAfter;
  for (let day = 0; day < schedule.horizonDays; day++) {
    const date = first.add({ days: day });
    for (const { day: weekday, start, end } of schedule.hours) {
      if (weekday !== date.dayOfWeek) continue;
      for (let at = minutesOf(start); at + schedule.slotMinutes <= minutesOf(end); at += step) {
        const plainTime = { hour: Math.floor(at / 60), minute: at % 60 };
        const instant = date.toZonedDateTime({
          timeZone: schedule.zone,
          plainTime,
        }).epochMilliseconds;
        if (instant > from) yield instant;
      }
    }
  }
}

const wanted: {
  patient: string;
  clinician: MemberKey;
  /** Not before this many hours from now. */
  hours: number;
  type: DemoBooking['type'];
  reason: string;
}[] = [
  {
    patient: 'siobhan',
    clinician: 'adeyemi',
    hours: 0.75,
    type: 'video',
    reason: 'Migraine diary and how topiramate is going',
  },
  {
    patient: 'huong',
    clinician: 'castellanos',
    hours: 30,
    type: 'video',
    reason: 'Three-month diabetes review with home readings',
  },
  {
    patient: 'inigo',
    clinician: 'iturbide',
    hours: 20,
    type: 'video',
    reason: 'Revisión de la tensión con losartán 100 mg',
  },
  {
    patient: 'priyanka',
    clinician: 'castellanos',
    hours: 100,
    type: 'in-person',
    reason: 'Prenatal visit and glucose screen',
  },
  {
    patient: 'fatima',
    clinician: 'iturbide',
    hours: 150,
    type: 'video',
    reason: 'Resultados de la analítica trimestral',
  },
];

/** The first free slot of the clinician after the wished time; never two at one time. */
export function bookings(
  now: number,
  schedules: DemoSchedule[],
  patients: ReadonlyMap<string, string>,
  id: (name: string) => string,
): DemoBooking[] {
  const taken = new Set<string>();
  return wanted.map(({ patient, clinician, hours, type, reason }) => {
    const practitioner = id(`practitioner ${clinician}`);
    const schedule = schedules.find((one) => one.clinician === practitioner)!;
    for (const start of starts(schedule, now + hours * 3_600_000)) {
      const key = `${practitioner} ${start}`;
      if (taken.has(key)) continue;
      taken.add(key);
      return { patient: patients.get(patient)!, clinician: practitioner, start, type, reason };
    }
    throw new Error(`no free time for ${patient}`);
  });
}
