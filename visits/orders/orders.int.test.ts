/** Orders and tasks of a visit, from every side: given, read in plain words by the patient, cancelled, done, and what strangers get. */
import type { ServiceRequest, Task } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrderView, Orders, TaskView, Tasks } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { idempotencyKey } from '../testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let stranger: Person;
let clinician: Person;
let other: Person;
let nurse: Person;
let visit: string;
let at: string;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
  stranger = await clinic.person('patient');
  clinician = await clinic.clinician();
  other = await clinic.clinician();
  nurse = await clinic.person('nurse');
  visit = (await clinic.admitted(patient, clinician)).id;
  at = `/api/visits/${visit}`;
});
afterAll(() => clinic.closeAll());

const order = (body: object, who = clinician) =>
  who.post<OrderView>(`${at}/orders`, body, idempotencyKey());

const lab = {
  kind: 'lab',
  text: 'Potassium in blood',
  code: { system: 'http://loinc.org', code: '2823-3', display: 'Potassium' },
  priority: 'urgent',
  reason: 'Muscle cramps on a diuretic',
  instructions: 'Drink water; no need to fast',
  specimen: 'Venous blood',
};

describe('orders', () => {
  it('of a laboratory, of a picture and to a colleague become ServiceRequests with all that was said', async () => {
    const made = await order(lab);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...lab, status: 'open' });
    const stored = await clinician.get<ServiceRequest>(`/fhir/R4/${made.body.reference}`);
    expect(stored.body).toMatchObject({
      status: 'active',
      intent: 'order',
      priority: 'urgent',
      category: [{ coding: [{ code: 'lab' }, { code: 'LAB' }] }],
      code: { coding: [{ code: '2823-3' }], text: lab.text },
      contained: [{ resourceType: 'Specimen', type: { text: 'Venous blood' } }],
      reasonCode: [{ text: lab.reason }],
      patientInstruction: lab.instructions,
      subject: { reference: `Patient/${patient.id}` },
      requester: { reference: `Practitioner/${clinician.id}` },
    });
    const imaging = { kind: 'imaging', text: 'Chest X-ray', modality: 'DX', bodySite: 'Chest' };
    expect((await order(imaging)).body).toMatchObject(imaging);
    const referral = await order({
      kind: 'referral',
      text: 'Please see for arrhythmia',
      target: { type: 'Practitioner', id: other.id },
    });
    expect(referral.body.target).toMatchObject({ reference: `Practitioner/${other.id}` });
    expect(referral.body.target!.name).toContain('Lindqvist');
  });

  it('a set is ordered as a whole or not at all, once for its key', async () => {
    // Those of one instant stand in no order.
    clinic.clock.advance(1_000);
    const before = (await clinician.get<Orders>(`${at}/orders`)).body.orders.length;
    const orders = [
      { kind: 'lab', text: 'Sodium' },
      { kind: 'lab', text: 'Creatinine' },
    ];
    const key = idempotencyKey();
    const first = await clinician.post<Orders>(`${at}/order-set`, { orders }, key);
    const again = await clinician.post<Orders>(`${at}/order-set`, { orders }, key);
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const faulty = { orders: [orders[0], { kind: 'lab', text: '', modality: 'x-ray!' }] };
    const refused = await clinician.post<{ issue: { expression: string[] }[] }>(
      `${at}/order-set`,
      faulty,
      idempotencyKey(),
    );
    expect(refused.status).toBe(422);
    expect(refused.body.issue.map((one) => one.expression[0])).toEqual([
      'orders[1].text',
      'orders[1].modality',
    ]);
    const after = (await clinician.get<Orders>(`${at}/orders`)).body.orders;
    expect(after).toHaveLength(before + 2);
    expect(after.slice(-2).map((one) => one.text)).toEqual(['Sodium', 'Creatinine']);
  });

  it('to nobody of the directory, and with faults, are refused with each place', async () => {
    const lost = { kind: 'referral', text: 'x', target: { type: 'Practitioner', id: visit } };
    expect((await order(lost)).status).toBe(422);
    const body = { kind: 'prayer', text: 'x'.repeat(501), code: { system: 'x', code: 'a b' } };
    const refused = await order(body);
    expect(refused.status).toBe(422);
    expect(
      (refused.body as unknown as { issue: { expression: string[] }[] }).issue.map(
        (one) => one.expression[0],
      ),
    ).toEqual(['kind', 'text', 'code.system', 'code.code']);
  });

  it('are cancelled with a reason that the patient reads; twice says the first reason', async () => {
    const made = (await order({ kind: 'lab', text: 'Lipids' })).body.reference.split('/')[1]!;
    const cancel = (who: Person, reason: string) =>
      who.post<OrderView>(`${at}/orders/${made}/cancel`, { reason });
    expect((await cancel(clinician, ' ')).status).toBe(422);
    expect((await cancel(nurse, 'x')).status).toBe(404);
    expect((await cancel(patient, 'x')).status).toBe(403);
    expect((await cancel(other, 'x')).status).toBe(404);
    const done = await cancel(clinician, 'Done last month elsewhere');
    expect(done.body).toMatchObject({
      status: 'cancelled',
      cancelled: 'Done last month elsewhere',
    });
    expect((await cancel(clinician, 'Another')).body.cancelled).toBe('Done last month elsewhere');
    const hers = (await patient.get<Orders>(`${at}/orders`)).body.orders;
    expect(hers.find((one) => one.text === 'Lipids')).toMatchObject({
      status: 'cancelled',
      cancelled: 'Done last month elsewhere',
    });
    const stored = await clinician.get<ServiceRequest>(`/fhir/R4/ServiceRequest/${made}`);
    expect(stored.body.status).toBe('revoked');
    // An order of another visit is not found under this one.
    const second = await clinic.admitted(stranger, other);
    const foreign = await other.post(`/api/visits/${second.id}/orders/${made}/cancel`, {
      reason: 'x',
    });
    expect(foreign.status).toBe(404);
  });

  it('of a visit are read by nobody else', async () => {
    expect((await stranger.get(`${at}/orders`)).status).toBe(404);
    expect((await order(lab, other)).status).toBe(404);
    expect((await order(lab, patient)).status).toBe(403);
  });
});

describe('tasks', () => {
  const give = (body: object, who = clinician) =>
    who.post<TaskView>(`${at}/tasks`, body, idempotencyKey());
  const list = async (who: Person, query = '') =>
    (await who.get<Tasks>(`/api/tasks${query}`)).body.tasks;

  it('are given to the patient, who reads hers and says that it is done; the staff sees it', async () => {
    const given = await give({ for: 'patient', text: 'Measure twice a day', due: '2027-03-20' });
    expect(given.status).toBe(201);
    expect(await list(patient)).toMatchObject([{ text: 'Measure twice a day', due: '2027-03-20' }]);
    const id = given.body.id;
    const done = await patient.post<TaskView>(`/api/tasks/${id}/done`);
    expect(done.body).toMatchObject({ state: 'done' });
    expect(done.body.doneAt).toBeDefined();
    expect(await list(patient)).toEqual([]);
    expect(await list(patient, '?state=done')).toHaveLength(1);
    const stored = await clinician.get<Task>(`/fhir/R4/Task/${id}`);
    expect(stored.body.status).toBe('completed');
    expect((await patient.post<TaskView>(`/api/tasks/${id}/reopen`)).body.state).toBe('open');
    expect((await patient.post(`/api/tasks/${id}/reassign`, { owner: other.id })).status).toBe(403);
  });

  it('of the staff are never shown to the patient, by any way', async () => {
    const given = await give({ for: 'staff', text: 'Ask why she missed two visits' });
    expect(given.status).toBe(201);
    const id = given.body.id;
    expect((await list(patient)).map((one) => one.id)).not.toContain(id);
    expect((await patient.get(`/fhir/R4/Task/${id}`)).status).toBe(404);
    expect((await patient.post(`/api/tasks/${id}/done`)).status).toBe(404);
    const bundle = await patient.get(`/fhir/R4/Task?patient=Patient/${patient.id}`);
    expect(JSON.stringify(bundle.body)).not.toContain('missed two visits');
  });

  it('of the staff have an owner, who is told, and change hands', async () => {
    const wrong = await give({ for: 'staff', text: 'x', owner: visit });
    expect(wrong.status).toBe(422);
    const given = await give({ for: 'staff', text: 'Call the pharmacy', due: '2027-03-12' });
    const id = given.body.id;
    expect((await list(clinician))[0]).toMatchObject({
      text: 'Call the pharmacy',
      owner: { id: clinician.id },
      patient: { id: patient.id },
    });
    const passed = await clinician.post<TaskView>(`/api/tasks/${id}/reassign`, { owner: other.id });
    expect(passed.body.owner?.id).toBe(other.id);
    expect((await list(clinician)).map((one) => one.id)).not.toContain(id);
    expect((await list(clinician, '?of=given')).map((one) => one.id)).toContain(id);
    const told = await clinic.access.notices.list(1, other.account, 10);
    expect(told.map((one) => one.kind)).toContain('task-given');
    // Whoever does not hold the chart sees no task in it, even as its owner.
    expect(await list(other)).toEqual([]);
    expect((await other.post(`/api/tasks/${id}/done`)).status).toBe(404);
  });

  it('of somebody else are not found', async () => {
    const { id } = (await give({ for: 'patient', text: 'Rest' })).body;
    expect((await stranger.post(`/api/tasks/${id}/done`)).status).toBe(404);
    expect((await stranger.get(`/api/tasks?patient=${patient.id}`)).status).toBe(404);
    expect(await list(other, `?of=patient&patient=${patient.id}`)).toEqual([]);
    expect((await nurse.post(`/api/tasks/${id}/done`)).status).toBe(404);
  });
});
