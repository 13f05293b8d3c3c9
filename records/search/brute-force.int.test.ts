/** Some hundred searches over a made-up clinic equal those of a naive reader of the standard, for a client and for a clinician. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { holds, places } from './brute-force.ts';
import { codes, concept, date, loinc, period, pick, quantity, random, ucum } from './made-up.ts';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let store: TestStore;
let batched: TestStore['records'];
let client: Caller;
let clinician: Caller;
const all: Resource[] = [];
const patients: string[] = [];
const doctors: string[] = [];
const panel = () => patients.slice(0, 9);

const patient = () => ({ reference: `Patient/${pick(patients)}` });

async function load(resources: Resource[]): Promise<string[]> {
  const ids: string[] = [];
  const answer = await store.records.transaction(client, {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
  });
  answer.entry!.forEach((one, n) => {
    const id = one.response!.location!.split('/').at(-3)!;
    ids.push(id);
    all.push({ ...resources[n]!, id });
  });
  return ids;
}

beforeAll(async () => {
  store = await testStore();
  client = systemCaller(1, store.clock, 'test');
  const some = <T>(n: number, make: (n: number) => T) =>
    Array.from({ length: n }, (_, at) => make(at));
  doctors.push(
    ...(await load(
      some(3, (n): Resource => ({
        resourceType: 'Practitioner',
        name: [{ family: `Doctor${n}` }],
      })),
    )),
  );
  patients.push(
    ...(await load(
      some(24, (n): Resource => ({
        resourceType: 'Patient',
        name: [
          {
            family: pick(['Müller', 'MULLER', 'Muñoz', 'van der Berg', 'O Neil']),
            given: [pick(['José', 'Jo', 'Anna Lena', 'Björk'])],
            ...(random(3) === 0 && { prefix: ['Dr.'] }),
          },
        ],
        ...(random(4) && { birthDate: date().slice(0, 10) }),
        ...(random(4) && { gender: pick(['male', 'female', 'other'] as const) }),
        identifier: [pick([{ system: 'urn:mrn', value: `${n}` }, { value: `bare-${n % 5}` }])],
        ...(random(2) && { address: [{ city: pick(['Köln', 'Koeln', 'Bonn']) }] }),
        ...(random(2) && { generalPractitioner: [{ reference: `Practitioner/${pick(doctors)}` }] }),
      })),
    )),
  );
  await load([
    ...some(160, (): Resource => ({
      resourceType: 'Observation',
      status: pick(['final', 'amended', 'preliminary'] as const),
      code: concept(),
      ...(random(2) && { category: [concept()] }),
      subject: {
        ...patient(),
        ...(random(3) === 0 && { identifier: { system: 'urn:mrn', value: '7' } }),
      },
      ...pick<object>([
        { effectiveDateTime: date() },
        { effectivePeriod: period() },
        { effectiveInstant: '2020-02-03T10:11:12.5Z' },
        {},
      ]),
      ...pick<object>([
        { valueQuantity: quantity() },
        { component: [{ code: concept(), valueQuantity: quantity() }] },
        { valueString: pick(['positive', 'Négatif', 'very positive']) },
        {},
      ]),
      ...(random(3) === 0 && { performer: [{ reference: `Practitioner/${pick(doctors)}` }] }),
    })),
    ...some(40, (): Resource => ({
      resourceType: 'Condition',
      subject: patient(),
      code: concept(),
      ...(random(2) && {
        clinicalStatus: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
              code: pick(['active', 'resolved']),
            },
          ],
        },
      }),
      ...pick<object>([
        { onsetDateTime: date() },
        { onsetPeriod: period() },
        { onsetString: 'youth' },
        {},
      ]),
      ...(random(2) && { recordedDate: date() }),
    })),
    ...some(40, (): Resource => ({
      resourceType: 'Encounter',
      status: pick(['finished', 'planned'] as const),
      class: pick([{ code: 'AMB' }, { system: 'urn:class', code: 'IMP' }]),
      subject: patient(),
      ...(random(5) && { period: period() }),
    })),
    ...some(20, (): Resource => ({
      resourceType: 'RiskAssessment',
      status: 'final',
      subject: patient(),
      ...(random(4) && { occurrenceDateTime: date() }),
      prediction: [{ probabilityDecimal: pick([0.5, 0.55, 0.449, 0.1, 0.95]) }],
    })),
    ...['http://x/a', 'http://x/a/b', 'http://x/ab', 'urn:oid:1.2'].map((url): Resource => ({
      resourceType: 'ValueSet',
      status: 'draft',
      url,
    })),
  ]);
  clinician = callerFor('practitioner', { at: store.clock.now() });
  for (const id of panel()) {
    await store.db.query(
      `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
       values (1, $1, $2, 'chart', 'TREAT', 'Test/1', 0, $3)`,
      [clinician.id, id, store.clock.now() + 1000],
    );
  }
  batched = await store.another({ hops: 0 });
});
afterAll(() => store?.close());

const prefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** Values worth asking for, by kind of parameter. */
const values: Record<string, () => [modifier: string, value: string][]> = {
  date: () => [
    ...prefixes.flatMap((prefix): [string, string][] => [
      ['', prefix + date().replace('+', '%2B')],
      ['', `${prefix}2020-02`],
    ]),
    ['', '2019,2021-03'],
    [':missing', 'true'],
    [':missing', 'false'],
  ],
  quantity: () => [
    ...prefixes.flatMap((prefix): [string, string][] => [
      ['', `${prefix}${40 + random(50)}|${ucum}|kg`],
      ['', `${prefix}${36 + random(5)}.${random(10)}|${ucum}|Cel`],
      ['', `${prefix}${95 + random(9)}|${ucum}|[degF]`],
      ['', `${prefix}${40 + random(50)}||kg`],
      ['', `${prefix}${40 + random(50)}`],
    ]),
    ['', `60000|${ucum}|g`],
    ['', '50|urn:other|kg'],
    [':missing', 'true'],
  ],
  number: () => [
    ...prefixes.map((prefix): [string, string] => ['', `${prefix}0.${1 + random(9)}`]),
    ['', '0.50'],
    ['', '0.45,0.9'],
    [':missing', 'true'],
  ],
  token: () => [
    ...codes.flatMap((code): [string, string][] => [
      ['', code],
      ['', `${loinc}|${code}`],
      ['', `|${code}`],
    ]),
    ...[
      'final',
      'active',
      'finished',
      'male',
      'AMB',
      'IMP',
      'urn:class|IMP',
      'urn:mrn|3',
      'bare-2',
      '|bare-1',
      'urn:mrn|',
    ].map((value): [string, string] => ['', value]),
    ['', `${loinc}|`],
    ['', 'final,amended,male'],
    [':not', '29463-7'],
    [':not', 'final,male,AMB'],
    [':text', 'weight'],
    [':text', 'große'],
    [':text', 'morg'],
    [':missing', 'true'],
    [':missing', 'false'],
  ],
  string: () => [
    ...[
      'mul',
      'MÜLLER',
      'mu',
      'jo',
      'lena',
      'berg',
      'van der',
      'koln',
      'Dr',
      'positive',
      'neg',
      'zz',
    ].map((value): [string, string] => ['', value]),
    [':exact', 'Müller'],
    [':exact', 'muller'],
    [':exact', 'José'],
    [':contains', 'ö'],
    [':contains', 'LLE'],
    [':contains', 'positive'],
    [':missing', 'true'],
  ],
  reference: () => [
    ['', `Patient/${patients[2]}`],
    ['', `Patient/${patients[12]}`],
    ['', `Patient/${patients[3]},Patient/${patients[4]}`],
    ['', `Practitioner/${doctors[1]}`],
    [':identifier', 'urn:mrn|7'],
    [':missing', 'true'],
    [':missing', 'false'],
  ],
  uri: () => [
    ['', 'http://x/a'],
    [':below', 'http://x/a'],
    [':above', 'http://x/a/b/c'],
    [':below', 'urn:oid:1.2'],
    [':missing', 'true'],
  ],
};

function chartOf(resource: Resource): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  return (resource as { subject?: { reference?: string } }).subject?.reference?.split('/')[1];
}

async function ask(records: TestStore['records'], who: Caller, type: string, query: string) {
  const found: string[] = [];
  let params = [...new URLSearchParams(`${query}&_count=50`)] as [string, string][];
  for (;;) {
    const bundle = await records.search(who, type, params);
    for (const one of bundle.entry ?? []) {
      if (one.search?.mode === 'outcome') throw new Error(JSON.stringify(one.resource));
      found.push(one.resource!.id!);
    }
    const next = bundle.link?.find((link) => link.relation === 'next')?.url;
    if (!next) return found.sort();
    params = [...new URL(next).searchParams];
  }
}

function truth(type: string, criteria: [string, string][], visible?: string[]): string[] {
  return all
    .filter((one) => one.resourceType === type)
    .filter((one) => {
      const chart = chartOf(one);
      return !visible || chart === undefined || visible.includes(chart);
    })
    .filter((one) =>
      criteria.every(([name, value]) =>
        holds(one, name, decodeURIComponent(value), store.clock.now()),
      ),
    )
    .map((one) => one.id!)
    .sort();
}

describe.each(Object.keys(places))('%s', (type) => {
  it.each(Object.entries(places[type]!))('by %s', { timeout: 60_000 }, async (param, { kind }) => {
    let asked = 0;
    for (const [modifier, value] of values[kind]!()) {
      const name = `${param}${modifier}`;
      if (modifier === '' && kind === 'reference' && !fits(type, param, value)) continue;
      const query = `${name}=${value}`;
      expect([query, await ask(store.records, client, type, query)]).toEqual([
        query,
        truth(type, [[name, value]]),
      ]);
      // Every third as a clinician too.
      if (asked++ % 3 !== 0) continue;
      const seen = await ask(store.records, clinician, type, query);
      expect([query, seen]).toEqual([query, truth(type, [[name, value]], panel())]);
    }
    expect(asked).toBeGreaterThan(1);
  });
});

/** A patient is no practitioner. */
function fits(_type: string, param: string, value: string): boolean {
  return value.startsWith('Practitioner') === ['performer', 'general-practitioner'].includes(param);
}

it('two criteria at once, in any combination of ways', { timeout: 60_000 }, async () => {
  const names = Object.keys(places.Observation!);
  for (let n = 0; n < 60; n++) {
    const criteria = [pick(names), pick(names)].map((param): [string, string] => {
      const { kind } = places.Observation![param]!;
      const usable = values[kind]!().filter(
        ([modifier, value]) =>
          kind !== 'reference' || modifier !== '' || fits('Observation', param, value),
      );
      const [modifier, value] = pick(usable);
      return [`${param}${modifier}`, value];
    });
    const query = criteria.map(([name, value]) => `${name}=${value}`).join('&');
    expect([query, await ask(store.records, clinician, 'Observation', query)]).toEqual([
      query,
      truth('Observation', criteria, panel()),
    ]);
  }
});

it('chains and _has equal the same question asked by hand', { timeout: 60_000 }, async () => {
  const patientCriteria: [string, string][] = [
    ['gender', 'female'],
    ['family:contains', 'll'],
    ['birthdate', 'lt2020'],
    ['general-practitioner', `Practitioner/${doctors[0]}`],
    ['address-city:missing', 'true'],
  ];
  const observationCriteria: [string, string][] = [
    ['code', codes[0]!],
    ['status:not', 'final'],
    ['value-quantity', `gt60|${ucum}|kg`],
    ['date', 'ge2020'],
  ];
  for (const [records, who, visible] of [
    [store.records, client, undefined],
    [store.records, clinician, panel()],
    [batched, client, undefined],
    [batched, clinician, panel()],
  ] as const) {
    for (const criterion of patientCriteria) {
      const query = `patient.${criterion[0]}=${criterion[1]}`;
      const people = new Set(truth('Patient', [criterion], visible));
      const expected = truth('Observation', [], visible).filter((id) =>
        people.has(chartOf(all.find((one) => one.id === id)!)!),
      );
      expect([query, await ask(records, who, 'Observation', query)]).toEqual([query, expected]);
      const back = `_has:Observation:patient:${query}`;
      const charts = new Set(expected.map((id) => chartOf(all.find((one) => one.id === id)!)));
      expect([back, await ask(records, who, 'Patient', back)]).toEqual([
        back,
        truth('Patient', [], visible).filter((id) => charts.has(id)),
      ]);
    }
    for (const criterion of observationCriteria) {
      const query = `_has:Observation:patient:${criterion[0]}=${criterion[1]}`;
      const charts = new Set(
        truth('Observation', [criterion], visible).map((id) =>
          chartOf(all.find((one) => one.id === id)!),
        ),
      );
      expect([query, await ask(records, who, 'Patient', query)]).toEqual([
        query,
        truth('Patient', [], visible).filter((id) => charts.has(id)),
      ]);
    }
  }
});
