/** Times when clocks change: shifts over midnight, zones that do not follow, New York's 2027-03-14 and 2027-11-07. */
import ICAL from 'ical.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, FreeSlot } from '../contract.ts';
import { openClinic, opening, type Clinic, type Instance, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
let second: Instance;
beforeAll(async () => {
  clinic = await openClinic();
  second = await clinic.another();
});
afterAll(() => clinic.closeAll());

/** Nobody who is elsewhere at the time that a test is about. */
const patients = (many: number): Promise<Person[]> =>
  Promise.all(Array.from({ length: many }, () => clinic.person('patient')));

const iso = (ms: number): string => new Date(ms).toISOString();
/** Every other request goes to the other process. */
const on = (n: number): Instance | undefined => (n % 2 ? second : undefined);

async function slots(
  clinician: Person,
  from: number,
  to: number,
  reader = clinician,
): Promise<FreeSlot[]> {
  const ask = { clinician: clinician.id, from: iso(from), to: iso(to) };
  return (await reader.post<FreeSlot[]>('/api/slots', ask)).body;
}

const bookOn = (who: Person, slotId: string, n: number) =>
  who.post<AppointmentView>(
    '/api/appointments',
    { slotId, type: 'video', reason: 'x' },
    key(),
    on(n),
  );

describe('clock changes', () => {
  const nightly = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
    day: weekday as 1,
    start: '22:00',
    end: '06:00',
  }));
  const utc = (text: string): number => Date.parse(text);

  it('a night shift in New York searched at 01:00: 02:30 is not there in March, 01:30 is twice in November', async () => {
    const clinician = await clinic.clinician({ hours: nightly, horizonDays: 730 });
    const spring = await slots(clinician, utc('2027-03-14T06:00Z'), utc('2027-03-14T08:00Z'));
    // 01:00, 01:30, and then 03:00: 07:00Z is when clocks jump.
    expect(spring.map((one) => one.start.slice(11, 16))).toEqual([
      '06:00',
      '06:30',
      '07:00',
      '07:30',
    ]);
    const fall = await slots(clinician, utc('2027-11-07T05:00Z'), utc('2027-11-07T07:30Z'));
    const twice = fall.filter((one) => ['05:30', '06:30'].includes(one.start.slice(11, 16)));
    expect(twice).toHaveLength(2);
    const people = await patients(2);
    const booked = await Promise.all(twice.map((slot, n) => bookOn(people[n]!, slot.id, n)));
    expect(booked.map((one) => [one.status, one.body.start])).toEqual([
      [201, '2027-11-07T05:30:00.000Z'],
      [201, '2027-11-07T06:30:00.000Z'],
    ]);
  });

  it('Kolkata keeps its hour while New York changes, for readers in any zone, in the calendar file too', async () => {
    const clinician = await clinic.clinician({
      zone: 'Asia/Kolkata',
      hours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
        day: weekday as 1,
        start: '09:30',
        end: '10:00',
      })),
      horizonDays: 730,
    });
    const [who] = (await patients(1)) as [Person];
    const before = process.env.TZ;
    const seen: string[][] = [];
    const files: string[][] = [];
    for (const [n, date] of ['2027-03-13', '2027-03-14', '2027-11-06', '2027-11-07'].entries()) {
      const [slot] = await slots(clinician, utc(`${date}T00:00Z`), utc(`${date}T23:59Z`));
      expect(slot!.start).toBe(`${date}T04:00:00.000Z`);
      const { body } = await bookOn(who, slot!.id, n);
      // The computer is carried to another zone: every answer says the same instant.
      for (const zone of ['America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati']) {
        process.env.TZ = zone;
        const { http } = on(n) ?? clinic;
        const file = await http.inject({
          url: `/api/appointments/${body.id}/calendar.ics`,
          headers: { host: 'localhost:8170', cookie: who.cookie },
        });
        const event = new ICAL.Event(
          new ICAL.Component(ICAL.parse(file.body) as unknown[]).getFirstSubcomponent('vevent') ??
            undefined,
        );
        files.push([
          event.startDate.toJSDate().toISOString(),
          event.endDate.toJSDate().toISOString(),
        ]);
        const { body: view } = await who.get<AppointmentView>(`/api/visits/${body.id}`);
        seen.push([view.start, view.end]);
      }
      process.env.TZ = before;
      if (before === undefined) delete process.env.TZ;
    }
    expect(files).toEqual(seen);
    expect(new Set(seen.map(([start]) => start!.slice(11)))).toEqual(new Set(['04:00:00.000Z']));
    expect(opening).toBeLessThan(Date.parse(seen[0]![0]!));
  });

  // Last: it moves the clock by months, and everybody's session ends.
  it('a New York clinic keeps 09:00 across 2027-03-14 and 2027-11-07', async () => {
    const clinician = await clinic.clinician({ noticeMinutes: 0 });
    const firsts = async (from: string, days: number): Promise<string[]> => {
      clinic.clock.set(Date.parse(from));
      const reader = await clinic.person('patient');
      const now = clinic.clock.now();
      const free = await slots(clinician, now, now + days * 86_400_000, reader);
      const byDay = Map.groupBy(free, (one) => one.start.slice(0, 10));
      return [...byDay.values()].map((day) => day[0]!.start.slice(5, 16));
    };
    expect(await firsts('2027-03-13T05:00:00Z', 3)).toEqual([
      '03-13T14:00',
      '03-14T13:00',
      '03-15T13:00',
    ]);
    expect(await firsts('2027-11-06T04:00:00Z', 3)).toEqual([
      '11-06T13:00',
      '11-07T14:00',
      '11-08T14:00',
    ]);
  });
});
