/** Questions wider than a list of ids: chains through many, every order over pages, includes, totals. The bounds are small here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor, systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry, Resource } from '@afar/fhir';
import { testStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let store: TestStore;
/** Sees the charts of the first twenty-five. */
let doctor: Caller;
const limits = { hops: 30, rows: 1_500 };
const people = 90;
const ids: string[] = [];
let practice: string;
let doctorId: string;
const client = () => systemCaller(1, store.clock, 'test');

async function load(resources: Resource[]): Promise<string[]> {
  const entry: BundleEntry[] = resources.map((resource) => ({
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  const answer = await store.records.transaction(client(), {
    resourceType: 'Bundle',
    type: 'transaction',
    entry,
  });
  return answer.entry!.map((one) => one.response!.location!.split('/').at(-3)!);
}

const search = (type: string, query: string, who = client()): Promise<Bundle> =>
  store.records.search(who, type, [...new URLSearchParams(query)] as [string, string][]);

/** Every page, and how often each match came. */
async function all(type: string, query: string, who = client()): Promise<Resource[]> {
  const found: Resource[] = [];
  let bundle = await search(type, query, who);
  for (let page = 0; page < 200; page++) {
    found.push(
      ...(bundle.entry ?? [])
        .filter((one) => one.search?.mode === 'match')
        .map((one) => one.resource!),
    );
    const next = bundle.link!.find((link) => link.relation === 'next')?.url;
    if (!next) return found;
    bundle = await store.records.search(who, type, [...new URL(next).searchParams]);
  }
  throw new Error('paging does not end');
}
const idsOf = (resources: Resource[]) => resources.map((one) => one.id!);

beforeAll(async () => {
  store = await testStore(limits);
  [practice] = (await load([{ resourceType: 'Organization', name: 'Practice' }])) as [string];
  [doctorId] = (await load([{ resourceType: 'Practitioner', name: [{ family: 'Quill' }] }])) as [
    string,
  ];
  ids.push(
    ...(await load(
      Array.from({ length: people }, (_, n) => ({
        resourceType: 'Patient',
        name: [{ family: 'Smith', given: [`Given${n % 7}`] }],
        gender: n % 3 ? 'female' : 'male',
        birthDate: `19${50 + (n % 40)}-01-01`,
        ...(n % 2 && { managingOrganization: { reference: `Organization/${practice}` } }),
      })),
    )),
  );
  await load(
    ids.map((id, n) => ({
      resourceType: 'Observation',
      status: n % 5 ? 'final' : 'amended',
      code: { coding: [{ system: 'http://loinc.org', code: n % 4 ? '8867-4' : '29463-7' }] },
      subject: { reference: `Patient/${id}` },
      // Some have no date: they come last, whichever way.
      ...(n % 9 && { effectiveDateTime: `2026-01-${String((n % 28) + 1).padStart(2, '0')}` }),
      ...(n < 3 && { performer: [{ reference: `Practitioner/${doctorId}` }] }),
      valueQuantity: { value: n % 11 },
    })),
  );
  doctor = callerFor('practitioner', { at: store.clock.now() });
  for (const patient of ids.slice(0, 25)) {
    await store.db.query(
      `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
       values (1, $1, $2, 'chart', 'TREAT', 'Test/1', 0, $3)`,
      [doctor.id, patient, store.clock.now() + 1000],
    );
  }
});
afterAll(() => store?.close());

describe('hops through more than a list of ids holds [FHIR R4 search.html#chaining]', () => {
  it.each([
    ['Observation', 'patient.name=smith', people],
    ['Observation', 'subject:Patient.family=smith&status=amended', Math.ceil(people / 5)],
    // Female in the first 1,060 with an organisation.
    ['Observation', 'patient.organization.name=practice', Math.floor(people / 2)],
    ['Patient', '_has:Observation:patient:status=final', people - Math.ceil(people / 5)],
    ['Organization', '_has:Patient:organization:gender=female', 1],
    ['Organization', '_has:Patient:organization:_has:Observation:patient:status=final', 1],
    ['Organization', '_has:Patient:organization:_has:Observation:patient:status=draft', 0],
    ['Practitioner', '_has:Observation:performer:patient.name=smith', 1],
    [
      'Patient',
      '_has:Observation:patient:patient.organization.name=practice',
      Math.floor(people / 2),
    ],
  ])('%s?%s', async (type, query, expected) => {
    const found = idsOf(await all(type, `${query}&_count=40`));
    expect(found).toHaveLength(expected);
    expect(new Set(found).size).toBe(expected);
  });

  it('shows a clinician what lies in her twenty-five charts only', async () => {
    const mine = new Set(ids.slice(0, 25));
    const seen = (await all('Observation', 'patient.name=smith', doctor)) as {
      subject?: { reference: string };
    }[];
    expect(seen).toHaveLength(25);
    expect(seen.every((one) => mine.has(one.subject!.reference.split('/')[1]!))).toBe(true);
    expect(
      idsOf(await all('Patient', '_has:Observation:patient:status=final,amended', doctor)).sort(),
    ).toEqual([...mine].sort());
  });

  it('the patients of a chain lead to their charts: a code of theirs is one range of the index each', async () => {
    const query = 'patient.given=given3&patient.gender=female&code=29463-7';
    const found = (await all('Observation', query)) as { subject?: { reference: string } }[];
    const expected = ids.filter((_, n) => n % 7 === 3 && n % 3 !== 0 && n % 4 === 0);
    expect(found.map((one) => one.subject!.reference.split('/')[1]!).sort()).toEqual(
      [...expected].sort(),
    );
  });

  it('is refused where hops pass through too many', async () => {
    const eight = Array(8).fill('_has:Observation:patient:value-quantity=77').join('&');
    expect(await all('Patient', '_has:Observation:patient:value-quantity=77')).toEqual([]);
    const costly = Array.from(
      { length: 15 },
      (_, n) => `_has:Observation:patient:value-quantity=${77 + n}`,
    );
    await expect(
      search('Patient', `${eight}&${costly.slice(0, 8).join('&')}`),
    ).rejects.toMatchObject({
      code: 'too-costly',
    });
  });
});

describe('order [FHIR R4 search.html#sort]', () => {
  type Shown = Record<string, unknown> & { id: string };
  const missing = '';
  const day = (one: Shown) => (one.effectiveDateTime as string | undefined) ?? missing;
  const updated = (one: Shown) => (one.meta as { lastUpdated: string }).lastUpdated;
  const status = (one: Shown) => one.status as string;
  const value = (one: Shown) => (one.valueQuantity as { value: number }).value;
  const born = (one: Shown) => one.birthDate as string;
  const given = (one: Shown) => (one.name as { given: string[] }[])[0]!.given[0]!;
  const gender = (one: Shown) => one.gender as string;

  it.each<[string, string, [(one: Shown) => string | number, boolean][]]>([
    [
      'Observation',
      '_sort=-date,-_lastUpdated',
      [
        [day, true],
        [updated, true],
      ],
    ],
    [
      'Observation',
      '_sort=date,_lastUpdated',
      [
        [day, false],
        [updated, false],
      ],
    ],
    ['Observation', '_sort=-_lastUpdated', [[updated, true]]],
    [
      'Observation',
      'code=29463-7&_sort=status,-date',
      [
        [status, false],
        [day, true],
      ],
    ],
    [
      'Observation',
      'code=29463-7&_sort=-value-quantity,date,_id',
      [
        [value, true],
        [day, false],
      ],
    ],
    [
      'Observation',
      'code=29463-7&_sort=-date,_id',
      [
        [day, true],
        [(one) => one.id, false],
      ],
    ],
    [
      'Patient',
      '_sort=-birthdate,given',
      [
        [born, true],
        [given, false],
      ],
    ],
    [
      'Patient',
      '_sort=gender,-given,birthdate',
      [
        [gender, false],
        [given, true],
        [born, false],
      ],
    ],
    [
      'Patient',
      'gender=male&_sort=given,-_lastUpdated',
      [
        [given, false],
        [updated, true],
      ],
    ],
  ])('%s?%s', async (type, query, keys) => {
    const found = (await all(type, `${query}&_count=13`)) as unknown as Shown[];
    const whole = query.startsWith('_sort') ? people : found.length;
    expect(new Set(found.map((one) => one.id)).size).toBe(whole);
    expect(found).toHaveLength(whole);
    for (const [at, one] of found.slice(1).entries()) {
      const before = found[at]!;
      const differs = keys.find(([key]) => key(before) !== key(one));
      if (!differs) continue;
      const [key, descending] = differs;
      const rises = key(before) < key(one);
      const last = key(one) === missing;
      expect([query, last || (key(before) !== missing && rises === !descending)]).toEqual([
        query,
        true,
      ]);
    }
  });

  it.each([
    '_sort=-_lastUpdated',
    '_sort=_lastUpdated',
    '_sort=-date,_lastUpdated',
    '_sort=date,_lastUpdated',
    'code=29463-7&_sort=status',
    'code=29463-7&_sort=value-quantity,-date',
    'patient.name=smith',
  ])('pages of %s repeat and skip nothing while others write', async (query) => {
    const stable = new Set(idsOf(await all('Observation', `${query}&_count=40`)));
    const seen: string[] = [];
    const made: string[] = [];
    let bundle = await search('Observation', `${query}&_count=9`);
    for (let page = 0; ; page++) {
      seen.push(...idsOf((bundle.entry ?? []).map((one) => one.resource!)));
      const next = bundle.link!.find((link) => link.relation === 'next')?.url;
      if (!next) break;
      if (page < 3) {
        made.push(
          ...(await load([
            {
              resourceType: 'Observation',
              status: page % 2 ? 'amended' : 'final',
              code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
              subject: { reference: `Patient/${ids[page]}` },
              effectiveDateTime: `2026-01-${String(page * 9 + 1).padStart(2, '0')}`,
              valueQuantity: { value: page * 5 },
            },
          ])),
        );
      }
      bundle = await store.records.search(client(), 'Observation', [...new URL(next).searchParams]);
    }
    const old = seen.filter((id) => !made.includes(id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(old)).toEqual(stable);
    for (const id of made) await store.records.remove(client(), 'Observation', id);
  });
});

describe('includes [FHIR R4 search.html#revinclude]', () => {
  const modes = async (query: string, type = 'Observation') =>
    ((await search(type, query)).entry ?? [])
      .map(({ resource, search: how }) => `${how!.mode} ${resource!.resourceType}`)
      .sort();

  it('come once, are no matches and are not counted', async () => {
    const [first] = ids;
    await load([
      {
        resourceType: 'Provenance',
        target: [{ reference: `Patient/${first}` }],
        recorded: '2026-01-01T00:00:00Z',
        agent: [{ who: { display: 'x' } }],
      },
    ]);
    const bundle = await search(
      'Patient',
      `_id=${first}&_revinclude=Provenance:target&_total=accurate`,
    );
    expect(bundle.total).toBe(1);
    expect(bundle.entry!.map((one) => one.search!.mode)).toEqual(['match', 'include']);
    // Two observations of two patients, one practitioner.
    const two = `patient=${ids[1]},${ids[2]}`;
    const matches = ['match Observation', 'match Observation'];
    expect(await modes(`${two}&_include=Observation:performer`)).toEqual([
      'include Practitioner',
      ...matches,
    ]);
    expect(await modes(`${two}&_include=Observation:performer:Organization`)).toEqual(matches);
    expect(await modes(`${two}&_include=Observation:performer:Practitioner`)).toHaveLength(3);
  });

  it('follow what they brought with :iterate, everything with *', async () => {
    const one = `patient=${ids[1]}`;
    expect(await modes(`${one}&_include=*`)).toEqual([
      'include Patient',
      'include Practitioner',
      'match Observation',
    ]);
    expect(
      await modes(`${one}&_include=Observation:patient&_include:iterate=Patient:organization`),
    ).toEqual(['include Organization', 'include Patient', 'match Observation']);
    expect(await modes(`${one}&_include=Observation:patient&_include:recurse=*`)).toHaveLength(4);
    expect(await modes(`_id=${ids[1]}&_revinclude=*`, 'Patient')).toEqual([
      'include Observation',
      'match Patient',
    ]);
  });

  it('too many of them are refused', async () => {
    await expect(
      search('Organization', Array(21).fill('_include=*').join('&')),
    ).rejects.toMatchObject({ code: 'too-costly' });
  });
});

describe('totals [FHIR R4 search.html#total]', () => {
  it('are exact, a guess or none, as asked', async () => {
    const total = async (query: string, type = 'Observation') => (await search(type, query)).total;
    expect(await total('_total=accurate')).toBe(people);
    expect(await total('_summary=count')).toBe(people);
    expect(await total('_total=none&_count=1')).toBeUndefined();
    expect(await total('_count=1')).toBeUndefined();
    expect(await total(`_total=estimate&_count=1&patient=${ids[0]}`)).toBe(1);
    expect(await total('_summary=count&code=29463-7&date=ge2026-01-15')).toBe(
      ids.filter((_, n) => n % 4 === 0 && n % 9 !== 0 && n % 28 >= 14).length,
    );
    expect(await total('code=29463-7&_sort=status&_count=3')).toBe(
      ids.filter((_, n) => n % 4 === 0).length,
    );
  });
});
