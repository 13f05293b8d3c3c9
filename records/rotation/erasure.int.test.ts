/** Erasure: gone from the tables, from every process's memory, and from yesterday's copies of database and keystore. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCaller } from '@afar/access';
import type { Caller } from '@afar/access';
import { accessSealedStores } from '@afar/access';
import type { Observation } from '@afar/fhir';
import { kidOf, localKeyProvider, open, openKeyRing } from '@afar/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyWorkOf } from '../index.ts';
import type { Erased } from './erase.ts';
import { openWorld } from '../testing/world.ts';
import type { Instance, World } from '../testing/world.ts';
import { factsOf, rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';

let world: World;
let other: Instance;
let erased: Erased;
let gone: { id: string; caller: Caller };
let kept: { id: string; caller: Caller };
let observation: string;
/** Yesterday's copies: the rows as they were, the keystore with its log. */
let rows: Row[];
let copy: string;

const allRows = async () =>
  (await world.data.db.query<Row>(`select ${rowColumns('r')} from records.resource r`)).rows;

beforeAll(async () => {
  world = await openWorld({ noticeMs: 100 });
  other = await world.another();
  gone = await world.patient({
    name: [{ family: 'Vergissmeinnicht', given: ['Mina'] }],
    identifier: [{ system: 'urn:mrn', value: 'GONE' }],
  });
  kept = await world.patient({ name: [{ family: 'Bleibtreu' }] });
  for (const { id } of [gone, kept]) {
    const made = await world.records.create<Observation>(world.system, {
      resourceType: 'Observation',
      status: 'final',
      subject: { reference: `Patient/${id}` },
      code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
    });
    observation ??= made.id;
    await world.records.update(world.system, { ...made.resource, status: 'amended' });
  }
  // Both processes have the name in memory.
  for (const { records } of [world, other]) {
    const { entry } = await named(records, 'vergiss');
    if (entry?.length !== 1) throw new Error('the name is not found before the erasure');
  }
  rows = await allRows();
  copy = mkdtempSync(join(tmpdir(), 'afar-yesterday-'));
  cpSync(join(world.folder, 'keys'), copy, { recursive: true });
  erased = await keyWorkOf(world.records, accessSealedStores).erase(1, gone.id, 'patient-request');
});
afterAll(async () => {
  await world.close();
  rmSync(copy, { recursive: true });
});

const named = (records: World['records'], name: string) =>
  records.search(systemCaller(1, world.clock, 'test'), 'Patient', [['name', name]]);

describe('what was erased', () => {
  it('answers 410 to who could see it all, 404 to the rest, and never 500', async () => {
    const server = await world.http();
    for (const url of [
      `Patient/${gone.id}`,
      `Patient/${gone.id}/_history`,
      `Patient/${gone.id}/_history/1`,
      `Observation/${observation}`,
      `Observation/${observation}/_history`,
      `Observation/${observation}/_history/1`,
    ]) {
      const all = await server.inject({ as: world.system, method: 'GET', url: `/fhir/R4/${url}` });
      expect(`${url} ${answerOf(all)}`).toMatch(/ (404|410|nothing)$/);
      const own = await server.inject({ as: gone.caller, method: 'GET', url: `/fhir/R4/${url}` });
      expect(`${url} ${answerOf(own)}`).toMatch(/ (403|404|nothing)$/);
    }
    const put = await server.inject({
      as: world.system,
      method: 'PUT',
      url: `/fhir/R4/Patient/${gone.id}`,
      body: { resourceType: 'Patient', id: gone.id },
    });
    expect(put.status).toBeGreaterThanOrEqual(400);
    expect(put.status).toBeLessThan(500);
    for (const query of [
      'Patient?_sort=name',
      `Observation?patient=${gone.id}`,
      'Observation?code=8480-6',
      'Patient?identifier=urn:mrn|GONE',
      'Patient?_has:Observation:patient:status=amended',
      'Observation?patient.name=vergiss',
    ]) {
      const found = await server.inject({
        as: world.system,
        method: 'GET',
        url: `/fhir/R4/${query}`,
      });
      expect(`${query} ${found.status}`).toBe(`${query} 200`);
      expect(found.text.slice(found.text.indexOf('"entry"'))).not.toContain(observation);
    }
  });

  it('leaves the directory of every process', async () => {
    for (const { records } of [world, other]) {
      expect((await named(records, 'vergiss')).entry ?? []).toHaveLength(0);
      expect((await named(records, 'bleibt')).entry).toHaveLength(1);
    }
  });

  it('is named by no index row, grant or directory row', async () => {
    for (const text of [
      `select from records.token t join records.resource r using (tenant, rid) where r.owner = $1`,
      `select from records.edge where target = $1 or source = $1`,
      `select from records."grant" where patient = $1`,
      `select from records.compartment where patient = $1`,
      `select from records.directory where rid = $1 and sealed is not null`,
    ])
      expect([text, (await world.data.db.query(text, [erased.patient])).rowCount]).toEqual([
        text,
        0,
      ]);
  });

  it('stays in the trail by its id, with the reason', async () => {
    const { rows: events } = await world.data.db.query<{ action: string; patients: string[] }>(
      `select action, patients from access.audit_event where rid = $1 and action <> 'read' and verb in ('C', 'D')
         order by at, id`,
      [erased.patient],
    );
    expect(events.map((one) => one.action)).toEqual(['create', 'erase-patient-request']);
    expect(events.at(-1)!.patients).toEqual([erased.patient]);
  });

  it('leaves the others as they were, in both processes', async () => {
    for (const { records } of [world, other])
      expect((await records.read(world.system, 'Patient', kept.id)).id).toBe(kept.id);
    await expect(
      world.records.create<Observation>(world.system, {
        resourceType: 'Observation',
        status: 'final',
        subject: { reference: `Patient/${kept.id}` },
        code: { text: 'later' },
      }),
    ).resolves.toBeDefined();
  });

  it('can be erased again: what was broken off is finished', async () => {
    const again = await keyWorkOf(other.records, []).erase(1, gone.id, 'patient-request');
    expect(again.patient).toBe(erased.patient);
    expect((await world.records.read(world.system, 'Patient', kept.id)).id).toBe(kept.id);
  });

  it('is refused for somebody nothing was ever written for', async () => {
    const stranger = '00000000-0000-4000-8000-000000000000';
    await expect(keyWorkOf(world.records, []).erase(1, stranger, 'court-order')).rejects.toThrow(
      /nothing was ever written/,
    );
  });
});

describe("yesterday's database and keystore", () => {
  it("open nothing of anyone with today's key-encryption key alone", async () => {
    const clock = { now: () => Date.now() };
    const provider = localKeyProvider(join(world.folder, 'kek'));
    const thief = await openKeyRing({ dir: copy, provider, clock });
    for (const row of rows)
      await expect(thief.byId(1, kidOf(row.body))).rejects.toThrow(/key-encryption key/);
    thief.close();
  });

  it("are read, but for the erased patient, with yesterday's database and today's keystore", async () => {
    const hers = rows.filter((row) => row.owner === erased.patient);
    expect(hers).toHaveLength(2);
    for (const row of hers)
      await expect(world.keys.byId(1, kidOf(row.body))).rejects.toMatchObject({ status: 410 });
    for (const row of rows.filter((one) => !hers.includes(one))) {
      const key = await world.keys.byId(1, kidOf(row.body));
      expect(open(row.body, key, factsOf(1, row, key)).length).toBeGreaterThan(0);
    }
  });
});

/** The status; of a history, which leaves out what is gone, whether it has an entry. */
function answerOf({ status, text }: { status: number; text: string }): string {
  if (status !== 200) return String(status);
  return 'entry' in (JSON.parse(text) as object) ? 'something' : 'nothing';
}
