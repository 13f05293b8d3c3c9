/** Visits that are moved, called off, missed, repeated: by us and through the FHIR interface. */
import type { Appointment, Bundle } from '@afar/fhir';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentView, FreeSlot, SeriesReport, SeriesView } from '../contract.ts';
import { openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key, well } from '../testing/samples.ts';

let clinic: Clinic;
let patient: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
});
afterAll(() => clinic.closeAll());

const hour = 3_600_000;
const day = 24 * hour;
const iso = (ms: number): string => new Date(ms).toISOString();

async function slots(clinician: Person, from = clinic.clock.now(), days = 2): Promise<FreeSlot[]> {
  const ask = { clinician: clinician.id, from: iso(from), to: iso(from + days * day) };
  return (await clinician.post<FreeSlot[]>('/api/slots', ask)).body;
}

const move = (who: Person, id: string, slotId: string, more = {}, headers = key()) =>
  who.post<AppointmentView & SeriesReport>(
    `/api/appointments/${id}/reschedule`,
    { slotId, ...more },
    headers,
  );

const kinds = async (who: Person): Promise<string[]> =>
  (await who.get<{ notices: { kind: string }[] }>('/api/notices')).body.notices.map(
    (notice) => notice.kind,
  );

describe('rescheduling', () => {
  it('keeps id, intake and history, frees the old time, tells the clinician', async () => {
    const clinician = await clinic.clinician();
    const visit = await clinic.book(patient, clinician);
    await patient.post(`/api/appointments/${visit.id}/intake`, { answers: well });
    const [, , third] = await slots(clinician);
    const headers = key();
    const { status, body } = await move(patient, visit.id, third!.id, {}, headers);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: visit.id,
      state: 'booked',
      start: third!.start,
      end: third!.end,
      intake: 'completed',
    });
    // The same key again moves nothing twice; another request with it is refused.
    const again = await move(patient, visit.id, third!.id, {}, headers);
    expect(again.body).toEqual(body);
    expect((await move(patient, visit.id, visit.id, {}, headers)).status).toBe(422);
    expect((await slots(clinician)).map((one) => one.start)).toContain(visit.start);
    expect((await slots(clinician)).map((one) => one.start)).not.toContain(third!.start);
    const history = await patient.get<Bundle>(`/fhir/R4/Appointment/${visit.id}/_history`);
    const versions = history.body.entry!.map((one) => one.resource as Appointment);
    expect(new Set(versions.map((one) => one.start))).toEqual(new Set([third!.start, visit.start]));
    expect(versions[0]!.slot).toEqual([{ reference: `Slot/${third!.id}` }]);
    expect(await kinds(clinician)).toEqual(expect.arrayContaining(['visit-moved', 'visit-booked']));
  });

  it('to a time that is taken moves nothing; a stranger moves nothing at all', async () => {
    const clinician = await clinic.clinician();
    const [mine, others] = [await clinic.person('patient'), await clinic.person('patient')];
    const visit = await clinic.book(mine, clinician);
    const taken = await clinic.book(others, clinician);
    const slotId = (await mine.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`)).body.slot![0]!;
    const own = slotId.reference!.slice('Slot/'.length);
    const target = (
      await others.get<Appointment>(`/fhir/R4/Appointment/${taken.id}`)
    ).body.slot![0]!.reference!.slice('Slot/'.length);
    expect((await move(mine, visit.id, target)).status).toBe(409);
    const { body } = await mine.get<AppointmentView>(`/api/visits/${visit.id}`);
    expect(body.start).toBe(visit.start);
    expect((await slots(clinician)).map((one) => one.start)).not.toContain(visit.start);
    const [free] = await slots(clinician);
    expect((await move(others, visit.id, free!.id)).status).toBe(404);
    // To where it stands already: nothing is in its way but itself.
    expect((await move(mine, visit.id, own)).status).toBe(200);
  });

  it('to another clinician takes her time and gives the first one’s back', async () => {
    const [one, two] = [await clinic.clinician(), await clinic.clinician()];
    const who = await clinic.person('patient');
    const visit = await clinic.book(who, one);
    const [slot] = await slots(two);
    const { body } = await move(who, visit.id, slot!.id);
    expect(body.clinician.id).toBe(two.id);
    expect((await clinic.firstSlot(one)).start).toBe(visit.start);
    expect((await clinic.firstSlot(two)).start).not.toBe(visit.start);
    expect((await two.get(`/api/visits/${visit.id}`)).status).toBe(200);
    expect(await kinds(one)).toContain('visit-cancelled');
  });

  it('where the clinic confirms, a patient’s move asks anew and takes no time', async () => {
    const clinician = await clinic.clinician({ confirm: true });
    const who = await clinic.person('patient');
    const visit = await clinic.book(who, clinician);
    expect(visit.state).toBe('requested');
    const { body: sure } = await clinician.post<AppointmentView>(
      `/api/appointments/${visit.id}/confirm`,
    );
    expect(sure.state).toBe('booked');
    const [slot] = await slots(clinician);
    expect((await move(who, visit.id, slot!.id)).body.state).toBe('requested');
    expect((await slots(clinician)).map((one) => one.start)).toEqual(
      expect.arrayContaining([visit.start, slot!.start]),
    );
    // What the clinic moves is settled.
    const { body: moved } = await move(clinician, visit.id, slot!.id);
    expect(moved.state).toBe('requested');
    expect(await kinds(who)).toContain('visit-moved');
  });

  it('through the FHIR interface moves the held time, too, and a confirmation there takes it', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const visit = await clinic.book(who, clinician);
    const [, , , later] = await slots(clinician);
    const { body: before } = await clinician.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    const { status } = await clinician.put(`/fhir/R4/Appointment/${visit.id}`, {
      ...before,
      start: later!.start,
      end: later!.end,
    });
    expect(status).toBe(200);
    await expect
      .poll(async () => (await slots(clinician)).map((one) => one.start), { timeout: 8_000 })
      .toContain(visit.start);
    expect((await slots(clinician)).map((one) => one.start)).not.toContain(later!.start);
    const { body } = await who.get<AppointmentView>(`/api/visits/${visit.id}`);
    expect(body.start).toBe(later!.start);
  });
});

describe('calling off', () => {
  const cancel = (who: Person, id: string, body: object) =>
    who.post<AppointmentView>(`/api/appointments/${id}/cancel`, body);

  it('is free until the policy says so, late after that, and staff may waive it', async () => {
    const clinician = await clinic.clinician({ cancelFreeHours: 3 });
    const people = await Promise.all([1, 2, 3, 4].map(() => clinic.person('patient')));
    const visits: AppointmentView[] = [];
    for (const who of people) visits.push(await clinic.book(who, clinician));
    const far = await move(people[0]!, visits[0]!.id, (await slots(clinician)).at(-1)!.id);
    expect(far.body.freeUntil).toBe(iso(Date.parse(far.body.start) - 3 * hour));
    const results = [
      await cancel(people[0]!, visits[0]!.id, { class: 'pat-fb', reason: 'better' }),
      await cancel(people[1]!, visits[1]!.id, { class: 'pat-lt' }),
      await cancel(clinician, visits[2]!.id, { class: 'pat', waive: true }),
      await cancel(clinician, visits[3]!.id, { class: 'prov-pers' }),
    ];
    expect(results.map((one) => one.body.cancelled)).toEqual([
      { class: 'pat-fb', late: false, by: 'patient' },
      { class: 'pat-lt', late: true, by: 'patient' },
      { class: 'pat', late: false, by: 'staff' },
      { class: 'prov-pers', late: false, by: 'staff' },
    ]);
    const stored = await people[1]!.get<Appointment>(`/fhir/R4/Appointment/${visits[1]!.id}`);
    expect(stored.body).toMatchObject({
      status: 'cancelled',
      cancelationReason: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason',
            code: 'pat-lt',
          },
        ],
      },
      extension: [{ url: 'urn:afar:late-cancellation', valueBoolean: true }],
    });
    expect(await kinds(people[2]!)).toContain('visit-cancelled');
    // The clinic's reasons are the clinic's to give, and its mercy too.
    const again = await clinic.book(people[1]!, clinician);
    expect((await cancel(people[1]!, again.id, { class: 'prov' })).status).toBe(422);
    expect((await cancel(people[1]!, again.id, { waive: true })).status).toBe(422);
  });

  it('nobody came: said by staff once it has begun, never by the patient', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const visit = await clinic.book(who, clinician);
    const miss = (by: Person) => by.post<AppointmentView>(`/api/appointments/${visit.id}/no-show`);
    expect((await miss(clinician)).status).toBe(409);
    clinic.clock.set(Date.parse(visit.start));
    expect((await miss(who)).status).toBe(403);
    expect((await miss(clinician)).body.state).toBe('no-show');
    clinic.clock.set(opening);
    const urgent = await clinic.book(await clinic.person('patient'), await clinic.clinician());
    const mark = (by: Person) => by.post(`/api/appointments/${urgent.id}/urgent`, { urgent: true });
    expect((await mark(who)).status).toBe(404);
  });

  it('urgent is seen by staff, on the Appointment as its priority', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const slot = await clinic.firstSlot(clinician);
    const ask = { slotId: slot.id, type: 'video', reason: 'x', urgent: true };
    const { body } = await who.post<AppointmentView>('/api/appointments', ask, key());
    expect(body.urgent).toBe(true);
    const read = async () =>
      (await clinician.get<Appointment>(`/fhir/R4/Appointment/${body.id}`)).body.priority;
    expect(await read()).toBe(1);
    const url = `/api/appointments/${body.id}/urgent`;
    expect((await who.post(url, { urgent: false })).status).toBe(403);
    expect((await clinician.post<AppointmentView>(url, { urgent: false })).body.urgent).toBe(false);
    expect(await read()).toBeUndefined();
  });
});

describe('a series', () => {
  const zone = 'America/New_York';
  const wall = (start: string): string =>
    Temporal.Instant.from(start).toZonedDateTimeISO(zone).toPlainDateTime().toString().slice(0, 16);
  const series = (who: Person, slotId: string, more = {}, headers = key()) =>
    who.post<SeriesReport>(
      '/api/series',
      {
        slotId,
        type: 'video',
        reason: 'Exercises',
        repeat: { every: 'week', times: 4 },
        book: 'all',
        ...more,
      },
      headers,
    );

  it('books every date at the same wall-clock time across a clock change, or none and says why', async () => {
    const clinician = await clinic.clinician({ horizonDays: 60 });
    const [who, other] = [await clinic.person('patient'), await clinic.person('patient')];
    const [slot] = await slots(clinician);
    // Somebody else has the third date.
    const [third] = await slots(clinician, Date.parse(slot!.start) + 14 * day - hour, 1);
    const taken = await other.post(
      '/api/appointments',
      { slotId: third!.id, type: 'video', reason: 'x' },
      key(),
    );
    expect(taken.status).toBe(201);
    const none = await series(who, slot!.id);
    expect([none.status, none.body.done]).toEqual([200, false]);
    expect(none.body.dates.map((one) => one.conflict)).toEqual([
      undefined,
      undefined,
      'taken',
      undefined,
    ]);
    expect((await clinic.firstSlot(clinician)).id).toBe(slot!.id);
    const preview = await series(who, slot!.id, { book: 'possible', preview: true });
    expect([preview.body.done, preview.body.dates.length]).toEqual([false, 4]);

    const headers = key();
    const some = await series(who, slot!.id, { book: 'possible' }, headers);
    expect([some.status, some.body.done]).toEqual([201, true]);
    expect(some.body.dates.map((one) => [wall(one.start), Boolean(one.appointment)])).toEqual([
      ['2027-03-10T10:30', true],
      ['2027-03-17T10:30', true],
      ['2027-03-24T10:30', false],
      ['2027-03-31T10:30', true],
    ]);
    expect((await series(who, slot!.id, { book: 'possible' }, headers)).body).toEqual(some.body);
    const { body: view } = await who.get<SeriesView>(`/api/series/${some.body.id}`);
    expect(view.appointments.map((one) => one.series)).toEqual(
      [0, 1, 3].map((index) => ({ id: some.body.id, index, of: 4 })),
    );
    expect((await other.get(`/api/series/${some.body.id}`)).status).toBe(404);

    // This and the following: an hour and a day later by the wall clock; the first one stays.
    const [, second] = view.appointments;
    const target = (await slots(clinician, Date.parse(second!.start) + day, 1)).find(
      (one) => wall(one.start) === '2027-03-18T11:30',
    );
    const moved = await move(who, second!.id, target!.id, { scope: 'following' });
    expect(moved.body.dates.map((one) => wall(one.start))).toEqual([
      '2027-03-18T11:30',
      '2027-04-01T11:30',
    ]);
    // A date of its own is moved alone and stays in the series.
    const [alone] = await slots(clinician, Date.parse(target!.start) + day, 1);
    expect((await move(who, second!.id, alone!.id)).body.series?.index).toBe(1);
    // The rest is called off; what is before stays.
    const last = view.appointments[2]!;
    await who.post(`/api/appointments/${second!.id}/cancel`, { scope: 'following' });
    const after = (await who.get<SeriesView>(`/api/series/${some.body.id}`)).body.appointments;
    expect(after.map((one) => one.state)).toEqual(['booked', 'cancelled', 'cancelled']);
    expect(after[2]!.id).toBe(last.id);
  });

  it('moved into its own next dates, none is in the way of another; into somebody else’s, nothing moves', async () => {
    const clinician = await clinic.clinician({ horizonDays: 60 });
    const [who, other] = [await clinic.person('patient'), await clinic.person('patient')];
    const [slot] = await slots(clinician);
    const { body } = await series(who, slot!.id, { repeat: { every: 'week', times: 3 } });
    expect(body.done).toBe(true);
    const first = body.dates[0]!.appointment!;
    // The next week's slot is its own second date: not offered to her, but its own to move to.
    const moving = {
      clinician: clinician.id,
      from: iso(opening + 6.9 * day),
      to: iso(opening + 7.5 * day),
    };
    const free = await clinician.post<FreeSlot[]>('/api/calendar/free', {
      ...moving,
      moving: body.dates[1]!.appointment,
    });
    const own = free.body.find((one) => one.start === body.dates[1]!.start)!;
    const shifted = await move(who, first, own.id, { scope: 'following' });
    expect(shifted.body.dates.map((one) => wall(one.start).slice(0, 10))).toEqual([
      '2027-03-17',
      '2027-03-24',
      '2027-03-31',
    ]);
    const [gap] = await slots(clinician, opening + 8 * day, 1);
    const [blocked] = await slots(clinician, opening + 15 * day, 1);
    await other.post(
      '/api/appointments',
      { slotId: blocked!.id, type: 'video', reason: 'x' },
      key(),
    );
    const refused = await move(who, first, gap!.id, { scope: 'following' });
    expect([refused.body.done, refused.body.dates[1]!.conflict]).toEqual([false, 'taken']);
    const { body: still } = await who.get<AppointmentView>(`/api/visits/${first}`);
    expect(wall(still.start)).toBe('2027-03-17T10:30');
  });

  it('of a patient stays within what she may book; faults are told at once', async () => {
    const clinician = await clinic.clinician({ horizonDays: 30 });
    const who = await clinic.person('patient');
    const [slot] = await slots(clinician);
    const long = { repeat: { every: 'week', times: 52 }, book: 'possible' };
    const { body } = await series(who, slot!.id, long);
    expect(body.dates).toHaveLength(52);
    expect(body.dates.filter((one) => one.appointment)).toHaveLength(5);
    expect(new Set(body.dates.slice(5).map((one) => one.conflict))).toEqual(new Set(['too-far']));
    const bad = await who.post<{ issue: { expression: string[] }[] }>(
      '/api/series',
      { slotId: slot!.id, type: 'video', reason: 'x', repeat: { every: 'day', times: 1 } },
      key(),
    );
    expect(bad.body.issue.map((one) => one.expression[0])).toEqual([
      'repeat.every',
      'repeat.times',
      'book',
    ]);
  });
});
