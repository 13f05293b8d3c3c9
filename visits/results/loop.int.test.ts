/** The way of a result: ordered, arrived by FHIR, in the right inbox, answered once, seen by the patient when the clinic says. */
import type { Communication, ServiceRequest, Task } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AcknowledgeRequest,
  MyResults,
  OrderView,
  ResultItem,
  ResultsInbox,
  Unanswered,
} from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { eventually, laboratory, watchOf, type Laboratory } from '../testing/laboratory.ts';
import { idempotencyKey } from '../testing/samples.ts';

let clinic: Clinic;
let lab: Laboratory;
let patient: Person;
let stranger: Person;
let clinician: Person;
let other: Person;
let administrator: Person;
let visit: string;
beforeAll(async () => {
  clinic = await openClinic();
  lab = laboratory(clinic);
  patient = await clinic.person('patient');
  stranger = await clinic.person('patient');
  clinician = await clinic.clinician();
  other = await clinic.clinician();
  administrator = await clinic.person('administrator');
  visit = (await clinic.admitted(patient, clinician)).id;
});
afterAll(() => clinic.closeAll());

async function ordered(text = 'Potassium', code = '2823-3'): Promise<string> {
  const body = { kind: 'lab', text, code: { system: 'http://loinc.org', code } };
  const made = await clinician.post<OrderView>(
    `/api/visits/${visit}/orders`,
    body,
    idempotencyKey(),
  );
  expect(made.status).toBe(201);
  return made.body.reference.split('/')[1]!;
}

/** Lets a colleague into the chart. */
const carer = (of: Person, who: Person) =>
  clinic.records.create(clinic.system, {
    resourceType: 'CareTeam',
    status: 'active',
    subject: { reference: `Patient/${of.id}` },
    participant: [{ member: { reference: `Practitioner/${who.id}` } }],
  });

const inbox = async (who = clinician): Promise<ResultsInbox> =>
  (await who.get<ResultsInbox>('/api/results')).body;
const itemOf = async (reference: string, who = clinician): Promise<ResultItem> => {
  const found = await eventually(
    async () => (await inbox(who)).results.find((one) => one.reference === reference),
    (one) => one !== undefined,
  );
  return found!;
};
const answer = (item: ResultItem, ask: Partial<AcknowledgeRequest> = {}, who = clinician) =>
  who.post(`/api/results/${item.id}/acknowledge`, {
    revision: item.revision,
    decision: 'no-action',
    ...ask,
  });
const mine = async (who = patient): Promise<MyResults> =>
  (await who.get<MyResults>('/api/my-results')).body;

describe('a result', () => {
  it('of an order stands in the inbox of who ordered, with its trend; the most urgent first', async () => {
    const order = await ordered();
    await lab.value(patient.id, { value: 4.1 }, { effectiveDateTime: '2027-02-01T08:00:00Z' });
    const normal = await lab.report(patient.id, order, [{ value: 4.4 }]);
    const item = await itemOf(`DiagnosticReport/${normal.id}`);
    expect(item).toMatchObject({
      level: 'normal',
      standing: 'new',
      why: 'yours',
      patient: { id: patient.id },
      order: { id: order, text: 'Potassium', visit },
      values: [
        {
          value: '4.4 mmol/L',
          range: '3.5 – 5.1 mmol/L',
          level: 'normal',
          before: [{ number: 4.1 }],
        },
      ],
    });
    const urgent = await lab.report(patient.id, await ordered(), [
      { value: 7.1, interpretation: 'HH' },
      { value: 140, code: '2951-2', name: 'Sodium', low: 135, high: 145 },
    ]);
    const worst = await itemOf(`DiagnosticReport/${urgent.id}`);
    expect(worst.level).toBe('critical');
    // Its values are read in it: they are no results of their own.
    const { results } = await inbox();
    expect(results[0]!.reference).toBe(`DiagnosticReport/${urgent.id}`);
    expect(results.map((one) => one.reference)).not.toContain(`Observation/${urgent.values[0]}`);
    const told = await clinic.access.notices.list(1, clinician.account, 10);
    expect(told.filter((one) => one.kind === 'result-urgent')).toHaveLength(1);
    expect(JSON.stringify(told)).not.toContain('7.1');
  });

  it('is answered once, with a decision that the chart keeps; the order is done', async () => {
    const order = await ordered('Magnesium', '19123-9');
    const sent = await lab.report(patient.id, order, [{ value: 9, name: 'Magnesium' }]);
    const item = await itemOf(`DiagnosticReport/${sent.id}`);
    expect(item.level).toBe('abnormal');
    expect((await answer(item, { decision: 'message' })).status).toBe(422);
    expect((await answer(item, { revision: 77 })).status).toBe(409);
    const message = 'A little high. Please come on Thursday.';
    const done = await answer(item, { decision: 'message', message, note: 'Spironolactone' });
    expect(done.status).toBe(204);
    expect((await answer(item, { decision: 'message', message })).status).toBe(204);
    expect((await answer(item)).status).toBe(409);
    expect((await inbox()).results.map((one) => one.id)).not.toContain(item.id);
    const read = (path: string) => clinician.get<{ entry: { resource: unknown }[] }>(path);
    const reviews = await read(`/fhir/R4/Task?patient=Patient/${patient.id}&code=result-review`);
    expect(reviews.body.entry).toHaveLength(1);
    expect(reviews.body.entry[0]!.resource as Task).toMatchObject({
      focus: { reference: `DiagnosticReport/${sent.id}` },
      output: [{ valueCodeableConcept: { coding: [{ code: 'message' }] } }],
    });
    const done2 = await clinician.get<ServiceRequest>(`/fhir/R4/ServiceRequest/${order}`);
    expect(done2.body.status).toBe('completed');
    const hers = (await mine()).results.find((one) => one.id === item.id);
    expect(hers?.seen).toMatchObject({ decision: 'message', message });
    const letters = await read(`/fhir/R4/Communication?patient=Patient/${patient.id}`);
    expect((letters.body.entry[0]!.resource as Communication).payload).toEqual([
      { contentString: message },
    ]);
    // Why it was decided is the staff's.
    const seen = await patient.get(`/fhir/R4/Task?patient=Patient/${patient.id}`);
    expect(JSON.stringify(seen.body)).not.toContain('Spironolactone');
  });

  it('comes back when it is corrected, and not when the same is sent again or made final', async () => {
    const sent = await lab.report(patient.id, await ordered(), [{ value: 6 }], {
      status: 'preliminary',
    });
    const item = await itemOf(`DiagnosticReport/${sent.id}`);
    expect(item).toMatchObject({ level: 'abnormal', preliminary: true });
    expect((await answer(item)).status).toBe(204);
    const { records, system } = clinic;
    const report = (await records.read(system, 'DiagnosticReport', sent.id)).resource;
    await records.update(system, { ...report, status: 'final' } as never);
    const value = (await records.read(system, 'Observation', sent.values[0]!)).resource;
    await records.update(system, {
      ...value,
      status: 'corrected',
      valueQuantity: { value: 8, unit: 'mmol/L' },
    } as never);
    const back = await itemOf(`DiagnosticReport/${sent.id}`);
    expect(back).toMatchObject({ standing: 'changed', preliminary: false, revision: 2 });
    expect(back.values[0]!.value).toBe('8 mmol/L');
    // Read before the correction is not read.
    expect((await answer(item)).status).toBe(409);
    expect((await answer(back)).status).toBe(204);
  });

  it('without an order comes to who holds the chart when it is abnormal, and not when it is normal, old, or her own reading', async () => {
    await lab.value(patient.id, { value: 4 });
    await lab.value(patient.id, { value: 9 }, { issued: '2019-01-01T00:00:00Z' });
    await lab.value(
      patient.id,
      { value: 9 },
      { performer: [{ reference: `Patient/${patient.id}` }] },
    );
    const pulse = { category: [{ coding: [{ code: 'vital-signs' }] }] };
    await lab.value(patient.id, { value: 9 }, pulse);
    const sent = await lab.value(patient.id, { value: 9, code: '2000-8', name: 'Calcium' });
    const item = await itemOf(`Observation/${sent}`);
    expect(item).toMatchObject({ title: 'Calcium', why: 'yours', level: 'abnormal' });
    const shown = (await inbox()).results.filter((one) => !one.order);
    expect(shown.map((one) => one.reference)).toEqual([`Observation/${sent}`]);
    await answer(item);
  });

  it('that names no order finds the open one that asked for the same code', async () => {
    const order = await ordered('Ferritin', '2276-4');
    const sent = await lab.value(patient.id, { value: 4, code: '2276-4', name: 'Ferritin' });
    expect((await itemOf(`Observation/${sent}`)).order?.id).toBe(order);
  });

  it('of an order in another chart answers nothing there', async () => {
    const order = await ordered('Zinc', '5763-8');
    const sent = await lab.report(stranger.id, order, [{ value: 9 }]);
    const watch = watchOf(clinic);
    await watch.sweep();
    const { results } = await inbox();
    expect(results.map((one) => one.reference)).not.toContain(`DiagnosticReport/${sent.id}`);
    const waiting = (await mine()).orders.find((one) => one.id === order);
    expect(waiting?.state).toBe('waiting');
  });
});

describe('somebody else', () => {
  it('neither sees, nor answers, nor passes on what is not hers', async () => {
    const sent = await lab.report(patient.id, await ordered(), [{ value: 9 }]);
    const item = await itemOf(`DiagnosticReport/${sent.id}`);
    expect((await inbox(other)).results).toEqual([]);
    const at = `/api/results/${item.id}`;
    const ask = { revision: item.revision, decision: 'no-action' };
    expect((await other.post(`${at}/acknowledge`, ask)).status).toBe(404);
    expect((await other.post(`${at}/pass`, { to: other.id })).status).toBe(404);
    expect((await other.get(`${at}/colleagues`)).status).toBe(404);
    expect((await patient.post(`${at}/acknowledge`, ask)).status).toBe(403);
    expect((await patient.get('/api/results')).status).toBe(403);
    expect((await administrator.get('/api/results')).status).toBe(403);
    expect((await administrator.post(`${at}/assign`, { to: other.id })).status).toBe(404);
    expect((await stranger.get(`/api/my-results?patient=${patient.id}`)).status).toBe(404);
    expect((await other.post('/api/results/nonsense/acknowledge', ask)).status).toBe(404);
    // A colleague who holds the chart reads it there; the answer is not hers while it is somebody's.
    const colleague = await clinic.clinician();
    await carer(patient, colleague);
    expect((await colleague.get(`/fhir/R4/DiagnosticReport/${sent.id}`)).status).toBe(200);
    expect((await colleague.post(`${at}/acknowledge`, ask)).status).toBe(403);
    // Passed to whoever cannot see it, it stays.
    expect((await clinician.post(`${at}/pass`, { to: other.id })).status).toBe(409);
    expect((await clinician.post(`${at}/pass`, { to: colleague.id })).status).toBe(204);
    expect((await itemOf(item.reference, colleague)).why).toBe('yours');
    expect((await colleague.post(`${at}/acknowledge`, ask)).status).toBe(204);
  });

  it('who covers gets it as well while she is away', async () => {
    const cover = await clinic.clinician();
    await carer(patient, cover);
    const day = 86_400_000;
    const away = {
      from: new Date(clinic.clock.now() - day).toISOString(),
      until: new Date(clinic.clock.now() + day).toISOString(),
    };
    expect(
      (await clinician.put('/api/results/away', { ...away, cover: clinician.id })).status,
    ).toBe(422);
    expect((await clinician.put('/api/results/away', { ...away, cover: cover.id })).status).toBe(
      200,
    );
    const sent = await lab.report(patient.id, await ordered(), [
      { value: 9, interpretation: 'HH' },
    ]);
    const item = await itemOf(`DiagnosticReport/${sent.id}`, cover);
    expect(item).toMatchObject({ why: 'covered', responsible: { id: clinician.id } });
    const told = await clinic.access.notices.list(1, cover.account, 10);
    expect(told.map((one) => one.kind)).toContain('result-urgent');
    expect((await answer(item, {}, cover)).status).toBe(204);
    const ended = await clinic.http.inject({
      method: 'DELETE',
      url: '/api/results/away',
      headers: {
        host: 'localhost:8170',
        origin: 'http://localhost:8170',
        cookie: clinician.cookie,
      },
    });
    expect(ended.statusCode).toBe(204);
  });
});

describe('the patient', () => {
  it('reads her result at once, unless her clinic lets a clinician see it first', async () => {
    const order = await ordered('Copper', '5631-7');
    const sent = await lab.report(patient.id, order, [
      { value: 9, name: 'Copper', code: '5631-7' },
    ]);
    const at = `DiagnosticReport/${sent.id}`;
    await itemOf(at);
    expect((await mine()).orders.find((one) => one.id === order)?.state).toBe('ready');
    expect((await patient.get(`/fhir/R4/${at}`)).status).toBe(200);

    const settings = { criticalMinutes: 60, abnormalHours: 48, otherDays: 7 };
    const later = { ...settings, release: 'seen', releaseHours: 72 };
    expect((await clinician.put('/api/results/settings', later)).status).toBe(403);
    expect(
      (await administrator.put('/api/results/settings', { ...later, otherDays: 0 })).status,
    ).toBe(422);
    expect((await administrator.put('/api/results/settings', later)).status).toBe(200);
    const second = await ordered('Lead', '5671-3');
    const held = await lab.report(patient.id, second, [{ value: 9, name: 'Lead', code: '5671-3' }]);
    const there = `DiagnosticReport/${held.id}`;
    const item = await itemOf(there);
    const view = await mine();
    expect(view).toMatchObject({ release: 'seen', releaseHours: 72 });
    expect(view.orders.find((one) => one.id === second)).toMatchObject({
      state: 'arrived',
      visibleBy: new Date(clinic.clock.now() + 72 * 3_600_000).toISOString(),
    });
    expect(view.results.map((one) => one.reference)).not.toContain(there);
    // By no way: neither the report nor its values, read or searched.
    for (const path of [there, `Observation/${held.values[0]}`])
      expect((await patient.get(`/fhir/R4/${path}`)).status).toBe(404);
    const searched = await patient.get(`/fhir/R4/Observation?code=5671-3`);
    expect((searched.body as { entry?: unknown[] }).entry ?? []).toEqual([]);
    expect((await clinician.get(`/fhir/R4/${there}`)).status).toBe(200);
    expect((await answer(item, { decision: 'told-patient' })).status).toBe(204);
    expect((await patient.get(`/fhir/R4/${there}`)).status).toBe(200);
    expect((await mine()).results.find((one) => one.reference === there)?.seen?.decision).toBe(
      'told-patient',
    );

    // Nobody looked: after the hours the clinic promised she reads it anyway.
    const third = await lab.report(patient.id, await ordered('Tin', '1-1'), [
      { value: 9, code: '1-1' },
    ]);
    const forgotten = `DiagnosticReport/${third.id}`;
    await itemOf(forgotten);
    expect((await patient.get(`/fhir/R4/${forgotten}`)).status).toBe(404);
    clinic.clock.advance(72 * 3_600_000);
    await patient.signIn();
    expect((await patient.get(`/fhir/R4/${forgotten}`)).status).toBe(200);
    await watchOf(clinic).sweep();
    const told = await clinic.access.notices.list(1, patient.account, 20);
    expect(told.map((one) => one.kind)).toContain('result-ready');
    await administrator.signIn();
    await clinician.signIn();
    await administrator.put('/api/results/settings', { ...settings, release: 'at-once' });
  });
});

describe('an order', () => {
  it('whose result does not come is listed', async () => {
    const order = await ordered('Selenium', '5724-0');
    await eventually(
      async () =>
        (await clinic.db.query('select from visits.awaited where tenant = 1 and rid = $1', [order]))
          .rowCount,
      (count) => count === 1,
    );
    expect((await inbox()).overdue.map((one) => one.id)).not.toContain(order);
    clinic.clock.advance(8 * 86_400_000);
    await clinician.signIn();
    expect((await inbox()).overdue).toContainEqual(
      expect.objectContaining({
        id: order,
        text: 'Selenium',
        patient: expect.objectContaining({ id: patient.id }),
      }),
    );
  });

  it('is answered on paper: what staff writes down goes the same way', async () => {
    const order = await ordered('Uric acid', '3084-1');
    const body = {
      status: 'final',
      conclusion: 'Told by telephone',
      values: [{ name: 'Uric acid', value: 0.6, unit: 'mmol/L', high: 0.42 }],
    };
    await other.signIn();
    await patient.signIn();
    expect((await other.post(`/api/orders/${order}/result`, body)).status).toBe(404);
    expect((await patient.post(`/api/orders/${order}/result`, body)).status).toBe(403);
    const faulty = await clinician.post<{ issue: { expression: string[] }[] }>(
      `/api/orders/${order}/result`,
      { status: 'guess', values: [{ name: '', value: 'high', unit: 'mmol/L' }] },
    );
    expect(faulty.status).toBe(422);
    expect(faulty.body.issue.map((one) => one.expression[0])).toEqual([
      'status',
      'values[0].name',
      'values[0].value',
    ]);
    const made = await clinician.post<{ report: string }>(`/api/orders/${order}/result`, body);
    expect(made.status).toBe(201);
    const item = await itemOf(`DiagnosticReport/${made.body.report}`);
    expect(item).toMatchObject({
      level: 'abnormal',
      order: { id: order },
      conclusion: 'Told by telephone',
    });
  });
});

it('the office sees counts and ages, and nothing of a patient', async () => {
  await administrator.signIn();
  const { status, body } = await administrator.get<Unanswered>('/api/results/unanswered');
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain(patient.id);
  expect((await clinician.get('/api/results/unanswered')).status).toBe(403);
});
