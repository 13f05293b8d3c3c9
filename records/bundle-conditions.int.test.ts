/** Conditions, identities and load in batches and transactions [FHIR R4 http.html#transaction]. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, BundleEntry, Observation, Patient, Practitioner, Resource } from '@afar/fhir';
import { openDb } from '@afar/platform';
import { createRecords } from './index.ts';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Request = NonNullable<BundleEntry['request']>;
const entry = (
  method: Request['method'],
  url: string,
  resource?: Resource,
  over: Partial<Request> = {},
  fullUrl?: string,
): BundleEntry => ({
  ...(fullUrl && { fullUrl }),
  ...(resource && { resource }),
  request: { method, url, ...over },
});
const bundle = (type: 'batch' | 'transaction', ...entries: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type,
  entry: entries,
});
const run = (...entries: BundleEntry[]) =>
  world.records.transaction(world.system, bundle('transaction', ...entries));
const statuses = (answer: Bundle) => answer.entry!.map((one) => one.response!.status!.slice(0, 3));
const placeOf = (answer: Bundle, at: number) =>
  answer.entry![at]!.response!.location!.split('/_history')[0]!;
const status = (work: Promise<unknown>) =>
  work.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );
const known = (value: string, over: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:mrn', value }],
  ...over,
});
const by = (value: string) => `Patient?identifier=urn:mrn|${value}`;
const count = async (value: string) =>
  (await world.records.search(world.system, 'Patient', [['identifier', `urn:mrn|${value}`]])).entry
    ?.length ?? 0;
const said = (reference: string, over: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: { reference },
  ...over,
});
const jsonPatch = (operations: unknown): Resource =>
  ({
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(operations)).toString('base64'),
  }) as Resource;
const fhirPatch: Resource = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient' },
        { name: 'name', valueString: 'birthDate' },
        { name: 'value', valueDate: '1990-01-01' },
      ],
    },
  ],
};

describe('conditional entries', () => {
  it.each(['transaction', 'batch'] as const)(
    'of a %s update, patch, delete what they find',
    async (type) => {
      const { records, system } = world;
      const mrn = (name: string) => `${type}-${name}`;
      for (const name of ['put', 'patch', 'fhir', 'gone', 'gone'])
        await records.create(system, known(mrn(name)));
      const answer = await records.transaction(
        system,
        bundle(
          type,
          entry('PUT', by(mrn('put')), known(mrn('put'), { gender: 'other' })),
          entry('PUT', by(mrn('new')), known(mrn('new'))),
          entry(
            'PATCH',
            by(mrn('patch')),
            jsonPatch([{ op: 'add', path: '/active', value: true }]),
          ),
          entry('PATCH', by(mrn('fhir')), fhirPatch),
          entry('DELETE', by(mrn('gone'))),
          entry('DELETE', by(mrn('nobody'))),
        ),
      );
      expect(statuses(answer)).toEqual(['200', '201', '200', '200', '204', '204']);
      const read = async (at: number) => {
        const [kind, id] = placeOf(answer, at).split('/');
        return (await records.read<Patient>(system, kind!, id!)).resource;
      };
      expect(await read(0)).toMatchObject({ gender: 'other', meta: { versionId: '2' } });
      expect(await read(2)).toMatchObject({ active: true });
      expect(await read(3)).toMatchObject({ birthDate: '1990-01-01' });
      expect([await count(mrn('gone')), await count(mrn('new'))]).toEqual([0, 1]);
    },
  );

  it('fail whole: several matches, none to patch, another id, a stale version', async () => {
    const { records, system } = world;
    for (const _ of [1, 2]) await records.create(system, known('twice'));
    const one = await records.create(system, known('once'));
    const canary = entry('POST', 'Patient', known('canary'));
    expect(await status(run(canary, entry('PUT', by('twice'), known('twice'))))).toBe(412);
    expect(await status(run(canary, entry('DELETE', `${by('twice')}&_count=1`)))).toBe(412);
    expect(await status(run(canary, entry('PATCH', by('none'), fhirPatch)))).toBe(404);
    expect(await status(run(canary, entry('PUT', by('once'), known('once', { id: 'else' }))))).toBe(
      400,
    );
    expect(
      await status(run(canary, entry('PUT', by('once'), known('once'), { ifMatch: 'W/"9"' }))),
    ).toBe(412);
    expect(
      await status(
        run(
          canary,
          entry('PUT', `Patient/${one.id}`, known('once', { id: one.id }), { ifNoneMatch: '*' }),
        ),
      ),
    ).toBe(412);
    const taken = known('not-yet', { id: one.id });
    expect(await status(run(canary, entry('PUT', by('not-yet'), taken)))).toBe(409);
    expect(await status(run(canary, entry('DELETE', 'Patient?identifier=')))).toBe(400);
    expect(await status(run(canary, entry('DELETE', 'Patient')))).toBe(400);
    expect(await count('canary')).toBe(0);
  });

  it('come in the order of the standard: what is deleted does not match what is created after', async () => {
    const old = await world.records.create(world.system, known('replaced'));
    const answer = await run(
      entry('POST', 'Patient', known('replaced'), { ifNoneExist: 'identifier=urn:mrn|replaced' }),
      entry('DELETE', by('replaced')),
      entry('GET', by('replaced')),
    );
    expect(statuses(answer)).toEqual(['201', '204', '200']);
    expect(placeOf(answer, 0)).not.toContain(old.id);
    expect((answer.entry![2]!.resource as Bundle).entry).toHaveLength(1);
  });
});

describe('two entries of one identity fail whole [Must show 5]', () => {
  it('by id, by condition, by what they make', async () => {
    const { id } = await world.records.create(world.system, known('same'));
    const put = entry('PUT', `Patient/${id}`, known('same', { id }));
    const found = entry('PUT', by('same'), known('same'));
    const gone = entry('DELETE', by('same'));
    const create = entry('POST', 'Patient', known('same'), {
      ifNoneExist: 'identifier=urn:mrn|same',
    });
    const pairs = [
      [put, found],
      [found, gone],
      [put, gone],
      [put, create],
      [found, create],
      [put, put],
    ];
    for (const [at, pair] of pairs.entries())
      expect([String(at), await status(run(...pair))]).toEqual([String(at), 400]);
    const both = known('rival-a');
    both.identifier!.push({ system: 'urn:mrn', value: 'rival-b' });
    const on = (value: string) =>
      entry('POST', 'Patient', both, { ifNoneExist: `identifier=urn:mrn|${value}` });
    expect(await status(run(on('rival-a'), on('rival-b')))).toBe(400);
    expect(await status(run(on('rival-a'), entry('POST', 'Patient', both)))).toBe(400);
    expect(await status(run(entry('PUT', by('rival-a'), both), on('rival-b')))).toBe(400);
    expect([await count('rival-a'), await count('rival-b')]).toEqual([0, 0]);
    const { version } = await world.records.read(world.system, 'Patient', id);
    expect(version).toBe(1);
  });
});

describe('references', () => {
  it('by fullUrl: absolute, relative to it, urn:uuid in links and attachments; conditional ones anywhere', async () => {
    const elsewhere = 'https://elsewhere.example/fhir';
    const urn = 'urn:uuid:6d0b7f0e-7c5b-4a63-9a56-0a6c7a0f1a11';
    const document: Resource = {
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: 'Patient/p1' },
      author: [{ reference: 'Practitioner?identifier=urn:npi|4711' }],
      text: {
        status: 'generated',
        div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn}">x</a></div>`,
      },
      content: [{ attachment: { url: urn } }],
    } as Resource;
    const doctor: Practitioner = {
      resourceType: 'Practitioner',
      identifier: [{ system: 'urn:npi', value: '4711' }],
    };
    const answer = await run(
      entry('POST', 'DocumentReference', document, {}, `${elsewhere}/DocumentReference/d1`),
      entry('POST', 'Patient', { resourceType: 'Patient' }, {}, `${elsewhere}/Patient/p1`),
      entry('POST', 'Observation', said(`${elsewhere}/Patient/p1`), {}, urn),
      entry('POST', 'Practitioner', doctor),
    );
    const [, id] = placeOf(answer, 0).split('/');
    const { resource } = await world.records.read(world.system, 'DocumentReference', id!);
    expect(resource).toMatchObject({
      subject: { reference: placeOf(answer, 1) },
      author: [{ reference: placeOf(answer, 3) }],
      content: [{ attachment: { url: placeOf(answer, 2) } }],
    });
    expect(JSON.stringify(resource)).not.toContain('urn:uuid');
    const observation = await world.records.read<Observation>(
      world.system,
      'Observation',
      placeOf(answer, 2).split('/')[1]!,
    );
    expect(observation.resource.subject?.reference).toBe(placeOf(answer, 1));
  });
});

describe('reading entries', () => {
  it('know HEAD, If-None-Match, parts, versions and searches', async () => {
    const { id } = await world.patient();
    for (const type of ['batch', 'transaction'] as const) {
      const answer = await world.records.transaction(
        world.system,
        bundle(
          type,
          entry('HEAD', `Patient/${id}`),
          entry('GET', `Patient/${id}`, undefined, { ifNoneMatch: 'W/"1"' }),
          entry('GET', `Patient/${id}?_elements=gender`),
          entry('GET', `Patient/${id}/_history/1`),
          entry('GET', `Patient?_id=${id}`),
        ),
      );
      expect(statuses(answer)).toEqual(['200', '304', '200', '200', '200']);
      expect(answer.entry!.map((one) => Boolean(one.resource))).toEqual([
        false,
        false,
        true,
        true,
        true,
      ]);
      expect(Object.keys(answer.entry![2]!.resource!).toSorted()).toEqual([
        'gender',
        'id',
        'meta',
        'resourceType',
      ]);
    }
  });
});

describe('under load', () => {
  it('a pool of two carries fifty transactions at once: nothing waits for a second connection', async () => {
    const db = openDb(world.data.url, { max: 2, acquireMs: 15_000, home: () => 1 });
    const { keys, clock, access, events, log } = world;
    const records = await createRecords({
      db,
      keys,
      clock,
      access,
      events,
      log,
      baseUrl: 'http://localhost:8140',
    });
    try {
      const urn = 'urn:uuid:00000000-0000-4000-8000-000000000001';
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          records.transaction(
            world.system,
            bundle(
              'transaction',
              entry(
                'POST',
                'Patient',
                known(`pool-${at}`, { name: [{ family: `Pool${at}` }] }),
                { ifNoneExist: `identifier=urn:mrn|pool-${at}` },
                urn,
              ),
              entry('POST', 'Observation', said(urn)),
              entry('PUT', by(`pooled-${at % 5}`), known(`pooled-${at % 5}`)),
              entry('PUT', `Practitioner/pool-${at}`, {
                resourceType: 'Practitioner',
                id: `pool-${at}`,
              }),
              entry('GET', `Patient?name=Pool${at}`),
              entry(
                'GET',
                `Observation?patient.identifier=urn:mrn|pool-${at}&_include=Observation:subject`,
              ),
            ),
          ),
        ),
      );
      for (const answer of answers)
        expect(statuses(answer).filter((one) => !['200', '201'].includes(one))).toEqual([]);
      expect(await count('pooled-0')).toBe(1);
      const others = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          records.write(world.system, async (tx) => {
            const { id } = await tx.create(known(`written-${at}`), {
              ifNoneExist: `identifier=urn:mrn|written-${at}`,
            });
            await tx.create(said(`Patient/${id}`));
            const found = await tx.search('Observation', [['patient', id]]);
            const sealed = await tx.sealFor(id, 'a place', 'x');
            return [found.entry?.length, await tx.openFor(id, 'a place', sealed)];
          }),
        ),
      );
      for (const one of others) expect(one).toEqual([1, 'x']);
    } finally {
      await records.stop();
      await db.close();
    }
  }, 30_000);

  it('rivals of one resource all succeed or are told; a success is committed', async () => {
    const { id } = await world.records.create(world.system, known('counter'));
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        run(
          entry(
            'PATCH',
            `Patient/${id}`,
            jsonPatch([
              { op: 'add', path: '/identifier/-', value: { value: crypto.randomUUID() } },
            ]),
          ),
        ).then(
          () => 200,
          (error: unknown) => (error as { status?: number }).status,
        ),
      ),
    );
    const won = answers.filter((one) => one === 200).length;
    expect(answers.every((one) => one === 200 || one === 409)).toBe(true);
    const { resource, version } = await world.records.read<Patient>(world.system, 'Patient', id);
    expect([resource.identifier!.length, version]).toEqual([1 + won, 1 + won]);
  });

  it('a room’s own type is not read inside a transaction', async () => {
    world.records.virtual('Slot', {
      read: () => Promise.resolve({ resourceType: 'Slot', id: 's' } as Resource),
      async *stream() {},
    });
    expect(await status(run(entry('GET', 'Slot/s')))).toBe(400);
    expect(await status(run(entry('GET', 'Slot?status=free')))).toBe(400);
    const batch = await world.records.transaction(
      world.system,
      bundle('batch', entry('GET', 'Slot/s')),
    );
    expect(statuses(batch)).toEqual(['200']);
  });
});
