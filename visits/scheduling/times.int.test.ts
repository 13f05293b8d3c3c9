/** Times that can be had: looked at before signing in, as FHIR Slots, page by page, by the rules of who offers them. */
import type { Appointment, Bundle, Schedule, Slot } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clinicians } from '../contract.ts';
import { openClinic, opening, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey as key } from '../testing/samples.ts';

let clinic: Clinic;
let patient: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Okonjo');
});
afterAll(() => clinic.closeAll());

const iso = (ms: number): string => new Date(ms).toISOString();

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
});
