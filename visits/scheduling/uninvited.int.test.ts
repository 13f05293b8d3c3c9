/** Patients who try to take a clinician's time past what is offered. */
import type { Appointment } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Queue } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
});
afterAll(() => clinic.closeAll());

const at = (days: number): string => new Date(clinic.clock.now() + days * 86_400_000).toISOString();

const appointment = (over: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  status: 'booked',
  start: at(0),
  end: at(3_650),
  participant: [
    { actor: { reference: `Patient/${patient.id}` }, status: 'accepted' },
    { actor: { reference: `Practitioner/${clinician.id}` }, status: 'accepted' },
  ],
  ...over,
});

describe('a patient', () => {
  it.each(['booked', 'pending', 'noshow'] as const)(
    'does not write herself into the diary as %s: ten years, no slot, no notice',
    async (status) => {
      const free = await clinic.firstSlot(clinician);
      const made = await patient.post<Appointment>('/fhir/R4/Appointment', appointment({ status }));
      expect(made.status).toBe(403);
      expect(await clinic.firstSlot(clinician)).toEqual(free);
    },
  );

  it('does not turn a wish into a booking, nor move one that she has', async () => {
    const wish = await patient.post<Appointment>(
      '/fhir/R4/Appointment',
      appointment({ status: 'proposed' }),
    );
    expect(wish.status).toBe(201);
    const url = `/fhir/R4/Appointment/${wish.body.id}`;
    expect((await patient.put(url, { ...wish.body, status: 'booked' })).status).toBe(403);
    expect((await patient.post(`/api/visits/${wish.body.id}/arrive`, {})).status).toBe(404);

    const { id } = await clinic.book(patient, clinician);
    const booked = (await patient.get<Appointment>(`/fhir/R4/Appointment/${id}`)).body;
    for (const over of [{ start: at(-1) }, { end: at(3_650) }, { status: 'arrived' as const }])
      expect((await patient.put(`/fhir/R4/Appointment/${id}`, { ...booked, ...over })).status).toBe(
        403,
      );
    const worded = { ...booked, comment: 'I cannot hear well' };
    expect((await patient.put(`/fhir/R4/Appointment/${id}`, worded)).status).toBe(200);
    const cancelled = { ...booked, status: 'cancelled' };
    expect((await patient.put(`/fhir/R4/Appointment/${id}`, cancelled)).status).toBe(200);
  });

  it('reaches nobody’s queue without a booking', async () => {
    const { body } = await clinician.get<Queue>('/api/queue');
    expect(body.entries).toEqual([]);
  });

  it('is named in the trail as who booked, and her booking opens her chart', async () => {
    const { id } = await clinic.book(patient, clinician);
    expect((await clinician.get(`/fhir/R4/Patient/${patient.id}`)).status).toBe(200);
    const { rows } = await clinic.data.ownerDb.query(
      `select who from access.audit_event where rid = $1 and action = 'book'`,
      [id],
    );
    expect(rows).toEqual([{ who: patient.account }]);
  });
});
