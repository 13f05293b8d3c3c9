/** create, read, vread, update, patch, delete, history [FHIR R4 http.html]. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerFor } from '@afar/access';
import type { Observation, Patient } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const status = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => (error as { status?: number }).status ?? String(error),
  );

const pulse = (patient: string, over: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-03-01T10:00:00Z',
  valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  ...over,
});

describe('create [http.html#create]', () => {
  it('gives its own id, version 1 and the time', async () => {
    const { records, system } = world;
    const stored = await records.create<Patient>(system, {
      resourceType: 'Patient',
      id: 'mine',
      meta: { versionId: '77', lastUpdated: '1999-01-01T00:00:00Z' },
      name: [{ family: 'Ngata' }],
    });
    expect(stored.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(stored.version).toBe(1);
    expect(stored.created).toBe(true);
    const { resource } = await records.read<Patient>(system, 'Patient', stored.id);
    expect(resource.meta?.versionId).toBe('1');
    expect(Date.parse(resource.meta!.lastUpdated!)).toBe(stored.updated);
    expect(resource.name).toEqual([{ family: 'Ngata' }]);
  });

  it('refuses what is not valid and says where', async () => {
    const { records, system } = world;
    const bad = { ...pulse('x'), status: 'perhaps', note: [] } as unknown as Observation;
    await expect(records.create(system, bad)).rejects.toMatchObject({
      status: 400,
      outcome: {
        issue: expect.arrayContaining([
          expect.objectContaining({ expression: ['Observation.status'] }),
        ]) as unknown,
      },
    });
  });

  it('leaves nothing of it in the clear', async () => {
    const { id } = await world.patient({
      name: [{ family: 'Quetzalcoatl' }],
      identifier: [{ system: 'urn:mrn', value: 'MRN-44172' }],
      telecom: [{ system: 'phone', value: '+64 21 555 8181' }],
    });
    await world.records.create(world.system, pulse(id, { note: [{ text: 'Zwitschermaschine' }] }));
    const { rows } = await world.data.ownerDb.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('records', 'access')`,
    );
    let text = '';
    for (const { name } of rows) {
      const all = await world.data.ownerDb.query<{ row: string }>(
        `select t::text as row from ${name} t`,
      );
      text += all.rows.map((one) => one.row).join('\n');
    }
    expect(text.length).toBeGreaterThan(1000);
    for (const secret of [
      'Quetzalcoatl',
      'MRN-44172',
      '555 8181',
      'Zwitscher',
      '8867-4',
      '1984-02-29',
    ])
      for (const form of [secret, Buffer.from(secret).toString('hex')])
        expect(text).not.toContain(form);
    expect(world.log.text()).not.toContain('Quetzalcoatl');
  });
});

describe('update [http.html#update]', () => {
  it('makes version 2 and keeps version 1 readable [http.html#vread]', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const first = await records.read<Patient>(system, 'Patient', id);
    const second = await records.update<Patient>(system, { ...first.resource, gender: 'other' });
    expect([second.version, second.created]).toEqual([2, false]);
    expect((await records.vread(system, 'Patient', id, 1)).resource).toMatchObject({
      gender: 'female',
    });
    expect((await records.vread(system, 'Patient', id, 2)).resource).toMatchObject({
      gender: 'other',
    });
    expect(await status(records.vread(system, 'Patient', id, 3))).toBe(404);
  });

  it('asks If-Match [http.html#concurrency]', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const { resource } = await records.read<Patient>(system, 'Patient', id);
    expect((await records.update(system, resource, { ifMatch: 'W/"1"' })).version).toBe(2);
    expect(await status(records.update(system, resource, { ifMatch: 'W/"1"' }))).toBe(412);
    expect(await status(records.update(system, resource, { ifMatch: 'one' }))).toBe(400);
    expect((await records.update(system, resource, { ifMatch: 2 })).version).toBe(3);
    expect((await records.update(system, resource, { ifMatch: 'W/"7", W/"3"' })).version).toBe(4);
    expect((await records.update(system, resource, { ifMatch: '*' })).version).toBe(5);
    const unborn = { ...resource, id: 'unborn' };
    expect(await status(records.update(system, unborn, { ifMatch: '*' }))).toBe(412);
  });

  it('loses no update among twenty at once, and breaks none', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const { resource } = await records.read<Patient>(system, 'Patient', id);
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, () => records.update(system, resource)),
    );
    const won = all.filter((one) => one.status === 'fulfilled');
    const { entries } = await records.history(system, 'Patient', id);
    expect(entries.map((one) => one.version)).toEqual(
      Array.from({ length: won.length + 1 }, (_, at) => won.length + 1 - at),
    );
    // With If-Match exactly one of them wins.
    const { version } = entries[0]!;
    const guarded = await Promise.all(
      Array.from({ length: 20 }, () =>
        status(records.update(system, resource, { ifMatch: version })),
      ),
    );
    expect(guarded.filter((one) => one === 200)).toHaveLength(1);
    expect(guarded.filter((one) => one === 412)).toHaveLength(19);
  });

  it('creates under a client id, UUID or not; references to both resolve', async () => {
    const { records, system } = world;
    const rid = '11111111-2222-4333-8444-555555555555';
    const made = await records.update<Patient>(system, { resourceType: 'Patient', id: rid });
    expect([made.rid, made.created]).toEqual([rid, true]);
    const named = await records.update<Patient>(system, {
      resourceType: 'Patient',
      id: 'pat-MRN-778',
      name: [{ family: 'Aliased' }],
    });
    expect(named.id).toBe('pat-MRN-778');
    expect(named.rid).not.toBe('pat-MRN-778');
    const observed = await records.create(system, pulse('pat-MRN-778'));
    expect(observed.owner).toBe(named.rid);
    expect((await records.read(system, 'Patient', 'pat-MRN-778')).rid).toBe(named.rid);
    expect((await records.update(system, named.resource)).version).toBe(2);
    const { rows } = await world.data.ownerDb.query(
      `select 1 from records.edge where source = $1 and target = $2 and 'patient' = any(params)`,
      [observed.rid, named.rid],
    );
    expect(rows).toHaveLength(1);
  });

  it('gives a reference its alias before what it names exists', async () => {
    const { records, system } = world;
    const observed = await records.create(system, pulse('comes-later'));
    const later = await records.update<Patient>(system, {
      resourceType: 'Patient',
      id: 'comes-later',
    });
    expect(observed.owner).toBe(later.rid);
  });

  it('takes a reference by its own absolute address for what it is', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const reference = `http://localhost:8140/fhir/R4/Patient/${id}`;
    const observed = await records.create(system, { ...pulse(id), subject: { reference } });
    expect(observed.owner).toBe(id);
    expect(observed.resource.subject?.reference).toBe(`Patient/${id}`);
    const foreign = 'https://elsewhere.example/fhir/Patient/1';
    const other = await records.create(system, { ...pulse(id), subject: { reference: foreign } });
    expect([other.owner, other.resource.subject?.reference]).toEqual([undefined, foreign]);
  });

  it('grants by rid where clients gave ids of their own', async () => {
    const { records, system } = world;
    const patient = await records.update<Patient>(system, { resourceType: 'Patient', id: 'p.1' });
    const doctor = await records.update(system, { resourceType: 'Practitioner', id: 'd.1' });
    await records.create(system, {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: 'Patient/p.1' },
      participant: [{ member: { reference: 'Practitioner/d.1' } }],
    });
    const caller = world.caller('practitioner', {
      fhirUser: { type: 'Practitioner', id: doctor.rid },
    });
    expect((await records.read(caller, 'Patient', 'p.1')).rid).toBe(patient.rid);
  });

  it('takes index rows out that are no more true', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const observed = await records.create(system, pulse(id));
    const count = async () => {
      const { rows } = await world.data.ownerDb.query<{ n: number; kept: number }>(
        `select count(*)::int as n, (select cardinality(tokens) from records.resource where rid = $1) as kept
         from records.token where rid = $1`,
        [observed.rid],
      );
      return rows[0]!;
    };
    const before = await count();
    expect(before.n).toBe(before.kept);
    await records.update(system, {
      ...observed.resource,
      code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
      effectiveDateTime: '2026-03-02',
    });
    const after = await count();
    expect(after.n).toBe(after.kept);
    await records.remove(system, 'Observation', observed.id);
    expect((await count()).n).toBe(0);
  });
});

describe('patch [http.html#patch]', () => {
  it('changes what it names and validates the result', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const operations = [{ op: 'replace', path: '/gender', value: 'male' }];
    const patched = await records.patch(system, 'Patient', id, operations, { ifMatch: 'W/"1"' });
    expect(patched.resource).toMatchObject({ gender: 'male' });
    const wrong = [{ op: 'replace', path: '/gender', value: 'tall' }];
    expect(await status(records.patch(system, 'Patient', id, wrong))).toBe(400);
    const nowhere = [{ op: 'replace', path: '/nothing/here', value: 1 }];
    expect(await status(records.patch(system, 'Patient', id, nowhere))).toBe(422);
    const moved = [{ op: 'replace', path: '/id', value: 'other' }];
    expect(await status(records.patch(system, 'Patient', id, moved))).toBe(400);
  });
});

describe('delete [http.html#delete] and history [http.html#history]', () => {
  it('is gone, can be brought back, and history shows the real verbs', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const { resource } = await records.read<Patient>(system, 'Patient', id);
    await records.update(system, resource);
    await records.patch(system, 'Patient', id, [{ op: 'add', path: '/active', value: true }]);
    await records.remove(system, 'Patient', id);
    await records.remove(system, 'Patient', id);
    expect(await status(records.read(system, 'Patient', id))).toBe(410);
    expect(await status(records.vread(system, 'Patient', id, 4))).toBe(410);
    expect(await status(records.vread(system, 'Patient', id, 3))).toBe(200);
    const back = await records.update(system, resource);
    expect([back.version, back.created]).toEqual([5, true]);
    const first = await records.history(system, 'Patient', id, { count: 3 });
    const rest = await records.history(system, 'Patient', id, { count: 3, before: first.next });
    expect([...first.entries, ...rest.entries].map((one) => one.verb)).toEqual([
      'PUT',
      'DELETE',
      'PATCH',
      'PUT',
      'POST',
    ]);
    expect(rest.next).toBeUndefined();
  });

  it('knows nothing of what never was', async () => {
    const { records, system } = world;
    const nobody = '99999999-0000-4000-8000-000000000000';
    expect(await status(records.read(system, 'Patient', nobody))).toBe(404);
    expect(await status(records.history(system, 'Patient', nobody))).toBe(404);
    expect(await status(records.remove(system, 'Patient', nobody))).toBe(404);
    expect(await status(records.read(system, 'Patient', 'no-such-alias'))).toBe(404);
    expect(await status(records.read(system, 'Dragon', nobody))).toBe(404);
  });

  it('refuses a role that may not touch the type [403]', async () => {
    const admin = callerFor('administrator');
    expect(await status(world.records.read(admin, 'Observation', 'x'))).toBe(403);
  });
});
