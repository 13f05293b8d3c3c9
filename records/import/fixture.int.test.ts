/** Imports of our own making: waiting, conditional references, kills, ndjson, sources, and what is never written down. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemCaller } from '@afar/access';
import type { Bundle, BundleEntry, Observation, Resource } from '@afar/fhir';
import { testStore } from '../search/testing.ts';
import type { TestStore } from '../search/testing.ts';
import type { Records } from '../types.ts';
import { importFiles } from './import-files.ts';
import { rememberContext } from './importing.ts';
import { importing } from './importing.ts';

let store: TestStore;
let folder: string;
let round = 0;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store?.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'afar-import-'));
  round++;
  return () => rm(folder, { recursive: true });
});

/** A UUID that differs in every test. */
const uuid = (n: number) =>
  `${String(round).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const urn = (n: number) => `urn:uuid:${uuid(n)}`;

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const post = (fullUrl: string, resource: object, ifNoneExist?: string): BundleEntry => ({
  fullUrl,
  resource: resource as Resource,
  request: {
    method: 'POST',
    url: (resource as Resource).resourceType,
    ...(ifNoneExist && { ifNoneExist }),
  },
});
const bundle = (entry: BundleEntry[], type: Bundle['type'] = 'transaction') => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const observation = (subject: string, performer?: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
  ...(performer && { performer: [{ reference: performer }] }),
});
const patient = (family: string) => ({ resourceType: 'Patient', name: [{ family }] });
const doctor = (npi: string) => ({
  resourceType: 'Practitioner',
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi }],
  name: [{ family: 'Doctor' }],
});
const search = async (type: string, query: string, records: Records = store.records) => {
  const params = [...new URLSearchParams(query)] as [string, string][];
  const { entry } = await records.search(systemCaller(1, store.clock, 'test'), type, params);
  return (entry ?? []).map((one) => one.resource!);
};

describe('a bundle whose references do not resolve yet', () => {
  it('waits for the file that has what it refers to, whatever the order', async () => {
    const npi = `npi-${round}`;
    const chart = await file(
      'a-chart.json',
      bundle([
        post(urn(1), patient('Waiting')),
        post(
          urn(2),
          observation(urn(1), `Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|${npi}`),
        ),
        // Of another file too, by its full URL.
        post(urn(3), observation(urn(1), urn(9))),
      ]),
    );
    const people = await file(
      'z-people.json',
      bundle([
        post(urn(8), doctor(npi), `identifier=http://hl7.org/fhir/sid/us-npi|${npi}`),
        post(urn(9), doctor(`other-${round}`)),
      ]),
    );
    const states: string[] = [];
    const report = await importFiles(store.records, [chart, people], {
      concurrency: 1,
      onProgress: ({ file: name, state }) => states.push(`${name} ${state}`),
    });
    expect(report).toMatchObject({ imported: 5, waiting: [], failed: [] });
    expect(states.indexOf('a-chart.json waiting')).toBeLessThan(
      states.indexOf('a-chart.json done'),
    );
    const [who] = await search('Practitioner', `identifier=${npi}`);
    const [other] = await search('Practitioner', `identifier=other-${round}`);
    const [found] = await search('Patient', 'name=Waiting');
    const weights = (await search('Observation', `patient=${found!.id}`)) as Observation[];
    expect(new Set(weights.map((one) => one.performer![0]!.reference))).toEqual(
      new Set([`Practitioner/${who!.id}`, `Practitioner/${other!.id}`]),
    );
    expect(weights).toHaveLength(2);
  });

  it('is reported by name at the end, and nothing of it is written', async () => {
    const path = await file(
      'Jane_Roe.json',
      bundle([
        post(urn(1), patient('Neverwritten')),
        post(urn(2), observation(urn(1), 'Practitioner?identifier=nobody')),
      ]),
    );
    const report = await importFiles(store.records, [path]);
    expect(report.imported).toBe(0);
    expect(report.waiting).toEqual([
      { file: 'Jane_Roe.json', reason: expect.stringContaining('Practitioner?identifier=nobody') },
    ]);
    expect(await search('Patient', 'name=Neverwritten')).toEqual([]);
    expect(store.log.text()).not.toContain('Jane_Roe');
  });
});

describe('ifNoneExist [FHIR R4 http.html#ccreate]', () => {
  it('takes what is there instead of a second one', async () => {
    const npi = `same-${round}`;
    const query = `identifier=http://hl7.org/fhir/sid/us-npi|${npi}`;
    for (const n of [1, 2]) {
      const path = await file(
        `${n}.json`,
        bundle([
          post(urn(n), doctor(npi), query),
          post(urn(10 + n), patient(`Shared${n}`)),
          post(urn(20 + n), observation(urn(10 + n), urn(n))),
        ]),
      );
      await importFiles(store.records, [path]);
    }
    const doctors = await search('Practitioner', query);
    expect(doctors).toHaveLength(1);
    for (const n of [1, 2]) {
      const [who] = await search('Patient', `name=Shared${n}`);
      const [weight] = (await search('Observation', `patient=${who!.id}`)) as Observation[];
      expect(weight!.performer![0]!.reference).toBe(`Practitioner/${doctors[0]!.id}`);
    }
  });
});

describe('a second run', () => {
  it('writes nothing, and leaves later changes alone', async () => {
    const path = await file('once.json', bundle([post(urn(1), patient(`Once${round}`))]));
    await importFiles(store.records, [path]);
    const [first] = await search('Patient', `name=Once${round}`);
    const changed = { ...first!, active: false } as Resource;
    await store.records.update(systemCaller(1, store.clock, 'test'), changed);
    // The same content in another file: recognised by its ids, not by the journal.
    const copy = await file('copy.json', bundle([post(urn(1), patient(`Once${round}`))], 'batch'));
    const report = await importFiles(store.records, [path, copy]);
    expect(report).toMatchObject({ imported: 0, present: 2 });
    const [now] = await search('Patient', `name=Once${round}`);
    expect(now).toMatchObject({ active: false, meta: { versionId: '2' } });
  });

  it('goes on where a killed one stopped', async () => {
    const entries = [post(urn(1), patient(`Long${round}`))];
    for (let n = 2; n <= 350; n++) entries.push(post(urn(n), observation(urn(1))));
    const path = await file('long.json', bundle(entries));
    // A store that dies in the third transaction.
    let transactions = 0;
    const dying: Records = {
      ...store.records,
      transaction(caller, content, opts) {
        if (++transactions > 2) throw new Error('killed');
        return store.records.transaction(caller, content, opts);
      },
    };
    rememberContext(dying, (await importing(store.records, 1, '')).context);
    const first = await importFiles(dying, [path]);
    expect(first.failed).toHaveLength(1);
    const second = await importFiles(store.records, [path]);
    expect(second).toMatchObject({ imported: 150, present: 200, failed: [] });
    const [who] = await search('Patient', `name=Long${round}`);
    const weights = await search('Observation', `patient=${who!.id}&_count=1000`);
    expect(weights).toHaveLength(349);
    expect(weights.every((one) => one.meta!.versionId === '1')).toBe(true);
  });

  it('does not bring back what was deleted', async () => {
    const path = await file('gone.json', bundle([post(urn(1), patient(`Gone${round}`))]));
    await importFiles(store.records, [path]);
    const [first] = await search('Patient', `name=Gone${round}`);
    await store.records.remove(systemCaller(1, store.clock, 'test'), 'Patient', first!.id!);
    const copy = await file('copy.json', bundle([post(urn(1), patient(`Gone${round}`))], 'batch'));
    expect(await importFiles(store.records, [copy])).toMatchObject({ imported: 0 });
    expect(await search('Patient', `name=Gone${round}`)).toEqual([]);
  });
});

describe('two files with the same practitioner at one time', () => {
  it('write her once', async () => {
    const paths = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        file(
          `${n}.json`,
          bundle([post(urn(99), doctor(`both-${round}`)), post(urn(n), patient(`Both${n}`))]),
        ),
      ),
    );
    const report = await importFiles(store.records, paths, { concurrency: 4 });
    expect(report.byType).toEqual({ Practitioner: 1, Patient: 4 });
    const [who] = await search('Practitioner', `identifier=both-${round}`);
    expect(who!.meta!.versionId).toBe('1');
  });
});

describe('ndjson', () => {
  it('loads thousands of lines in pieces, relative references across files', async () => {
    const people = Array.from({ length: 3 }, (_, n) => ({ ...patient(`Line${n}`), id: `p${n}` }));
    const weights = Array.from({ length: 2_500 }, (_, n) => ({
      ...observation(`Patient/p${n % 3}`),
      id: `o${n}`,
    }));
    const lines = (all: object[]) => all.map((one) => JSON.stringify(one)).join('\n');
    const source = `bulk-${round}`;
    const paths = [
      await file('Observation.ndjson', lines(weights)),
      await file('Patient.ndjson', `${lines(people)}\n`),
    ];
    const report = await importFiles(store.records, paths, { source });
    expect(report).toMatchObject({ imported: 2_503, waiting: [], failed: [] });
    const [one] = await search('Patient', 'name=Line1');
    expect(await search('Observation', `patient=${one!.id}&_count=1000`)).toHaveLength(833);
    // The same ids of another place are other people.
    const elsewhere = await importFiles(store.records, [paths[1]!], { source: `${source}-2` });
    expect(elsewhere.imported).toBe(3);
  });
});

it('keeps the ids that a PUT asks for, and takes a resource without a bundle', async () => {
  const put = {
    fullUrl: 'https://other.example/fhir/Patient/mrn-7',
    resource: { ...patient(`Put${round}`), id: `mrn-${round}` },
    request: { method: 'PUT', url: `Patient/mrn-${round}` },
  };
  const paths = [
    await file('put.json', bundle([put as BundleEntry])),
    await file('single.json', { ...patient(`Single${round}`), id: 'x' }),
  ];
  expect(await importFiles(store.records, paths)).toMatchObject({ imported: 2, failed: [] });
  const [found] = await search('Patient', `name=Put${round}`);
  expect(found!.id).toBe(`mrn-${round}`);
  const again = await file('again.json', bundle([put as BundleEntry], 'batch'));
  expect(await importFiles(store.records, [again])).toMatchObject({ imported: 0, present: 1 });
});

it('says what is wrong with a file, without its content, and goes on', async () => {
  const paths = [
    await file('broken.json', '{"resourceType":"Patient","name":[{"family":"Secretive"'),
    await file('other.json', { hello: 'world' }),
    await file(
      'bad.json',
      bundle([post(urn(1), { resourceType: 'Patient', gender: 'Secretive' })]),
    ),
    await file('good.json', bundle([post(urn(2), patient(`Good${round}`))])),
    join(folder, 'missing.json'),
  ];
  const report = await importFiles(store.records, paths);
  expect(report.imported).toBe(1);
  expect(report.failed.map((one) => one.file).sort()).toEqual([
    'bad.json',
    'broken.json',
    'missing.json',
    'other.json',
  ]);
  expect(store.log.text()).not.toMatch(/Secretive/);
});

it('leaves no name, id or file name in the journal or the database', async () => {
  const { rows } = await store.db.query<{ key: Buffer }>('select key from records.import_journal');
  expect(rows.length).toBeGreaterThan(3);
  expect(rows.every((row) => row.key.length === 32)).toBe(true);
  expect(store.log.text()).not.toMatch(/mrn-\d|Shared1|Waiting/);
});
