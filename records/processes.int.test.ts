/** Two processes over one database: conditional creates, idempotency keys, first keys of a patient, the change feed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Observation, Patient } from '@afar/fhir';
import { openDb } from '@afar/platform';
import type { Change } from './index.ts';
import { openWorld } from './testing/world.ts';
import type { Instance, World } from './testing/world.ts';

let world: World;
let other: Instance;
beforeAll(async () => {
  world = await openWorld();
  other = await world.another();
});
afterAll(() => world.close());

const said = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'said' },
  subject: { reference: `Patient/${patient}` },
});
const stores = () => [world.records, other.records];
const status = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );

describe('a hundred conditional creates at once [http.html#ccreate]', () => {
  it.each([
    ['one identifier', 'identifier=urn:mrn|only-one'],
    ['another criterion', 'identifier=urn:mrn|only-two&active=true'],
    ['a search by name', 'family=Onlythree'],
  ])('make one patient (%s)', async (_what, ifNoneExist) => {
    const resource: Patient = {
      resourceType: 'Patient',
      active: true,
      name: [{ family: ifNoneExist.startsWith('family') ? 'Onlythree' : 'Other' }],
      identifier: [
        { system: 'urn:mrn', value: 'only-one' },
        { system: 'urn:mrn', value: 'only-two' },
      ].filter(({ value }) => ifNoneExist.includes(value)),
    };
    if (resource.identifier!.length === 0) delete resource.identifier;
    const before = await patients();
    const made = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        stores()[at % 2]!.create(world.system, resource, { ifNoneExist }),
      ),
    );
    expect(new Set(made.map((one) => one.id)).size).toBe(1);
    expect(made.filter((one) => one.created)).toHaveLength(1);
    expect(await patients()).toBe(before + 1);
  });

  async function patients(): Promise<number> {
    const { rows } = await world.data.ownerDb.query<{ n: number }>(
      `select count(*)::int as n from records.resource where type = 'Patient'`,
    );
    return rows[0]!.n;
  }

  it('refuse more than one match, and match only what the caller sees', async () => {
    const { records, system } = world;
    const resource: Patient = {
      resourceType: 'Patient',
      identifier: [{ system: 'urn:mrn', value: 'twice' }],
    };
    await records.create(system, resource);
    await records.create(system, resource);
    const ifNoneExist = 'identifier=urn:mrn|twice';
    expect(await status(records.create(system, resource, { ifNoneExist }))).toBe(412);
    expect(await status(records.create(system, resource, { ifNoneExist: '' }))).toBe(400);
    const doctor = await world.practitioner();
    const stored = await records.create(doctor.caller, resource, { ifNoneExist });
    expect(stored.created).toBe(true);
  });
});

describe('an idempotency key', () => {
  it('makes one thing of fifty requests, and answers them alike', async () => {
    const resource: Patient = { resourceType: 'Patient', gender: 'other' };
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        stores()[at % 2]!.create(world.system, resource, { idempotencyKey: 'key-1' }),
      ),
    );
    expect(new Set(made.map((one) => one.id)).size).toBe(1);
    expect(made.every((one) => one.created)).toBe(true);
    expect(made.filter((one) => one.written)).toHaveLength(1);
    const changed = { ...resource, gender: 'male' as const };
    expect(
      await status(other.records.create(world.system, changed, { idempotencyKey: 'key-1' })),
    ).toBe(422);
    // Another caller's key is another key.
    const doctor = await world.practitioner();
    const hers = await world.records.create(doctor.caller, resource, { idempotencyKey: 'key-1' });
    expect(hers.id).not.toBe(made[0]!.id);
  });

  it('holds for a transaction', async () => {
    const bundle = {
      resourceType: 'Bundle' as const,
      type: 'transaction' as const,
      entry: [
        {
          resource: { resourceType: 'Patient' as const },
          request: { method: 'POST' as const, url: 'Patient' },
        },
      ],
    };
    const answers = await Promise.all(
      stores().map((one) => one.transaction(world.system, bundle, { idempotencyKey: 'bundle-1' })),
    );
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('a patient nothing was ever written for', () => {
  it('gets one key, whoever is first', async () => {
    const patient = 'bbbbbbbb-0000-4000-8000-000000000001';
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, at) => stores()[at % 2]!.create(world.system, said(patient))),
    );
    for (const { id } of made)
      for (const records of stores())
        expect(await status(records.read(world.system, 'Observation', id))).toBe(200);
    const { rows } = await world.data.ownerDb.query<{ kids: number }>(
      `select count(distinct substring(body from 10 for 16))::int as kids from records.resource where owner = $1`,
      [patient],
    );
    expect(rows[0]!.kids).toBe(1);
  });

  it('keeps no key of a transaction that did not commit', async () => {
    const patient = 'bbbbbbbb-0000-4000-8000-000000000002';
    await expect(
      world.records.write(world.system, async (tx) => {
        await tx.create(said(patient));
        await tx.create(said(patient));
        const sealed = await tx.sealFor(patient, 'visits.note', 'so far');
        expect(await tx.openFor(patient, 'visits.note', sealed)).toBe('so far');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const made = await other.records.create(world.system, said(patient));
    const mine = await world.records.create(world.system, said(patient));
    expect([made.owner, mine.owner]).toEqual([patient, patient]);
    const { rows } = await world.data.ownerDb.query(
      'select from records.owner_key where owner = $1',
      [patient],
    );
    expect(rows).toHaveLength(1);
  });
});

describe('the change feed', () => {
  it('tells every process of every commit once, in order, and of nothing that was rolled back', async () => {
    const heard: Change[][] = [[], []];
    const stops = stores().map((one, at) => one.onChange((change) => heard[at]!.push(change)));
    const { records, system } = world;
    const { id } = await world.patient();
    await other.records.update(system, { resourceType: 'Patient', id });
    await records
      .write(system, async (tx) => {
        await tx.update({ resourceType: 'Patient', id });
        throw new Error('no');
      })
      .catch(() => undefined);
    await records.write(system, (tx) => tx.remove('Patient', id));
    const mine = (at: number) => heard[at]!.filter((one) => one.rid === id);
    const patience = Date.now() + 5_000;
    while ((mine(0).length < 3 || mine(1).length < 3) && Date.now() < patience) await sleep(10);
    await sleep(100);
    for (const at of [0, 1])
      expect(mine(at)).toEqual([
        { tenant: 1, type: 'Patient', rid: id, version: 1, verb: 'POST', owner: id },
        { tenant: 1, type: 'Patient', rid: id, version: 2, verb: 'PUT', owner: id },
        { tenant: 1, type: 'Patient', rid: id, version: 3, verb: 'DELETE', owner: id },
      ]);
    for (const stop of stops) stop();
  });

  it('waits for a transaction that began before and commits after', async () => {
    const heard: string[] = [];
    const stop = other.records.onChange((change) => heard.push(change.rid));
    const { id: late } = await world.patient();
    let release = () => {};
    const held = new Promise<void>((done) => (release = done));
    let wrote = () => {};
    const written = new Promise<void>((done) => (wrote = done));
    const slow = world.records.write(world.system, async (tx) => {
      await tx.update({ resourceType: 'Patient', id: late, active: true });
      wrote();
      await held;
    });
    await written;
    const quick = await world.patient();
    await sleep(150);
    release();
    await slow;
    const patience = Date.now() + 5_000;
    while (
      heard.filter((rid) => rid === late || rid === quick.id).length < 3 &&
      Date.now() < patience
    )
      await sleep(10);
    expect(heard.filter((rid) => rid === late)).toHaveLength(2);
    expect(heard.filter((rid) => rid === quick.id)).toHaveLength(1);
    stop();
  });

  it('survives the loss of its connection', async () => {
    const heard: string[] = [];
    const stop = other.records.onChange((change) => heard.push(change.rid));
    const { rows: here } = await world.data.db.query<{ name: string }>(
      'select current_database() as name',
    );
    const admin = openDb(world.data.urls.admin, { max: 1 });
    const { rows } = await admin.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid) as ended from pg_stat_activity
       where datname = $1 and query ilike 'listen%'`,
      [here[0]!.name],
    );
    await admin.close();
    expect(rows.map((row) => row.ended)).toEqual([true, true]);
    const { id } = await world.patient();
    const patience = Date.now() + 5_000;
    while (!heard.includes(id) && Date.now() < patience) await sleep(10);
    expect(heard).toContain(id);
    stop();
  });
});
