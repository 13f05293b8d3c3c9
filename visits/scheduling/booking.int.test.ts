/** Booking against a real database: one winner, kept promises, nobody books for a stranger. */
import { randomUUID } from 'node:crypto';
import type { Appointment, Bundle, Schedule, Slot } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentList, AppointmentView, Clinicians, FreeSlot } from '../contract.ts';
import { openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';

let clinic: Clinic;
let patient: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Okonjo');
});
afterAll(() => clinic.closeAll());

const key = (): Record<string, string> => ({ 'idempotency-key': randomUUID() });
const iso = (ms: number): string => new Date(ms).toISOString();

async function slotsOf(
  who: Person,
  clinician: Person,
  from: number,
  days = 2,
): Promise<FreeSlot[]> {
  const { body } = await who.post<FreeSlot[]>('/api/slots', {
    clinician: clinician.id,
    from: iso(from),
    to: iso(from + days * 86_400_000),
  });
  return body;
}

describe('a booking', () => {
  it('makes the Appointment with both participants, type, reason and slot', async () => {
    const clinician = await clinic.clinician();
    const slot = await clinic.firstSlot(clinician);
    const { status, body } = await patient.post<AppointmentView>(
      '/api/appointments',
      { slotId: slot.id, type: 'video', reason: '  A cough  ' },
      key(),
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'booked',
      start: slot.start,
      end: slot.end,
      zone: 'America/New_York',
      mode: 'video',
      reason: 'A cough',
      intake: 'missing',
      canCancel: true,
    });
    const stored = await patient.get<Appointment>(`/fhir/R4/Appointment/${body.id}`);
    expect(stored.body).toMatchObject({
      status: 'booked',
      start: slot.start,
      slot: [{ reference: `Slot/${slot.id}` }],
      reasonCode: [{ text: 'A cough' }],
      participant: [
        { actor: { reference: `Patient/${patient.id}` } },
        { actor: { reference: `Practitioner/${clinician.id}` } },
      ],
    });
    // Booking opens the chart to the clinician, and to nobody else.
    expect((await clinician.get(`/fhir/R4/Patient/${patient.id}`)).status).toBe(200);
    const other = await clinic.clinician();
    expect((await other.get(`/fhir/R4/Patient/${patient.id}`)).status).toBe(404);
    expect((await other.get(`/api/visits/${body.id}`)).status).toBe(404);
    // Both see it in their lists.
    for (const who of [patient, clinician]) {
      const mine = (await who.get<AppointmentList>('/api/appointments')).body.appointments;
      expect(mine.map((one) => one.id)).toContain(body.id);
    }
  });

  it('100 people want one slot through two processes: one gets it, ninety-nine are told', async () => {
    const clinician = await clinic.clinician();
    const people = await Promise.all(Array.from({ length: 5 }, () => clinic.person('patient')));
    const slot = await clinic.firstSlot(clinician);
    const second = await clinic.another();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        people[n % 5]!.post<{ issue?: { details?: { coding?: { code?: string }[] } }[] }>(
          '/api/appointments',
          { slotId: slot.id, type: 'video', reason: 'x' },
          key(),
          n % 2 ? second : undefined,
        ),
      ),
    );
    const tally = (status: number): number => answers.filter((one) => one.status === status).length;
    expect([tally(201), tally(409)]).toEqual([1, 99]);
    const { rows } = await clinic.data.ownerDb.query<{ n: number }>(
      'select count(*) as n from visits.visit where clinician = $1',
      [clinician.id],
    );
    expect(rows[0]!.n).toBe(1);
    const found = await clinic.records.search(clinic.system, 'Appointment', [
      ['practitioner', `Practitioner/${clinician.id}`],
    ]);
    expect(found.entry).toHaveLength(1);
    await second.close();
  });

  it('capacity of three takes three at one time, and not four', async () => {
    const clinician = await clinic.clinician({ capacity: 3 });
    const slot = await clinic.firstSlot(clinician);
    const people = await Promise.all(Array.from({ length: 6 }, () => clinic.person('patient')));
    const answers = await Promise.all(
      people.map((one) =>
        one.post('/api/appointments', { slotId: slot.id, type: 'video', reason: 'x' }, key()),
      ),
    );
    expect(answers.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([
      201, 201, 201, 409, 409, 409,
    ]);
  });

  it('the same idempotency key is one booking, also when both requests run at once', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const slot = await clinic.firstSlot(clinician);
    const ask = { slotId: slot.id, type: 'video', reason: 'once' };
    const headers = key();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => who.post<AppointmentView>('/api/appointments', ask, headers)),
    );
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((one) => one.body.id)).size).toBe(1);
    const again = await who.post<AppointmentView>('/api/appointments', ask, headers);
    expect(again.body).toEqual(answers[0]!.body);
    const changed = await who.post('/api/appointments', { ...ask, reason: 'twice' }, headers);
    expect(changed.status).toBe(422);
    // The same key of another person is another key.
    const other = await patient.post('/api/appointments', ask, headers);
    expect(other.status).toBe(409);
    expect((await who.post('/api/appointments', ask)).status).toBe(400);
  });

  it('a patient cannot be at two places at one time', async () => {
    const who = await clinic.person('patient');
    const [one, two] = [await clinic.clinician(), await clinic.clinician()];
    const ask = async (clinician: Person) =>
      who.post(
        '/api/appointments',
        { slotId: (await clinic.firstSlot(clinician)).id, type: 'video', reason: 'x' },
        key(),
      );
    expect((await ask(one)).status).toBe(201);
    const refused = await ask(two);
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('"patient-elsewhere"');
    // The other clinician's time was not taken by the failed booking.
    const free = await slotsOf(patient, two, opening);
    expect(free[0]!.id).toBe((await clinic.firstSlot(two)).id);
  });

  it('one patient holds ten times ahead at most, however she asks, and staff may book her more', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const slots = await slotsOf(who, clinician, opening);
    const ask = ({ id }: FreeSlot) => ({ slotId: id, type: 'video', reason: 'x' });
    const book = (slot: FreeSlot) =>
      who.post<AppointmentView & { issue?: { diagnostics?: string }[] }>(
        '/api/appointments',
        ask(slot),
        key(),
      );
    const answers = await Promise.all(slots.slice(0, 14).map(book));
    const booked = answers.filter((one) => one.status === 201);
    expect(booked).toHaveLength(10);
    const refused = answers.filter((one) => one.status !== 201);
    expect(refused.map((one) => one.status)).toEqual([409, 409, 409, 409]);
    expect(JSON.stringify(refused[0]!.body)).toContain('10 visits are booked already');
    expect(JSON.stringify(refused[0]!.body)).toContain('"too-many-bookings"');
    // What was refused is still free for others, and a visit called off makes room.
    const left = slots.slice(0, 14).filter((_, at) => answers[at]!.status !== 201);
    const other = await clinic.person('patient');
    expect((await other.post('/api/appointments', ask(left[0]!), key())).status).toBe(201);
    await who.post(`/api/appointments/${booked[0]!.body.id}/cancel`, {});
    expect((await book(left[1]!)).status).toBe(201);
    expect((await book(left[2]!)).status).toBe(409);
    const byStaff = { ...ask(left[2]!), patient: who.id };
    expect((await clinician.post('/api/appointments', byStaff, key())).status).toBe(201);
  });

  it('is only for herself', async () => {
    const clinician = await clinic.clinician();
    const stranger = await clinic.person('patient');
    const slot = await clinic.firstSlot(clinician);
    const ask = { slotId: slot.id, type: 'video', reason: 'x', patient: stranger.id };
    expect((await patient.post('/api/appointments', ask, key())).status).toBe(403);
    // Clinicians cannot book themselves into a stranger's chart.
    const own = await clinician.post('/api/appointments', ask, key());
    expect([403, 404, 422]).toContain(own.status);
    expect((await clinician.get(`/fhir/R4/Patient/${stranger.id}`)).status).toBe(404);
    for (const role of ['administrator', 'auditor'] as const)
      expect((await (await clinic.person(role)).post('/api/appointments', ask, key())).status).toBe(
        403,
      );
  });

  it('past, near, far and invented times are refused, all faults at once', async () => {
    const clinician = await clinic.clinician({ noticeMinutes: 60, horizonDays: 3 });
    const free = await slotsOf(patient, clinician, opening - 86_400_000, 30);
    // 10:00 now: 11:00 is the first that is an hour away.
    expect(free[0]!.start).toBe(iso(opening + 3_600_000));
    expect(Date.parse(free.at(-1)!.start)).toBeLessThan(opening + 3 * 86_400_000);
    const slot = free[0]!;
    clinic.clock.advance(60_000);
    const late = await patient.post(
      '/api/appointments',
      { slotId: slot.id, type: 'video', reason: 'x' },
      key(),
    );
    expect(late.status).toBe(422);
    const faults = await patient.post<{ issue: { expression: string[] }[] }>(
      '/api/appointments',
      { slotId: 'x', type: 'telepathy', reason: ' ' },
      key(),
    );
    expect(faults.status).toBe(422);
    expect(faults.body.issue.map((one) => one.expression[0])).toEqual(['slotId', 'type', 'reason']);
    const invented = await patient.post(
      '/api/appointments',
      { slotId: randomUUID(), type: 'video', reason: 'x' },
      key(),
    );
    expect(invented.status).toBe(422);
  });

  it('cancelled, its time is free again; a stranger cannot cancel it', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const visit = await clinic.book(who, clinician);
    expect((await clinic.firstSlot(clinician)).start).not.toBe(visit.start);
    expect((await patient.post(`/api/appointments/${visit.id}/cancel`)).status).toBe(404);
    const { body } = await who.post<AppointmentView>(`/api/appointments/${visit.id}/cancel`, {
      reason: 'better already',
    });
    expect(body).toMatchObject({ state: 'cancelled', canCancel: false });
    expect((await clinic.firstSlot(clinician)).start).toBe(visit.start);
    const stored = await who.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    expect(stored.body.status).toBe('cancelled');
    expect((await who.post(`/api/appointments/${visit.id}/cancel`)).status).toBe(200);
  });
});

describe('times', () => {
  it('can be looked at before signing in; names and hours come with them', async () => {
    const clinician = await clinic.clinician();
    const answer = await clinic.http.inject({
      method: 'GET',
      url: '/api/clinicians',
      headers: { host: 'localhost:8170' },
    });
    expect(answer.statusCode).toBe(200);
    const mine = answer.json<Clinicians>().clinicians.find((one) => one.id === clinician.id);
    expect(mine).toMatchObject({
      specialty: 'Family medicine',
      zone: 'America/New_York',
      minutes: 30,
    });
    expect(mine!.nextFree).toBe((await clinic.firstSlot(clinician)).start);
  });

  it('the specialty comes from the active role, when there is one', async () => {
    const clinician = await clinic.clinician();
    await clinic.records.create(clinic.system, {
      resourceType: 'PractitionerRole',
      active: true,
      practitioner: { reference: `Practitioner/${clinician.id}` },
      specialty: [{ coding: [{ display: 'Cardiology' }] }],
    });
    const { body } = await patient.get<Clinicians>('/api/clinicians');
    expect(body.clinicians.find((one) => one.id === clinician.id)?.specialty).toBe('Cardiology');
  });

  it('are FHIR Slots with the same ids, free and busy', async () => {
    const clinician = await clinic.clinician();
    const first = await clinic.firstSlot(clinician);
    const read = await patient.get<Slot>(`/fhir/R4/Slot/${first.id}`);
    expect(read.body).toMatchObject({ resourceType: 'Slot', status: 'free', start: first.start });
    const schedule = read.body.schedule.reference!;
    expect((await patient.get<Schedule>(`/fhir/R4/${schedule}`)).body.actor).toEqual([
      { reference: `Practitioner/${clinician.id}` },
    ]);
    const who = await clinic.person('patient');
    await clinic.book(who, clinician);
    expect((await patient.get<Slot>(`/fhir/R4/Slot/${first.id}`)).body.status).toBe('busy');
    const found = await patient.get<Bundle>(
      `/fhir/R4/Slot?schedule=${schedule}&start=lt${iso(opening + 86_400_000)}&status=free&_count=3`,
    );
    const slots = found.body.entry!.map((one) => one.resource as Slot);
    expect(slots).toHaveLength(3);
    expect(slots[0]!.start).toBe(iso(Date.parse(first.start) + 1_800_000));
  });

  it('a search that finds little looks at some weeks a page, and goes on where it stopped', async () => {
    const far = opening + 600 * 86_400_000;
    const clinician = await clinic.clinician({ horizonDays: 730 });
    const who = await clinic.person('patient');
    const slot = await clinic.firstSlot(clinician, far);
    const ask = { slotId: slot.id, type: 'video', reason: 'x' };
    expect((await who.post('/api/appointments', ask, key())).status).toBe(201);
    const { schedule } = (await who.get<Slot>(`/fhir/R4/Slot/${slot.id}`)).body;
    let url = `/fhir/R4/Slot?schedule=${schedule.reference}&status=busy`;
    const pages: (string | undefined)[][] = [];
    while (url) {
      const { body, status } = await who.get<Bundle>(url);
      expect(status).toBe(200);
      pages.push((body.entry ?? []).map((one) => one.resource!.id));
      const next = body.link!.find((one) => one.relation === 'next')?.url;
      url = next ? new URL(next).pathname + new URL(next).search : '';
    }
    expect(pages).toEqual([[], [slot.id]]);
  });

  it('a search over many pages names every time once', async () => {
    const clinician = await clinic.clinician({ horizonDays: 730, slotMinutes: 240 });
    const slot = await clinic.firstSlot(clinician);
    const { schedule } = (await patient.get<Slot>(`/fhir/R4/Slot/${slot.id}`)).body;
    let url = `/fhir/R4/Slot?schedule=${schedule.reference}&_count=1000`;
    const seen: string[] = [];
    while (url) {
      const { body } = await patient.get<Bundle>(url);
      seen.push(...(body.entry ?? []).map((one) => (one.resource as Slot).start));
      const next = body.link!.find((one) => one.relation === 'next')?.url;
      url = next ? new URL(next).pathname + new URL(next).search : '';
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(seen.toSorted());
    // Two a day for two years, but for what of the first day is past.
    expect(seen.length).toBeGreaterThanOrEqual(2 * 730 - 2);
    expect(seen.length).toBeLessThanOrEqual(2 * 730 + 2);
  });

  it('an Appointment written through the FHIR interface takes its time too', async () => {
    const clinician = await clinic.clinician();
    const who = await clinic.person('patient');
    const first = await clinic.firstSlot(clinician);
    const resource: Appointment = {
      resourceType: 'Appointment',
      status: 'booked',
      start: first.start,
      end: first.end,
      participant: [
        { actor: { reference: `Patient/${who.id}` }, status: 'accepted' },
        { actor: { reference: `Practitioner/${clinician.id}` }, status: 'accepted' },
      ],
    };
    const { id } = await clinic.records.create(clinic.system, resource);
    await expect
      .poll(async () => (await clinic.firstSlot(clinician)).start, { timeout: 5_000 })
      .not.toBe(first.start);
    expect((await who.get(`/api/visits/${id}`)).status).toBe(200);
    // Cancelled there, it is free here.
    const { resource: stored } = await clinic.records.read<Appointment>(
      clinic.system,
      'Appointment',
      id,
    );
    await clinic.records.update<Appointment>(clinic.system, { ...stored, status: 'cancelled' });
    await expect
      .poll(async () => (await clinic.firstSlot(clinician)).start, { timeout: 5_000 })
      .toBe(first.start);
  });

  it('rules are set by the office or the clinician herself, checked as a whole', async () => {
    const clinician = await clinic.clinician();
    const url = `/api/schedules/${clinician.id}`;
    const rule = (await clinician.get(url)).body;
    const office = await clinic.person('administrator');
    expect((await office.put(url, { ...rule, slotMinutes: 20 })).status).toBe(200);
    expect((await clinician.put(url, { ...rule, slotMinutes: 15 })).status).toBe(200);
    expect((await clinician.get(url)).body).toMatchObject({ slotMinutes: 15 });
    for (const who of [patient, await clinic.clinician(), await clinic.person('nurse')])
      expect((await who.put(url, rule)).status).toBe(403);
    const faults = await office.put<{ issue: { expression: string[] }[] }>(url, {
      ...rule,
      zone: 'Mars/Olympus',
      slotMinutes: 0,
      hours: [{ day: 8, start: '9', end: '25:00' }],
    });
    expect(faults.status).toBe(422);
    expect(faults.body.issue.map((one) => one.expression[0])).toEqual([
      'zone',
      'slotMinutes',
      'hours[0].day',
      'hours[0].start',
      'hours[0].end',
    ]);
  });

  // Last: it moves the clock by months, and everybody's session ends.
  it('a New York clinic keeps 09:00 across 2027-03-14 and 2027-11-07', async () => {
    const clinician = await clinic.clinician({ noticeMinutes: 0 });
    const firsts = async (from: string, days: number): Promise<string[]> => {
      clinic.clock.set(Date.parse(from));
      const reader = await clinic.person('patient');
      const free = await slotsOf(reader, clinician, clinic.clock.now(), days);
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
