/** Every hop of a search hides what the caller may not see: base, directory, chain, _has, include, revinclude, total. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, parseScopes, systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Bundle, Organization, Patient, Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { importing } from '../import/importing.ts';
import { namesForTrail } from './answer.ts';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let store: TestStore;
/** Another process, in which every hop goes batch by batch. */
let batched: TestStore['records'];
let client: Caller;
/** Sees the chart of `mine`, not of `theirs`. */
let doctor: Caller;
let mine: Patient;
let theirs: Patient;
const ids = { mine: [] as string[], theirs: [] as string[], list: [] as string[] };

const grant = (principal: string, patient: string, ends: number, starts = 0) =>
  store.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/1', $3, $4)`,
    [principal, patient, starts, ends],
  );

beforeAll(async () => {
  store = await testStore();
  client = systemCaller(1, store.clock, 'test');
  doctor = callerFor('practitioner', { at: store.clock.now() });
  const create = <T extends Resource>(resource: T) => store.records.create(client, resource);
  const person = async (family: string) =>
    (
      await create<Patient>({
        resourceType: 'Patient',
        name: [{ family, given: ['Alex'] }],
        birthDate: '1980-01-01',
        gender: 'female',
        identifier: [{ system: 'urn:mrn', value: family }],
      })
    ).resource;
  mine = await person('Minestone');
  theirs = await person('Theirwood');
  const clinic = (await create<Organization>({ resourceType: 'Organization', name: 'Clinic' }))
    .resource;
  for (const [patient, list] of [
    [mine, ids.mine],
    [theirs, ids.theirs],
  ] as const) {
    const subject = { reference: `Patient/${patient.id}` };
    const encounter = await create({
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'VR' },
      subject,
      serviceProvider: { reference: `Organization/${clinic.id}` },
    });
    const observation = await create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject,
      encounter: { reference: `Encounter/${encounter.id}` },
      effectiveDateTime: '2026-01-01',
    });
    list.push(encounter.id, observation.id);
  }
  // A resource of one chart that points into the other: no hop over it may show the other.
  const report = await create({
    resourceType: 'DiagnosticReport',
    status: 'final',
    code: { text: 'mixed' },
    subject: { reference: `Patient/${mine.id}` },
    result: [
      { reference: `Observation/${ids.mine[1]}` },
      { reference: `Observation/${ids.theirs[1]}` },
    ],
  });
  ids.mine.push(report.id);
  await grant(doctor.id, mine.id!, store.clock.now() + 1_000_000);
  const list = await create({
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    subject: { reference: `Patient/${mine.id}` },
    entry: [
      { item: { reference: `Observation/${ids.mine[1]}` } },
      { item: { reference: `Observation/${ids.theirs[1]}` } },
    ],
  });
  ids.list = [list.id];
  batched = await store.another({ hops: 0 });
});
afterAll(() => store?.close());

async function search(
  caller: Caller,
  type: string,
  query: string,
  records = store.records,
): Promise<Bundle> {
  return records.search(caller, type, [...new URLSearchParams(query)] as [string, string][]);
}
const idsIn = (bundle: Bundle) => (bundle.entry ?? []).map((one) => one.resource!.id!);

/** Queries that would touch the other chart, were it not for the policy of one hop. `$t`: the other patient. */
const probes: [hop: string, type: string, query: string][] = [
  ['base, a scan', 'Observation', ''],
  ['base, by code', 'Observation', 'code=29463-7'],
  ['base, by patient', 'Observation', 'patient=$t'],
  ['base, by patient and code', 'Observation', 'patient=$t&code=29463-7'],
  ['base, by date', 'Observation', 'date=2026'],
  ['base, by edge', 'Observation', 'encounter=$te'],
  ['base, by id', 'Observation', '_id=$to'],
  ['base, by _lastUpdated', 'Observation', '_lastUpdated=ge2020&_sort=_lastUpdated'],
  ['base, by a negation', 'Observation', 'status:not=amended'],
  ['base, by absence', 'Observation', 'device:missing=true'],
  ['directory, by name', 'Patient', 'name=Theirwood'],
  ['directory, by sound', 'Patient', 'phonetic=Theirwood'],
  ['directory, by part', 'Patient', 'family:contains=wood'],
  ['directory, by birth date', 'Patient', 'birthdate=1980'],
  ['directory, by gender', 'Patient', 'gender=female'],
  ['directory, sorted', 'Patient', '_sort=name'],
  ['token of the clinic', 'Patient', 'identifier=urn:mrn|Theirwood'],
  ['chain', 'Observation', 'subject:Patient.name=Theirwood'],
  ['chain, by identifier', 'Observation', 'patient.identifier=urn:mrn|Theirwood'],
  ['chain of two', 'Observation', 'encounter.patient.name=Theirwood'],
  ['_has', 'Patient', '_has:Observation:patient:code=29463-7'],
  ['_has of two', 'Organization', '_has:Encounter:service-provider:patient=$t'],
  ['_filter', 'Observation', '_filter=code eq 29463-7 or status eq amended'],
  ['_filter, negated', 'Observation', '_filter=not (status eq amended)'],
  ['_filter, chained', 'Observation', '_filter=patient.name eq Theirwood'],
  [
    '_filter, alternatives of ids',
    'Observation',
    '_filter=_id eq $to or encounter re Encounter/$te',
  ],
  ['a list that names it', 'Observation', '_list=$l'],
  ['words', 'Patient', '_content=Theirwood'],
  ['an order made in memory', 'Observation', '_sort=status,-code'],
  ['an order of several keys', 'Observation', '_sort=-date,_lastUpdated'],
  ['an order of the directory', 'Patient', '_sort=gender,-family'],
  ['an estimate', 'Observation', 'code=29463-7&_total=estimate'],
  ['chain to the owner and code', 'Observation', 'patient.name=Theirwood&code=29463-7'],
  ['chain through _has', 'Encounter', 'subject:Patient._has:Observation:patient:code=29463-7'],
  ['_has through a chain', 'Patient', '_has:Observation:patient:encounter.status=finished'],
  ['_include', 'DiagnosticReport', '_include=DiagnosticReport:result'],
  ['_include of everything', 'DiagnosticReport', '_include=*&_include:iterate=Observation:*'],
  ['_revinclude', 'Organization', '_revinclude=Encounter:service-provider'],
  [
    '_revinclude, iterated',
    'Organization',
    '_revinclude=Encounter:service-provider&_revinclude:iterate=Observation:encounter&_include:iterate=Observation:subject',
  ],
];

describe.each(probes)('%s: %s?%s', (hop, type, template) => {
  const query = () =>
    template
      .replace('$te', ids.theirs[0]!)
      .replace('$to', ids.theirs[1]!)
      .replace('$l', ids.list[0]!)
      .replace('$t', theirs.id!);
  const other = () => new Set([theirs.id!, ...ids.theirs]);

  it('shows a client with the wildcard the other chart', async () => {
    const found = idsIn(await search(client, type, query()));
    const reached = hop.startsWith('_has of') ? found : found.filter((id) => other().has(id));
    expect(reached.length).toBeGreaterThan(0);
  });

  it('shows a clinician nothing of it', async () => {
    const bundle = await search(doctor, type, query());
    expect(idsIn(bundle).filter((id) => other().has(id))).toEqual([]);
    expect(JSON.stringify(bundle.entry ?? [])).not.toMatch(/Theirwood/);
  });

  it('counts nothing of it', async () => {
    for (const records of [store.records, batched]) {
      const { total } = await search(doctor, type, `${query()}&_summary=count`, records);
      const { entry = [], total: shown } = await search(doctor, type, query(), records);
      const matches = entry.filter((one) => one.search!.mode === 'match').length;
      expect([total, shown ?? matches]).toEqual([matches, matches]);
    }
  });

  it('is the same where hops go batch by batch', async () => {
    for (const who of [client, doctor]) {
      const [lists, batches] = [
        await search(who, type, query()),
        await search(who, type, query(), batched),
      ];
      expect(idsIn(batches).sort()).toEqual(idsIn(lists).sort());
    }
  });
});

it('does not even tell that an organisation sees a hidden patient', async () => {
  const query = `_has:Encounter:service-provider:patient=${theirs.id}`;
  expect(idsIn(await search(client, 'Organization', query))).toHaveLength(1);
  expect(idsIn(await search(doctor, 'Organization', query))).toEqual([]);
});

it('a grant that has ended or not begun opens nothing', async () => {
  const late = callerFor('practitioner', { at: store.clock.now() });
  await grant(late.id, theirs.id!, store.clock.now());
  await grant(late.id, mine.id!, store.clock.now() + 10_000, store.clock.now() + 1);
  for (const query of ['', 'code=29463-7', `patient=${mine.id}`, `patient=${theirs.id}`]) {
    expect(idsIn(await search(late, 'Observation', query))).toEqual([]);
  }
  expect(idsIn(await search(late, 'Patient', 'given=Alex'))).toEqual([]);
});

it('a denial shuts what a grant opened, in the directory and in the chart', async () => {
  const shut = callerFor('nurse', { at: store.clock.now() });
  await grant(shut.id, mine.id!, store.clock.now() + 10_000);
  expect(idsIn(await search(shut, 'Patient', 'name=Minestone'))).toEqual([mine.id]);
  await store.db.query(
    `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, 0, 'Consent/1')`,
    [shut.id, mine.id],
  );
  expect(idsIn(await search(shut, 'Patient', 'name=Minestone'))).toEqual([]);
  expect(idsIn(await search(shut, 'Observation', 'code=29463-7'))).toEqual([]);
});

it('a patient finds her own chart without naming herself', async () => {
  const self = callerFor('patient', {
    at: store.clock.now(),
    fhirUser: { type: 'Patient', id: mine.id! },
  });
  await grant(mine.id!, mine.id!, store.clock.now() + 10_000);
  expect(idsIn(await search(self, 'Observation', 'code=29463-7'))).toEqual([ids.mine[1]]);
  expect(idsIn(await search(self, 'Patient', ''))).toEqual([mine.id]);
});

it('a role that may not touch a type is refused, on every hop', async () => {
  const administrator = callerFor('administrator', { at: store.clock.now() });
  for (const query of ['', 'code=1', '_id=x', `patient=${mine.id}`, '_summary=count']) {
    await expect(search(administrator, 'Observation', query)).rejects.toMatchObject({
      status: 403,
    });
  }
  await expect(
    search(administrator, 'Organization', '_has:Encounter:service-provider:status=finished'),
  ).rejects.toBeInstanceOf(Refusal);
  const revincluded = await search(
    administrator,
    'Organization',
    '_revinclude=Encounter:service-provider',
  );
  expect(revincluded.entry!.every((one) => one.resource!.resourceType === 'Organization')).toBe(
    true,
  );
});

it('a scope narrows what the role would allow, includes too', async () => {
  const narrow = { ...client, scopes: parseScopes('system/Observation.rs') };
  const bundle = await search(narrow, 'Observation', '_include=Observation:subject');
  expect(bundle.entry!.map((one) => one.resource!.resourceType)).not.toContain('Patient');
  await expect(search(narrow, 'Patient', '')).rejects.toMatchObject({ status: 403 });
  await expect(search(narrow, 'Observation', 'patient.name=Theirwood')).rejects.toMatchObject({
    status: 403,
  });
});

it('a page address of one caller is of no use to another', async () => {
  const bundle = await search(client, 'Observation', '_count=1');
  const next = bundle.link!.find((link) => link.relation === 'next')!.url;
  const params = [...new URL(next).searchParams] as [string, string][];
  await expect(store.records.search(doctor, 'Observation', params)).rejects.toMatchObject({
    status: 400,
  });
  expect(next).not.toMatch(/Theirwood|29463/);
});

it('the trail keeps no name that a client made up', () => {
  expect(
    namesForTrail('Patient', [
      ['family:exact', 'x'],
      ['Theirwood', '1'],
      ['_has:Observation:patient:code', '1'],
      ['general-practitioner.name', 'x'],
    ]),
  ).toEqual(['family', '(unknown)', '_has', 'general-practitioner']);
});

it('an erased patient is found by nobody, and hides nobody else', async () => {
  const { context } = await importing(store.records, 1, '');
  const broad = callerFor('practitioner', { at: store.clock.now() });
  await grant(broad.id, mine.id!, store.clock.now() + 10_000);
  await grant(broad.id, theirs.id!, store.clock.now() + 10_000);
  expect(idsIn(await search(broad, 'Observation', 'code=29463-7'))).toHaveLength(2);
  const { rows } = await store.db.query<{ kid: string }>(
    'select kid from records.owner_key where owner = $1',
    [theirs.id],
  );
  await context.keys.erase(1, rows[0]!.kid);
  expect(idsIn(await search(broad, 'Observation', 'code=29463-7'))).toEqual([ids.mine[1]]);
  expect(idsIn(await search(broad, 'Patient', 'given=Alex'))).toEqual([mine.id]);
  expect(idsIn(await search(client, 'Observation', ''))).toEqual([ids.mine[1]]);
  expect(idsIn(await search(client, 'Observation', `patient=${theirs.id}`))).toEqual([]);
  const report = await search(client, 'DiagnosticReport', '_include=DiagnosticReport:result');
  expect(idsIn(report)).toEqual([ids.mine[2], ids.mine[1]]);
  const fresh = await store.another();
  const { entry = [] } = await fresh.search(client, 'Patient', [['name', 'Theirwood']]);
  expect(entry).toEqual([]);
});
