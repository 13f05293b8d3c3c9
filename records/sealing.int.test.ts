/** A stolen or edited database: what is sealed opens only as what it was sealed as. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let one: { rid: string };
let two: { rid: string };

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const said = (patient: string, text: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-05-05',
});

beforeEach(async () => {
  const { id } = await world.patient();
  one = await world.records.create(world.system, said(id, 'first'));
  two = await world.records.create(world.system, said(id, 'second'));
});

async function opens(rid: string): Promise<unknown> {
  return world.records.read(world.system, 'Observation', rid).then(
    ({ resource }) => (resource as Observation).code.text,
    (error: unknown) => (error as { status: number }).status,
  );
}
const edit = (sql: string, ...values: unknown[]) => world.data.ownerDb.query(sql, values);

describe('a row that is not what it was', () => {
  it('opens untouched', async () => {
    expect(await opens(one.rid)).toBe('first');
  });

  it('with the body of another row of the same patient does not open, and raises the alarm', async () => {
    await edit(
      `update records.resource set body = (select body from records.resource where rid = $2) where rid = $1`,
      one.rid,
      two.rid,
    );
    expect(await opens(one.rid)).toBe(500);
    expect(await opens(two.rid)).toBe('second');
    expect(world.log.text()).toContain('sealed-row');
    expect(world.log.text()).toContain(one.rid);
  });

  const columns: [string, string][] = [
    ['owner', `owner = (select rid from records.resource where type = 'Patient' limit 1)`],
    ['owner', 'owner = null'],
    ['labels', `labels = '{42}'`],
    ['version', 'version = version + 1'],
    ['updated', 'updated = updated + 1'],
    ['verb', `verb = 'PUT'`],
    ['deleted', 'deleted = true'],
    ['at', 'at = at - 1'],
    ['until', 'until = until + 1'],
    ['compartment_hash', `compartment_hash = '\\x01'`],
    ['rid', `rid = gen_random_uuid()`],
  ];
  it.each(columns)('with another %s does not open (%s)', async (column, change) => {
    const { rows } = await world.data.ownerDb.query<{ rid: string }>(
      `update records.resource set ${change} where rid = $1 returning rid`,
      [one.rid],
    );
    expect(await opens(rows[0]!.rid)).toBe(500);
  });

  it('with a flipped byte does not open', async () => {
    await edit(
      `update records.resource set body = set_byte(body, 60, get_byte(body, 60) # 1) where rid = $1`,
      one.rid,
    );
    expect(await opens(one.rid)).toBe(500);
  });

  it("moved back to an older version is found by the audit's hash", async () => {
    const { resource } = await world.records.read<Observation>(
      world.system,
      'Observation',
      one.rid,
    );
    await world.records.update(world.system, { ...resource, code: { text: 'changed' } });
    await edit(
      `update records.resource r set version = h.version, updated = h.updated, verb = h.verb, body = h.body
       from records.history h where h.rid = r.rid and r.rid = $1`,
      one.rid,
    );
    // It opens: it was once true. The trail says that it is not the last that was written.
    expect(await opens(one.rid)).toBe('first');
    const { rows } = await world.data.ownerDb.query<{ same: boolean }>(
      `select a.body_hash = sha256(r.body) as same from access.audit_event a join records.resource r on r.rid::text = a.rid
       where r.rid = $1 order by a.at desc, a.id desc limit 1`,
      [one.rid],
    );
    expect(rows[0]!.same).toBe(false);
  });
});

describe('an erased key', () => {
  it('closes the chart for good', async () => {
    const { rows } = await world.data.ownerDb.query<{ kid: string }>(
      `select kid from records.owner_key k join records.resource r on r.owner = k.owner where r.rid = $1`,
      [one.rid],
    );
    await world.keys.erase(1, rows[0]!.kid);
    expect(await opens(one.rid)).not.toBe('first');
  });
});
