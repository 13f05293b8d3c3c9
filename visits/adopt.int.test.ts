/** Visits held elsewhere and brought in: over, with the summary of the note that came with them; what is not signed is none. */
import { randomUUID } from 'node:crypto';
import type { Bundle, Composition } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppointmentList, VisitSummary } from './contract.ts';
import { openClinic, opening, type Clinic, type Person } from './testing/clinic.ts';
import { noteType, sectionCodes } from './vocabulary.ts';

let clinic: Clinic;
let clinician: Person;
beforeAll(async () => {
  clinic = await openClinic();
  clinician = await clinic.clinician();
});
afterAll(() => clinic.closeAll());

const day = 86_400_000;

/** A visit of last week in one transaction, as an import writes it. */
async function bringIn(patient: Person, note: Partial<Composition>): Promise<void> {
  const [appointment, encounter] = [`urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
  const start = new Date(opening - 7 * day).toISOString();
  const end = new Date(opening - 7 * day + 20 * 60_000).toISOString();
  const subject = { reference: `Patient/${patient.id}` };
  const by = { reference: `Practitioner/${clinician.id}` };
  const section = (code: keyof typeof sectionCodes, text: string) => ({
    code: { coding: [sectionCodes[code]] },
    text: {
      status: 'generated' as const,
      div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}</p></div>`,
    },
  });
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: appointment,
        request: { method: 'POST', url: 'Appointment' },
        resource: {
          resourceType: 'Appointment',
          status: 'fulfilled',
          start,
          end,
          reasonCode: [{ text: 'A stiff neck' }],
          participant: [
            { actor: subject, status: 'accepted' },
            { actor: by, status: 'accepted' },
          ],
        },
      },
      {
        fullUrl: encounter,
        request: { method: 'POST', url: 'Encounter' },
        resource: {
          resourceType: 'Encounter',
          status: 'finished',
          class: { code: 'VR' },
          subject,
          appointment: [{ reference: appointment }],
          period: { start, end },
        },
      },
      {
        request: { method: 'POST', url: 'Composition' },
        resource: {
          resourceType: 'Composition',
          status: 'final',
          type: { coding: [noteType] },
          title: 'Visit note',
          subject,
          encounter: { reference: encounter },
          date: end,
          author: [by],
          attester: [{ mode: 'legal', time: end, party: by }],
          section: [section('assessment', 'A strained muscle'), section('plan', 'Warmth and rest')],
          ...note,
        },
      },
    ],
  };
  // As it comes over the wire: what is undefined is not there.
  await clinic.records.transaction(clinic.system, JSON.parse(JSON.stringify(bundle)) as Bundle);
}

async function adopted(patient: Person): Promise<AppointmentList['appointments'][number]> {
  const list = (): Promise<{ body: AppointmentList }> =>
    patient.get<AppointmentList>('/api/appointments?when=past');
  const many = async () => (await list()).body.appointments.length;
  await expect.poll(many, { timeout: 15_000 }).toBe(1);
  return (await list()).body.appointments[0]!;
}

it('the patient reads the summary of a visit that was held before', async () => {
  const patient = await clinic.person('patient');
  await bringIn(patient, {});
  const visit = await adopted(patient);
  expect(visit).toMatchObject({ state: 'ended', summaryReady: true });
  const { body } = await patient.get<VisitSummary>(`/api/visits/${visit.id}/summary`);
  expect(body).toMatchObject({
    status: 'ready',
    reason: 'A stiff neck',
    found: 'A strained muscle',
    plan: 'Warmth and rest',
    signedAt: new Date(opening - 7 * day + 20 * 60_000).toISOString(),
  });
});

it.each<[string, Partial<Composition>]>([
  ['preliminary', { status: 'preliminary' }],
  ['without anybody who answers for it', { attester: undefined }],
  ['of another kind', { type: { coding: [{ ...noteType, code: '34133-9' }] } }],
])('a document %s is no summary', async (_what, note) => {
  const patient = await clinic.person('patient');
  await bringIn(patient, note);
  const visit = await adopted(patient);
  expect(visit).toMatchObject({ state: 'ended', summaryReady: false });
  const { body } = await patient.get<VisitSummary>(`/api/visits/${visit.id}/summary`);
  expect(body).toEqual({ status: 'pending' });
});
