/** Booking against a real database: one winner, kept promises, nobody books for a stranger. */
import { randomUUID } from 'node:crypto';
import type { Appointment } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppointmentList, AppointmentView, FreeSlot } from '../contract.ts';
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

describe('what is offered', () => {
  it('leaves out the times at which she has another visit, and shows nobody else that she has', async () => {
    const [one, two] = [await clinic.clinician(), await clinic.clinician()];
    const [she, other] = [await clinic.person('patient'), await clinic.person('patient')];
    const slot = await clinic.firstSlot(one);
    const booked = await she.post(
      '/api/appointments',
      { slotId: slot.id, type: 'video', reason: 'A cough' },
      key(),
    );
    expect(booked.status).toBe(201);
    const starts = async (who: Person, patient?: string) => {
      const from = Date.parse(slot.start);
      const ask = { clinician: two.id, from: iso(from), to: iso(from + 3_600_000), patient };
      const { status, body } = await who.post<FreeSlot[]>('/api/slots', ask);
      return status === 200 ? body.map(({ start }) => start) : status;
    };
    expect(await starts(she)).not.toContain(slot.start);
    expect(await starts(she)).not.toEqual([]);
    expect(await starts(other)).toContain(slot.start);
    expect(await starts(other, she.id)).toBe(403);
    expect(await starts(one, she.id)).not.toContain(slot.start);
    expect(await starts(one)).toContain(slot.start);
    // Moved, her own time is none that she has planned; a stranger's visit moves nobody.
    const { id } = booked.body as { id: string };
    const moving = async (who: Person) => {
      const from = Date.parse(slot.start);
      const ask = { clinician: two.id, from: iso(from), to: iso(from + 3_600_000), moving: id };
      return who.post<FreeSlot[]>('/api/slots', ask);
    };
    expect((await moving(she)).body.map(({ start }) => start)).toContain(slot.start);
    expect((await moving(other)).status).toBe(404);
    // Half signed in, with a password and no second factor, is not signed in.
    const stage = (to: string) =>
      clinic.data.ownerDb.query('update access.session set stage = $1 where account = $2', [
        to,
        she.account,
      ]);
    await stage('password');
    expect(await starts(she)).toContain(slot.start);
    await stage('full');
    // Whoever may not see her chart learns nothing of her days.
    expect(await starts(one, randomUUID())).toBe(404);
  });
});

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
    const free = await slotsOf(two, two, opening);
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
