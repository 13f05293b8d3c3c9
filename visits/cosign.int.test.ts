/** A trainee's note: she may not sign it, it waits for her supervisor, and the patient sees nothing of it before. */
import type { Bundle, CareTeam, Composition } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppointmentView, CosignItem, Note, NoteSaved, VisitSummary } from './contract.ts';
import { openClinic, type Clinic, type Person } from './testing/clinic.ts';
import { soap } from './testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
let supervisor: Person;
let colleague: Person;
let trainee: Person;
let visit: AppointmentView;
let composition: string;

const team = (): CareTeam => ({
  resourceType: 'CareTeam',
  status: 'active',
  subject: { reference: `Patient/${patient.id}` },
  participant: [trainee, colleague].map((one) => ({
    member: { reference: `Practitioner/${one.id}` },
  })),
});
const at = (path: string): string => `/api/visits/${visit.id}${path}`;

beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
  supervisor = await clinic.clinician();
  colleague = await clinic.clinician();
  trainee = await clinic.person('trainee');
  await clinic.records.create(clinic.system, team());
  visit = await clinic.admitted(patient, clinician);
});
afterAll(() => clinic.closeAll());

const seenByPatient = async () => [
  (await patient.get(`/fhir/R4/Composition/${composition}`)).status,
  (await patient.get(`/fhir/R4/Composition/${composition}/_history/1`)).status,
  (await patient.get<Bundle>('/fhir/R4/Composition')).body.entry?.length ?? 0,
  (await patient.get<VisitSummary>(at('/summary'))).body.status,
];

it('she writes it, and may not sign it', async () => {
  const saved = await trainee.put<NoteSaved>(at('/note'), { revision: 0, sections: soap });
  expect(saved).toMatchObject({ status: 200, body: { revision: 1 } });
  expect((await trainee.post(at('/note/sign'), { revision: 1 })).status).toBe(403);
  expect((await trainee.post(at('/note/cosign'))).status).toBe(403);
});

it('without a supervisor it goes nowhere', async () => {
  expect((await trainee.post(at('/note/hand-over'), { revision: 1 })).status).toBe(422);
  expect((await clinician.post(at('/note/hand-over'), { revision: 1 })).status).toBe(403);
  await clinic.access.accounts.change(1, trainee.account, {
    personal: { supervisor: supervisor.id },
  });
});

it('handed over it waits, for her supervisor and nobody else', async () => {
  expect((await supervisor.get(at('/note'))).status).toBe(404);
  const stale = await trainee.post<{ conflict: boolean }>(at('/note/hand-over'), { revision: 7 });
  expect(stale).toMatchObject({ status: 409, body: { conflict: true } });
  const { status, body } = await trainee.post<Note>(at('/note/hand-over'), { revision: 1 });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    sections: soap,
    waiting: { by: { id: trainee.id }, supervisor: { id: supervisor.id } },
  });
  expect(body.signed).toBeUndefined();
  composition = body.waiting!.composition;
  expect((await trainee.post(at('/note/hand-over'), { revision: 1 })).status).toBe(409);
  expect((await trainee.put(at('/note'), { revision: 1, sections: soap })).status).toBe(409);
  expect((await clinician.post(at('/note/sign'), { revision: 1 })).status).toBe(409);
  expect((await clinician.post(at('/note/addenda'), { text: 'more' })).status).toBe(409);
  for (const other of [clinician, colleague])
    expect((await other.post(at('/note/cosign'))).status).toBe(403);
});

it('the patient sees nothing of it, by any way', async () => {
  expect(await seenByPatient()).toEqual([404, 404, 0, 'pending']);
});

it('the supervisor sends it back with a remark: a draft again, which keeps the remark until it is handed over anew', async () => {
  const remark = { text: 'Say how far she can walk.' };
  for (const [other, status] of [
    [trainee, 403],
    [clinician, 403],
    [colleague, 403],
    [patient, 403],
  ] as const)
    expect((await other.post(at('/note/return'), remark)).status).toBe(status);
  expect((await supervisor.post(at('/note/return'), { text: ' ' })).status).toBe(422);
  const { status, body } = await supervisor.post<Note>(at('/note/return'), remark);
  expect(status).toBe(200);
  expect(body).toMatchObject({ sections: soap, savedBy: { id: trainee.id } });
  expect(body.returned).toMatchObject({ ...remark, by: { id: supervisor.id } });
  expect(body.waiting).toBeUndefined();
  expect((await supervisor.post(at('/note/return'), remark)).status).toBe(409);
  expect((await supervisor.post(at('/note/cosign'))).status).toBe(409);
  expect((await supervisor.get<CosignItem[]>('/api/cosign')).body).toEqual([]);
  expect((await patient.get(`/fhir/R4/Composition/${composition}`)).status).toBeGreaterThan(403);
  expect((await patient.get<Bundle>('/fhir/R4/Composition')).body.entry ?? []).toEqual([]);
  const told = await clinic.access.notices.list(1, trainee.account, 10);
  expect(told.map((one) => one.kind)).toContain('note-returned');

  const { revision } = body;
  const saved = await trainee.put<NoteSaved>(at('/note'), {
    revision,
    sections: { ...soap, plan: 'Walks 200 m.' },
  });
  expect(saved.status).toBe(200);
  expect((await trainee.get<Note>(at('/note'))).body.returned).toMatchObject(remark);
  const again = await trainee.post<Note>(at('/note/hand-over'), { revision: revision + 1 });
  expect(again).toMatchObject({ status: 200, body: { sections: { plan: 'Walks 200 m.' } } });
  expect(again.body.returned).toBeUndefined();
  composition = again.body.waiting!.composition;
  expect(await seenByPatient()).toEqual([404, 404, 0, 'pending']);
});

it('the supervisor finds it in her list, signs it in her own name, and then the patient reads it', async () => {
  const list = await supervisor.get<CosignItem[]>('/api/cosign');
  expect(list.body).toMatchObject([{ visit: visit.id, by: { id: trainee.id } }]);
  expect((await colleague.get<CosignItem[]>('/api/cosign')).body).toEqual([]);
  expect((await patient.get('/api/cosign')).status).toBe(403);
  const { status, body } = await supervisor.post<Note>(at('/note/cosign'));
  expect(status).toBe(200);
  expect(body.signed).toMatchObject({ composition, by: { id: supervisor.id } });
  expect((await supervisor.post(at('/note/cosign'))).status).toBe(409);
  expect((await supervisor.get<CosignItem[]>('/api/cosign')).body).toEqual([]);
  const kept = (await patient.get<Composition>(`/fhir/R4/Composition/${composition}`)).body;
  expect(kept).toMatchObject({
    status: 'final',
    author: [{ reference: `Practitioner/${trainee.id}` }],
    attester: [{ party: { reference: `Practitioner/${supervisor.id}` } }],
  });
  // The version that waited stays as it was: hidden.
  expect(await seenByPatient()).toEqual([200, 404, 1, 'ready']);
});
