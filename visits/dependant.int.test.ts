/** A mother books, answers and arrives for her child, and for nobody else's. */
import { randomUUID } from 'node:crypto';
import type { Patient, RelatedPerson } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppointmentList, AppointmentView } from './contract.ts';
import { openClinic, type Clinic } from './testing/clinic.ts';

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.closeAll());

const child = async (): Promise<string> => {
  const { id } = await clinic.records.create<Patient>(clinic.system, {
    resourceType: 'Patient',
    name: [{ family: 'Okonjo', given: ['Bo'] }],
    birthDate: '2018-03-04',
  });
  return id;
};

it('stands for the child in her visits until the relation ends', async () => {
  const mother = await clinic.person('patient');
  const clinician = await clinic.clinician();
  const [own, foreign] = [await child(), await child()];
  const related = await clinic.records.create<RelatedPerson>(clinic.system, {
    resourceType: 'RelatedPerson',
    active: true,
    patient: { reference: `Patient/${own}` },
  });
  await clinic.access.accounts.change(1, mother.account, {
    personal: { proxies: [{ related: related.id, patient: own }] },
  });
  const { id: slotId } = await clinic.firstSlot(clinician);
  const asked = { slotId, type: 'video', reason: 'a cough', place: 'US-NY' };
  const book = (patient: string) =>
    mother.post<AppointmentView>(
      '/api/appointments',
      { ...asked, patient },
      { 'idempotency-key': randomUUID() },
    );
  expect((await book(foreign)).status).toBe(403);
  const booked = await book(own);
  expect(booked).toMatchObject({ status: 201 });
  const list = async (patient?: string) =>
    (
      await mother.get<AppointmentList>(
        `/api/appointments?when=upcoming${patient ? `&patient=${patient}` : ''}`,
      )
    ).body.appointments;
  expect(await list()).toEqual([]);
  expect((await list(own)).map((one) => one.id)).toEqual([booked.body.id]);
  expect(await list(foreign)).toEqual([]);
  const cancel = await mother.post(`/api/appointments/${booked.body.id}/cancel`, {
    reason: 'well again',
  });
  expect(cancel.status).toBe(200);

  await clinic.records.update(clinic.system, { ...related.resource, active: false });
  expect(await list(own)).toEqual([]);
  expect((await book(own)).status).toBe(404);
});
