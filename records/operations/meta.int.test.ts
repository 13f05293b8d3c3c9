/** $meta, $meta-add, $meta-delete: what they change, who may, and that no label comes off by them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Meta, Observation, Parameters } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let doctor: { id: string; caller: Caller };
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const restricted = { system: confidentiality, code: 'R' };

beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  ada = await world.patient();
  doctor = await world.practitioner();
  await world.data.db.query(
    `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
     values (1, $1, $2, 'chart', 'TREAT', 'Test/meta', 0, $3)`,
    [doctor.id, ada.id, Date.now() + 3_600_000],
  );
});
afterAll(() => world.close());

const noteWith = async (meta?: Meta) =>
  (
    await world.records.create<Observation>(world.system, {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'said' },
      subject: { reference: `Patient/${ada.id}` },
      ...(meta && { meta }),
    })
  ).id;

async function call(as: Caller, url: string, meta?: unknown) {
  const answer = await http.inject({
    as,
    method: meta === undefined ? 'GET' : 'POST',
    url: `/fhir/R4/${url}`,
    ...(meta !== undefined && {
      body: { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] },
    }),
  });
  const said = answer.text ? (JSON.parse(answer.text) as Parameters) : undefined;
  return { status: answer.status, meta: said?.parameter?.[0]?.valueMeta };
}

describe('$meta [resource-operations.html#meta]', () => {
  it('tells what a resource, a type and the house use, as far as the caller sees it', async () => {
    const id = await noteWith({ tag: [{ system: 'urn:tags', code: 'one' }] });
    expect((await call(doctor.caller, `Observation/${id}/$meta`)).meta?.tag).toHaveLength(1);
    for (const url of ['Observation/$meta', '$meta'])
      expect((await call(doctor.caller, url)).meta?.tag).toEqual([
        { system: 'urn:tags', code: 'one' },
      ]);
    const stranger = await world.practitioner();
    expect((await call(stranger.caller, `Observation/${id}/$meta`)).status).toBe(404);
    expect((await call(stranger.caller, 'Observation/$meta')).meta?.tag).toBeUndefined();
  });

  it('is refused to a role that may not read the type', async () => {
    const auditor = world.caller('auditor');
    expect((await call(auditor, 'Observation/$meta')).status).toBe(403);
  });
});

describe('$meta-add [resource-operations.html#meta-add]', () => {
  it('joins profiles, tags and labels, once each, in a new version', async () => {
    const id = await noteWith({ tag: [{ system: 'urn:tags', code: 'one', display: 'One' }] });
    const more = {
      profile: ['http://example.org/p'],
      tag: [
        { system: 'urn:tags', code: 'one' },
        { system: 'urn:tags', code: 'two' },
      ],
      security: [restricted],
    };
    const { status, meta } = await call(doctor.caller, `Observation/${id}/$meta-add`, more);
    expect([status, meta?.versionId, meta?.tag?.length]).toEqual([200, '2', 2]);
    expect(meta?.tag?.[0]?.display).toBe('One');
    // Nothing to add: no new version.
    expect((await call(doctor.caller, `Observation/${id}/$meta-add`, more)).meta?.versionId).toBe(
      '2',
    );
    const { rows } = await world.data.ownerDb.query(
      'select cardinality(labels) as n from records.resource where rid = $1',
      [id],
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('is for whoever may update the resource, and no other', async () => {
    const id = await noteWith();
    const tag = [{ code: 'x' }];
    const stranger = await world.practitioner();
    expect((await call(stranger.caller, `Observation/${id}/$meta-add`, { tag })).status).toBe(404);
    // A patient reads her results and labels nothing.
    expect((await call(ada.caller, `Observation/${id}/$meta-add`, { tag })).status).toBe(403);
    const reader = world.caller('system', { scopes: parseScopes('system/*.rs') });
    expect((await call(reader, `Observation/${id}/$meta-add`, { tag })).status).toBe(403);
  });

  it.each([[{}], [null], ['x'], [{ tag: 'x' }], [{ tag: ['x'] }], [{ profile: [1] }]])(
    'refuses %j or changes nothing',
    async (meta) => {
      const id = await noteWith();
      const { status } = await call(world.system, `Observation/${id}/$meta-add`, meta);
      expect(status).toBe(JSON.stringify(meta) === '{}' ? 200 : 400);
      expect((await world.records.read(world.system, 'Observation', id)).version).toBe(1);
    },
  );
});

describe('$meta-delete [resource-operations.html#meta-delete]', () => {
  it('takes off what is named and leaves the rest', async () => {
    const id = await noteWith({ tag: [{ code: 'a' }, { code: 'b' }], profile: ['http://e.org/p'] });
    const { meta } = await call(doctor.caller, `Observation/${id}/$meta-delete`, {
      tag: [{ code: 'a' }, { code: 'never' }],
      profile: ['http://e.org/p'],
    });
    expect([meta?.tag, meta?.profile]).toEqual([[{ code: 'b' }], undefined]);
  });

  it('is no way round a denial: neither by whom a label hides it from, nor by a colleague', async () => {
    const id = await noteWith({ security: [restricted] });
    const colleague = await world.practitioner();
    await world.data.db.query(
      `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends)
       values (1, $1, $2, 'chart', 'TREAT', 'Test/meta', 0, $3)`,
      [colleague.id, ada.id, Date.now() + 3_600_000],
    );
    await world.data.db.query(
      `insert into records.deny (tenant, principal, patient, label, source)
       select 1, $1, owner, labels[1], 'Test/1' from records.resource where rid = $2`,
      [doctor.id, id],
    );
    const off = { security: [restricted] };
    expect((await call(doctor.caller, `Observation/${id}/$meta-delete`, off)).status).toBe(404);
    expect((await call(colleague.caller, `Observation/${id}/$meta-delete`, off)).status).toBe(403);
    expect((await world.records.read(world.system, 'Observation', id)).version).toBe(1);
    expect((await call(world.system, `Observation/${id}/$meta-delete`, off)).status).toBe(200);
  });
});
