/** An abnormal result cannot vanish unacknowledged: everything that could make it, tried. */
import { randomUUID } from 'node:crypto';
import type {
  Appointment,
  Consent,
  DiagnosticReport,
  Observation,
  ServiceRequest,
} from '@afar/fhir';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { OrderView, ResultItem, ResultsInbox, Unanswered } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import {
  eventually,
  laboratory,
  observed,
  watchOf,
  type Laboratory,
} from '../testing/laboratory.ts';
import { idempotencyKey } from '../testing/samples.ts';
import type { Watch } from './watch.ts';

let clinic: Clinic;
let lab: Laboratory;
let watch: Watch;
let patient: Person;
let clinician: Person;
let colleague: Person;
let administrator: Person;
let visit: string;
let order: string;
let reference: string;
let report: { id: string; values: string[] };

beforeAll(async () => {
  clinic = await openClinic();
  lab = laboratory(clinic);
  watch = watchOf(clinic);
  administrator = await clinic.person('administrator');
});
afterAll(() => clinic.closeAll());

const inbox = async (who: Person): Promise<ResultItem[]> =>
  (await who.get<ResultsInbox>('/api/results')).body.results ?? [];
const waiting = (who = clinician, at = reference): Promise<ResultItem> =>
  eventually(
    async () => (await inbox(who)).find((one) => one.reference === at),
    (one) => one !== undefined,
  ) as Promise<ResultItem>;
const acknowledge = (item: ResultItem, who: Person) =>
  who.post(`/api/results/${item.id}/acknowledge`, {
    revision: item.revision,
    decision: 'no-action',
  });
const told = async (who: Person): Promise<string[]> =>
  (await clinic.access.notices.list(1, who.account, 50)).map((one) => one.kind);
const letIn = (who: Person) =>
  clinic.records.create(clinic.system, {
    resourceType: 'CareTeam',
    status: 'active',
    subject: { reference: `Patient/${patient.id}` },
    participant: [{ member: { reference: `Practitioner/${who.id}` } }],
  });
const unanswered = async () =>
  (await administrator.get<Unanswered>('/api/results/unanswered')).body.results;

/** A patient, her visit, an order, and an abnormal result of it in the inbox; a colleague who holds the chart too. */
beforeEach(async () => {
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
  colleague = await clinic.clinician();
  visit = (await clinic.admitted(patient, clinician)).id;
  const body = { kind: 'lab', text: 'Potassium' };
  const at = `/api/visits/${visit}/orders`;
  const made = await clinician.post<OrderView>(at, body, idempotencyKey());
  order = made.body.reference.split('/')[1]!;
  report = await lab.report(patient.id, order, [{ value: 6.2 }]);
  reference = `DiagnosticReport/${report.id}`;
  await waiting();
});

it('by cancelling the order, or marking it as an error', async () => {
  const at = `/api/visits/${visit}/orders/${order}/cancel`;
  expect((await clinician.post(at, { reason: 'x' })).status).toBe(200);
  await watch.sweep();
  expect((await waiting()).level).toBe('abnormal');
  const stored = await clinic.records.read<ServiceRequest>(clinic.system, 'ServiceRequest', order);
  await clinic.records.update(clinic.system, { ...stored.resource, status: 'entered-in-error' });
  await watch.sweep();
  expect((await waiting()).order?.id).toBe(order);
});

it('behind a heap of others that nobody answers, of charts that are closed to her', async () => {
  await clinic.data.ownerDb.query(
    `insert into visits.result (tenant, type, rid, patient, clinician, version, said, level, standing, state, preliminary,
       arrived, next_look, rung, reason, visible_from, checked)
     select tenant, type, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), version, said, 0, 'new', 'waiting', false,
       arrived - 1, arrived + 1000000000, 1, 'silent', visible_from, checked
     from visits.result, generate_series(1, 401) where rid = $1`,
    [report.id],
  );
  expect((await inbox(clinician)).map((one) => one.reference)).toContain(reference);
  await clinic.data.ownerDb.query('delete from visits.result where rung = 1 and level = 0');
});

it('behind one of another chart that cannot be looked at', async () => {
  const [stuck, chart]: string[] = [randomUUID(), randomUUID()];
  await clinic.data.ownerDb.query(
    `insert into visits.result (tenant, type, rid, patient, clinician, version, said, level, standing, state, preliminary,
       arrived, next_look, rung, reason, visible_from, checked)
     select tenant, type, $2, $3, clinician, version, said, level, standing, state, preliminary, arrived, 0, rung, reason, visible_from, 0
     from visits.result where rid = $1`,
    [report.id, stuck, chart],
  );
  const { read } = clinic.records;
  const broken = vi
    .spyOn(clinic.records, 'read')
    .mockImplementation((...asked) =>
      [stuck, chart].includes(asked[2])
        ? Promise.reject(new Error('its key is not to be had'))
        : read.apply(clinic.records, asked),
    );
  try {
    await letIn(colleague);
    await clinic.access.accounts.disable(1, clinician.account);
    clinic.clock.advance(11 * 60_000);
    await watch.sweep();
    expect((await waiting(colleague)).why).toBe('escalated');
    const { rows } = await clinic.data.ownerDb.query<{ later: boolean }>(
      'select next_look > 0 and checked > 0 as later from visits.result where rid = $1',
      [stuck],
    );
    expect(rows).toEqual([{ later: true }]);
  } finally {
    broken.mockRestore();
    await clinic.data.ownerDb.query('delete from visits.result where rid = $1', [stuck]);
    await administrator.signIn();
  }
});

it('by deleting the order', async () => {
  await clinic.records.remove(clinic.system, 'ServiceRequest', order);
  await watch.sweep();
  expect((await waiting()).level).toBe('abnormal');
});

it('by ending the visit, or cancelling its appointment', async () => {
  expect((await clinician.post(`/api/visits/${visit}/end`, {})).status).toBe(200);
  await watch.sweep();
  expect(await waiting()).toMatchObject({ why: 'yours' });
});

it('by disabling the account of who should answer: the care team gets it', async () => {
  await letIn(colleague);
  await clinic.access.accounts.disable(1, clinician.account);
  clinic.clock.advance(11 * 60_000);
  await watch.sweep();
  const item = await waiting(colleague);
  expect(item).toMatchObject({ why: 'escalated', responsible: { id: clinician.id } });
  expect(await told(colleague)).toContain('result-escalated');
  expect((await acknowledge(item, colleague)).status).toBe(204);
});

it('by disabling the only one who holds the chart: the office hears of it and finds somebody', async () => {
  await clinic.access.accounts.disable(1, clinician.account);
  clinic.clock.advance(11 * 60_000);
  await watch.sweep();
  expect(await told(administrator)).toContain('results-unanswered');
  const row = (await unanswered()).find((one) => one.responsible?.id === clinician.id);
  expect(row).toMatchObject({ reason: 'unable', level: 'abnormal' });
  expect(Object.keys(row!).toSorted()).toEqual(['id', 'level', 'reason', 'responsible', 'since']);
  const assign = (to: string) => administrator.post(`/api/results/${row!.id}/assign`, { to });
  // Whoever cannot see it cannot be made to answer for it: that is no way into a chart.
  expect((await assign(colleague.id)).status).toBe(409);
  expect((await colleague.get(`/fhir/R4/${reference}`)).status).toBe(404);
  await letIn(colleague);
  expect((await assign(colleague.id)).status).toBe(204);
  const item = await waiting(colleague);
  expect((await acknowledge(item, colleague)).status).toBe(204);
});

it('by a withdrawn consent: she sees nothing of it any more, cannot answer it, and it goes on', async () => {
  await letIn(colleague);
  const item = await waiting();
  const shut: Consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ code: 'patient-privacy' }] },
    category: [{ coding: [{ code: 'IDSCL' }] }],
    patient: { reference: `Patient/${patient.id}` },
    dateTime: new Date(clinic.clock.now()).toISOString(),
    policyRule: { coding: [{ code: 'OPTIN' }] },
    provision: {
      type: 'deny',
      actor: [
        {
          role: { coding: [{ code: 'IRCP' }] },
          reference: { reference: `Practitioner/${clinician.id}` },
        },
      ],
    },
  };
  const given = await patient.post('/fhir/R4/Consent', shut);
  expect(given.status).toBe(201);
  const text = JSON.stringify((await clinician.get('/api/results')).body);
  expect(text).not.toContain(reference);
  expect(text).not.toContain(patient.id);
  expect((await acknowledge(item, clinician)).status).toBe(404);
  expect((await clinician.post(`/api/results/${item.id}/pass`, { to: colleague.id })).status).toBe(
    404,
  );
  clinic.clock.advance(11 * 60_000);
  await watch.sweep();
  expect((await waiting(colleague)).why).toBe('escalated');
});

it('by leaving the care team', async () => {
  await letIn(colleague);
  const booked = await clinic.records.read<Appointment>(clinic.system, 'Appointment', visit);
  expect(booked.resource.status).toBe('checked-in');
  await clinic.db.query(`delete from records."grant" where tenant = 1 and principal = $1`, [
    clinician.id,
  ]);
  expect((await inbox(clinician)).map((one) => one.reference)).not.toContain(reference);
  clinic.clock.advance(11 * 60_000);
  await watch.sweep();
  expect((await waiting(colleague)).why).toBe('escalated');
});

it('by deleting the report, or its values: what was taken back says so', async () => {
  await clinic.records.remove(clinic.system, 'DiagnosticReport', report.id);
  const gone = await eventually(
    async () => (await inbox(clinician)).find((one) => one.reference === reference),
    (one) => one?.standing === 'retracted',
  );
  expect(gone).toMatchObject({ level: 'abnormal', title: 'Basic metabolic panel' });
  // Its value is still in the chart, and now stands for itself.
  const value = await waiting(clinician, `Observation/${report.values[0]}`);
  expect(value.level).toBe('abnormal');
  await clinic.records.remove(clinic.system, 'Observation', report.values[0]!);
  await eventually(
    async () => (await inbox(clinician)).find((one) => one.id === value.id),
    (one) => one?.standing === 'retracted',
  );
  expect((await acknowledge(gone!, clinician)).status).toBe(204);
});

it('by being marked as an error after it was acknowledged', async () => {
  expect((await acknowledge(await waiting(), clinician)).status).toBe(204);
  const { records, system } = clinic;
  const { resource } = await records.read(system, 'DiagnosticReport', report.id);
  await records.update(system, { ...resource, status: 'entered-in-error' } as never);
  const back = await eventually(
    async () => (await inbox(clinician)).find((one) => one.reference === reference),
    (one) => one !== undefined,
  );
  expect(back?.standing).toBe('retracted');
});

it('by silence: it goes to the care team when its time is over, then to the office, and again each day', async () => {
  await letIn(colleague);
  const hour = 3_600_000;
  clinic.clock.advance(47 * hour);
  await watch.sweep();
  await colleague.signIn();
  expect((await inbox(colleague)).map((one) => one.reference)).not.toContain(reference);
  clinic.clock.advance(2 * hour);
  await Promise.all([watch.sweep(), watchOf(clinic).sweep()]);
  await colleague.signIn();
  expect((await waiting(colleague)).why).toBe('escalated');
  expect((await told(colleague)).filter((kind) => kind === 'result-escalated')).toHaveLength(1);
  const before = (await told(administrator)).filter((kind) => kind === 'results-unanswered').length;
  clinic.clock.advance(48 * hour);
  await watch.sweep();
  await watch.sweep();
  const after = (await told(administrator)).filter((kind) => kind === 'results-unanswered').length;
  expect(after).toBeGreaterThan(before);
  await clinician.signIn();
  expect((await waiting()).why).toBe('yours');
  await administrator.signIn();
  expect((await unanswered()).some((one) => one.responsible?.id === clinician.id)).toBe(true);
});

it('by nobody listening when it came', async () => {
  await clinic.visits.stop();
  const missed = await lab.report(patient.id, undefined, [{ value: 8, interpretation: 'HH' }]);
  const next = await clinic.another();
  const found = await eventually(
    async () => (await clinician.get<ResultsInbox>('/api/results', next)).body.results,
    (all) => all.some((one) => one.reference === `DiagnosticReport/${missed.id}`),
  );
  expect(found[0]!.level).toBe('critical');
});

/** A critical value that came before its report: she was told of it once. */
async function earlyValue() {
  const urgent = async (): Promise<number> =>
    (await told(clinician)).filter((kind) => kind === 'result-urgent').length;
  const basedOn = [{ reference: `ServiceRequest/${order}` }];
  const reportOf = (values: string[]): DiagnosticReport => ({
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { text: 'Basic metabolic panel' },
    subject: { reference: `Patient/${patient.id}` },
    result: values.map((id) => ({ reference: `Observation/${id}` })),
    basedOn,
  });
  const early = await lab.value(patient.id, { value: 7.4, interpretation: 'HH' }, { basedOn });
  await waiting(clinician, `Observation/${early}`);
  expect(await urgent()).toBe(1);
  return { urgent, basedOn, reportOf, early };
}

it('nor is a critical value that came before its report alarmed about twice; a second one is', async () => {
  const { urgent, basedOn, reportOf, early } = await earlyValue();
  const { id } = await clinic.records.create(clinic.system, reportOf([early]));
  expect((await waiting(clinician, `DiagnosticReport/${id}`)).level).toBe('critical');
  expect(await urgent()).toBe(1);
  await clinic.records.write(clinic.system, async (tx) => {
    const worse = observed(patient.id, { value: 1.9, interpretation: 'LL' });
    const { rid } = await tx.create<Observation>({ ...worse, basedOn });
    await tx.create<DiagnosticReport>(reportOf([early, rid]));
  });
  await eventually(urgent, (count) => count > 1);
  expect(await urgent()).toBe(2);
});

it('by being corrected in the moment its report comes: she hears of what it says now', async () => {
  const { urgent, basedOn, reportOf, early } = await earlyValue();
  const corrected = observed(patient.id, { value: 1.9, interpretation: 'LL' });
  const id = await clinic.records.write(clinic.system, async (tx) => {
    await tx.update<Observation>({ ...corrected, id: early, status: 'corrected', basedOn });
    return (await tx.create<DiagnosticReport>(reportOf([early]))).rid;
  });
  expect((await waiting(clinician, `DiagnosticReport/${id}`)).level).toBe('critical');
  expect(await urgent()).toBe(2);
});

it('by its report coming when its value has gone on to the care team: the team keeps it', async () => {
  await letIn(colleague);
  const { urgent, reportOf, early } = await earlyValue();
  clinic.clock.advance(3_600_000 + 1);
  await watch.sweep();
  await colleague.signIn();
  expect((await waiting(colleague, `Observation/${early}`)).why).toBe('escalated');
  const { id } = await clinic.records.create(clinic.system, reportOf([early]));
  expect((await waiting(colleague, `DiagnosticReport/${id}`)).why).toBe('escalated');
  expect(await urgent()).toBe(1);
  // And on to the office when the time of both is over, which the report does not begin anew.
  const office = async () =>
    (await told(administrator)).filter((kind) => kind === 'results-unanswered').length;
  const before = await office();
  clinic.clock.advance(3_600_000);
  await watch.sweep();
  expect(await office()).toBeGreaterThan(before);
});
