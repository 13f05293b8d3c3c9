/** batch and transaction [FHIR R4 http.html#transaction]. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, BundleEntry, Encounter, Observation, Patient, Resource } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const bundle = (type: 'batch' | 'transaction', ...entry: BundleEntry[]): Bundle => ({
  resourceType: 'Bundle',
  type,
  entry,
});
const post = (resource: Resource, over: Partial<BundleEntry> = {}): BundleEntry => ({
  resource,
  request: { method: 'POST', url: resource.resourceType },
  ...over,
});
const statuses = (answer: Bundle) => answer.entry!.map((one) => one.response!.status!.slice(0, 3));
const idOf = (answer: Bundle, at: number) => answer.entry![at]!.response!.location!.split('/')[1]!;
const fails = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );

const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Transacted' }] };
const said = (subject: string, over: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: { reference: subject },
  ...over,
});
const urn = (n: number) => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

describe('a transaction [http.html#trules]', () => {
  it('resolves urn:uuid references, whatever the order of the entries', async () => {
    const { records, system } = world;
    const encounter: Encounter = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: { reference: urn(1) },
    };
    const answer = await records.transaction(
      system,
      bundle(
        'transaction',
        post(said(urn(1), { encounter: { reference: urn(2) } }), { fullUrl: urn(3) }),
        post(encounter, { fullUrl: urn(2) }),
        post(patient, { fullUrl: urn(1) }),
      ),
    );
    expect(statuses(answer)).toEqual(['201', '201', '201']);
    const { resource, owner } = await records.read<Observation>(
      system,
      'Observation',
      idOf(answer, 0),
    );
    expect(resource.subject?.reference).toBe(`Patient/${idOf(answer, 2)}`);
    expect(resource.encounter?.reference).toBe(`Encounter/${idOf(answer, 1)}`);
    expect(owner).toBe(idOf(answer, 2));
  });

  it('is all or nothing', async () => {
    const { records, system } = world;
    const count = async () => {
      const tables = ['resource', 'history', 'token', 'edge', 'change', 'owner_key', 'directory'];
      const parts = tables.map((one) => `(select count(*) from records.${one})`);
      parts.push(
        `(select count(*) from records."grant")`,
        '(select count(*) from access.audit_event)',
      );
      const { rows } = await world.data.ownerDb.query<{ n: number }>(
        `select ${parts.join('+')} as n`,
      );
      return rows[0]!.n;
    };
    const { id } = await world.patient();
    const before = await count();
    const put = (ifMatch: string): BundleEntry => ({
      resource: { resourceType: 'Patient', id },
      request: { method: 'PUT', url: `Patient/${id}`, ifMatch },
    });
    expect(
      await fails(records.transaction(system, bundle('transaction', post(patient), put('W/"7"')))),
    ).toBe(412);
    expect(
      await fails(
        records.transaction(
          system,
          bundle('transaction', post(patient), {
            request: { method: 'GET', url: 'Patient/nobody-here' },
          }),
        ),
      ),
    ).toBe(404);
    await expect(
      records.write(system, async (tx) => {
        await tx.create(patient);
        await tx.update({ resourceType: 'Patient', id });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await count()).toBe(before);
  });

  it('tells every fault at once, before anything is written', async () => {
    const { records, system } = world;
    const wrong = { ...said('Patient/x'), status: 'perhaps' } as unknown as Observation;
    await expect(
      records.transaction(
        system,
        bundle('transaction', post(wrong), post(patient), post({ ...wrong, value: 1 } as Resource)),
      ),
    ).rejects.toMatchObject({
      status: 400,
      outcome: {
        issue: expect.arrayContaining([
          expect.objectContaining({ expression: ['Bundle.entry[0].resource.status'] }),
          expect.objectContaining({ expression: ['Bundle.entry[2].resource.status'] }),
        ]) as unknown,
      },
    });
  });

  it('refuses two entries of one identity', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const put: BundleEntry = {
      resource: { resourceType: 'Patient', id },
      request: { method: 'PUT', url: `Patient/${id}` },
    };
    const gone: BundleEntry = { request: { method: 'DELETE', url: `Patient/${id}` } };
    expect(await fails(records.transaction(system, bundle('transaction', put, put)))).toBe(400);
    expect(await fails(records.transaction(system, bundle('transaction', put, gone)))).toBe(400);
    const once: BundleEntry = {
      resource: patient,
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|1' },
    };
    expect(await fails(records.transaction(system, bundle('transaction', once, once)))).toBe(400);
  });

  it('resolves conditional references and creates, inside itself too', async () => {
    const { records, system } = world;
    const identifier = [{ system: 'urn:mrn', value: 'cond-1' }];
    const { id } = await records.create<Patient>(system, { ...patient, identifier });
    const answer = await records.transaction(
      system,
      bundle(
        'transaction',
        {
          fullUrl: urn(9),
          resource: { ...patient, identifier },
          request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:mrn|cond-1' },
        },
        post(said('Patient?identifier=urn:mrn|cond-1')),
        post(said(urn(9))),
        post({
          resourceType: 'Practitioner',
          identifier: [{ system: 'urn:npi', value: '77' }],
        }),
        post(said(urn(9), { performer: [{ reference: 'Practitioner?identifier=urn:npi|77' }] })),
      ),
    );
    expect(statuses(answer)).toEqual(['200', '201', '201', '201', '201']);
    expect(idOf(answer, 0)).toBe(id);
    for (const at of [1, 2]) {
      const stored = await records.read<Observation>(system, 'Observation', idOf(answer, at));
      expect(stored.resource.subject?.reference).toBe(`Patient/${id}`);
    }
    const last = await records.read<Observation>(system, 'Observation', idOf(answer, 4));
    expect(last.resource.performer?.[0]?.reference).toBe(`Practitioner/${idOf(answer, 3)}`);
    const dangling = post(said('Patient?identifier=urn:mrn|nobody'));
    expect(await fails(records.transaction(system, bundle('transaction', dangling)))).toBe(412);
  });

  it('deletes, updates, patches and reads in one', async () => {
    const { records, system } = world;
    const [one, two, three] = [await world.patient(), await world.patient(), await world.patient()];
    const data = Buffer.from(
      JSON.stringify([{ op: 'add', path: '/active', value: true }]),
    ).toString('base64');
    const answer = await records.transaction(
      system,
      bundle(
        'transaction',
        { request: { method: 'GET', url: `Patient/${two.id}` } },
        { request: { method: 'DELETE', url: `Patient/${one.id}` } },
        {
          resource: { resourceType: 'Patient', id: two.id, gender: 'other' },
          request: { method: 'PUT', url: `Patient/${two.id}`, ifMatch: 'W/"1"' },
        },
        {
          resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data },
          request: { method: 'PATCH', url: `Patient/${three.id}` },
        },
      ),
    );
    expect(statuses(answer)).toEqual(['200', '204', '200', '200']);
    // [http.html#trules] GET comes last: it sees what the others did.
    expect(answer.entry![0]!.resource).toMatchObject({ gender: 'other' });
    expect((await records.read<Patient>(system, 'Patient', three.id)).resource.active).toBe(true);
    expect(await fails(records.read(system, 'Patient', one.id))).toBe(410);
  });

  it('of fifty entries takes a handful of statements', async () => {
    const { records, system } = world;
    const entries = Array.from({ length: 49 }, (_, at) =>
      post(said(urn(1), { effectiveDateTime: `2026-01-01T00:00:${String(at).padStart(2, '0')}Z` })),
    );
    const answer = await records.transaction(
      system,
      bundle('transaction', post(patient, { fullUrl: urn(1) }), ...entries),
    );
    expect(new Set(statuses(answer))).toEqual(new Set(['201']));
    const { rows } = await world.data.ownerDb.query<{ n: number }>(
      'select count(distinct xid)::int as n from records.change where owner = $1',
      [idOf(answer, 0)],
    );
    expect(rows[0]!.n).toBe(1);
  });
});

describe('a batch [http.html#brules]', () => {
  it('answers each entry for itself', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const answer = await records.transaction(
      system,
      bundle(
        'batch',
        post(patient),
        post({ ...patient, gender: 'tall' } as unknown as Patient),
        { request: { method: 'GET', url: `Patient/${id}` } },
        { request: { method: 'GET', url: 'Patient/nobody' } },
        { request: { method: 'DELETE', url: `Patient/${id}` } },
      ),
    );
    expect(answer.type).toBe('batch-response');
    expect(statuses(answer)).toEqual(['201', '400', '410', '404', '204']);
    expect(answer.entry![1]!.response!.outcome).toMatchObject({
      issue: [{ expression: ['Bundle.entry[1].resource.gender'] }],
    });
  });
});
