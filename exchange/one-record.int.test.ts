/** A token for one patient's record, in the hands of somebody who holds several: whatever an app asks, by whatever way, it is that one. */
import { parseScopes, type Caller } from '@afar/access';
import type { Observation, Resource } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBulkWorld, type BulkWorld } from './bulk/testing/world.ts';
import { createGraphql } from './graphql/index.ts';
import { openClinic, topical, until } from './testing/clinic.ts';
import { openReceiver } from './testing/receiver.ts';

const vitals =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
const scope = `${vitals} patient/Patient.rs patient/Condition.cruds patient/Encounter.rs patient/DiagnosticReport.rs patient/Provenance.rs user/Organization.rs user/Practitioner.rs`;
const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });

const measure = (patient: string, category: string, code: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/observation-category',
          code: category,
        },
      ],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: refer('Patient', patient),
  effectiveDateTime: '2026-03-01',
});

let at: BulkWorld;
/** Her own session, and an app she gave one record to. */
let doctor: Caller;
let app: Caller;
const own = { patient: '', weight: '', glucose: '', condition: '', report: '' };
const other = { patient: '', weight: '', condition: '', report: '' };

beforeAll(async () => {
  at = await openBulkWorld();
  const { world } = at;
  createGraphql({ records: world.records, clock: world.clock, log: world.log });
  const make = async (resource: Resource): Promise<string> =>
    (await world.records.create(world.system, resource)).id;
  const person = async (family: string) => (await world.patient({ name: [{ family }] })).id;
  own.patient = await person('Ownname');
  other.patient = await person('Othername');
  const staff = await at.staff();
  doctor = staff.caller;
  for (const patient of [own.patient, other.patient]) await at.grant(staff.id, patient);
  const condition = (patient: string) =>
    make({
      resourceType: 'Condition',
      code: { text: 'Gout' },
      subject: refer('Patient', patient),
    });
  own.weight = await make(measure(own.patient, 'vital-signs', '29463-7'));
  own.glucose = await make(measure(own.patient, 'laboratory', '2339-0'));
  own.condition = await condition(own.patient);
  other.weight = await make(measure(other.patient, 'vital-signs', '29463-7'));
  other.condition = await condition(other.patient);
  const report = (patient: string, ...results: string[]) =>
    make({
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'Both' },
      subject: refer('Patient', patient),
      result: results.map((one) => refer('Observation', one)),
    });
  own.report = await report(own.patient, own.weight, own.glucose, other.weight);
  other.report = await report(other.patient, own.weight);
  app = { ...doctor, scopes: parseScopes(scope), only: own.patient };
});
afterAll(() => at.close());

const ask = (url: string, as = app, over: { method?: 'POST'; body?: unknown } = {}) =>
  at.inject({ as, method: 'GET', url: `/fhir/R4/${url}`, ...over });

/** No answer of any kind holds an id, or a name, of what was not granted. */
function expectNothingElse(text: string): void {
  for (const id of [other.weight, other.condition, other.report, own.glucose, 'Othername'])
    expect(text.replaceAll(`Observation/${id}"`, '')).not.toContain(id);
}

describe('a token for one record', () => {
  it('reads what it was given, as its person does', async () => {
    for (const url of [
      `Patient/${own.patient}`,
      `Observation/${own.weight}`,
      `Condition/${own.condition}/_history`,
      `Condition/${own.condition}/_history/1`,
    ])
      expect([url, (await ask(url)).status]).toEqual([url, 200]);
    expect((await ask(`Patient/${other.patient}`, doctor)).status).toBe(200);
  });

  it('finds neither another record, nor what its condition leaves out: 404', async () => {
    for (const url of [
      `Patient/${other.patient}`,
      `Patient/${other.patient}/_history`,
      `Patient/${other.patient}/_history/1`,
      `Patient/${other.patient}/$everything`,
      `Observation/${other.weight}`,
      `Condition/${other.condition}`,
      `Condition/${other.condition}/_history`,
      `DiagnosticReport/${other.report}`,
      `Observation/${own.glucose}`,
      `Observation/${own.glucose}/_history/1`,
    ])
      expect([url, (await ask(url)).status]).toEqual([url, 404]);
  });

  it.each([
    'Patient?_count=50',
    'Patient?name=Othername',
    'Patient?_has:Condition:patient:code=Gout&_count=50',
    'Observation?_count=50&_total=accurate',
    'Observation?code=29463-7',
    'Observation?patient=OTHER',
    'Observation?patient.name=Othername',
    'Observation?_id=WEIGHT',
    'Condition?subject:Patient.family=Othername&_include=Condition:subject',
    'Condition?_include=Condition:subject&_revinclude=Provenance:target',
    'DiagnosticReport?_include=DiagnosticReport:result&_include=DiagnosticReport:subject',
    'Patient?_revinclude=Observation:subject&_revinclude=Condition:subject',
    'Condition/_history?_count=50',
    '_history?_count=100',
    '?_type=Patient,Condition,Observation&_count=50',
    'Patient/OWN/$everything?_count=200',
    'Patient/OWN/Observation',
  ])('is told of nothing else by %s', async (url) => {
    const asked = url
      .replace('OTHER', other.patient)
      .replace('OWN', own.patient)
      .replace('WEIGHT', other.weight);
    const { status, text } = await ask(asked);
    expect([200, 403, 404, 501]).toContain(status);
    if (status !== 200) return;
    const { entry = [] } = JSON.parse(text) as { entry?: { resource: Resource }[] };
    for (const { resource } of entry)
      expect([
        other.patient,
        other.weight,
        other.condition,
        other.report,
        own.glucose,
      ]).not.toContain(resource.id);
    // The words that were asked stand in the links again.
    expectNothingElse(JSON.stringify(entry));
  });

  it('counts nothing else', async () => {
    const total = async (as: Caller) =>
      (JSON.parse((await ask('Patient?_summary=count', as)).text) as { total: number }).total;
    expect(await total(doctor)).toBe(2);
    expect(await total(app)).toBe(1);
  });

  it('is told of nothing else by GraphQL', async () => {
    const query = `{ all: PatientList { id } one: Patient(id: "${own.patient}") { id
      reports: DiagnosticReportList(_reference: subject) { id result { resource { ... on Observation { id } } } } }
      theirs: ConditionList(patient: "${other.patient}") { id } }`;
    const { status, text } = await at.inject({
      as: app,
      method: 'POST',
      url: '/fhir/R4/$graphql',
      body: { query },
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(200);
    expect(text).toContain(own.patient);
    expect(text).not.toContain(other.patient);
    expectNothingElse(text);
  });

  it('writes into no other record, nor into both at once', async () => {
    const condition = { resourceType: 'Condition', code: { text: 'Gout' } };
    const post = (subject: string, over: object = {}) =>
      ask('Condition', app, {
        method: 'POST',
        body: { ...condition, subject: refer('Patient', subject), ...over },
      });
    expect((await post(own.patient)).status).toBe(201);
    expect((await post(other.patient)).status).toBe(403);
    const both = await post(own.patient, { asserter: refer('Patient', other.patient) });
    expect(both.status).toBe(403);
    const move = await at.inject({
      as: app,
      method: 'POST',
      url: '/fhir/R4',
      body: {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            resource: { ...condition, id: own.condition, subject: refer('Patient', other.patient) },
            request: { method: 'PUT', url: `Condition/${own.condition}` },
          },
        ],
      },
    });
    expect(move.status).toBe(403);
  });

  it('of a type that only `user/` scopes name is not held to the record', async () => {
    expect((await ask(`Practitioner/${doctor.fhirUser!.id}`)).status).toBe(200);
  });

  it('exports that record, and takes no file that was made with more', async () => {
    const job = await at.kickoff(app, 'Patient/$export');
    await at.finish(job);
    const all = JSON.stringify(await at.resources(app, await at.manifest(app, job)));
    expect(all).toContain(own.weight);
    expect(all).not.toContain(other.patient);
    expectNothingElse(all);
    const whole = await at.kickoff(doctor, 'Patient/$export');
    await at.finish(whole);
    const files = at.manifest(app, whole).then((one) => at.resources(app, one));
    await expect(files).rejects.toThrow(/40[34]/);
  });
});

it('a subscription of such a token tells of that record alone', async () => {
  const clinic = await openClinic();
  const hook = await openReceiver();
  try {
    const mine = (await clinic.patient()).id;
    const theirs = (await clinic.patient()).id;
    const { caller } = await clinic.practitioner([mine, theirs]);
    const held: Caller = {
      ...caller,
      scopes: parseScopes('patient/Observation.rs user/Subscription.cruds'),
      only: mine,
    };
    const { id } = await clinic.records.create(held, topical('observation-change', hook.url));
    await until(
      async () => (await clinic.records.read(held, 'Subscription', id)).resource,
      'it is there',
    );
    await until(async () => {
      const { resource } = await clinic.records.read(held, 'Subscription', id);
      return (resource as { status?: string }).status === 'active';
    }, 'active');
    await clinic.pulse(theirs);
    const pulse = await clinic.pulse(mine);
    await until(() => hook.got.some((one) => one.text.includes(pulse)), 'her own');
    expect(hook.got.map((one) => one.text).join()).not.toContain(theirs);
    expect(hook.numbers()).toEqual([1]);
  } finally {
    await clinic.close();
    await hook.close();
  }
});
