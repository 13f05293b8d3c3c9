/** Rotation while two processes read, write and search: nothing fails, every answer is the brute force's, no key is orphaned. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle, Observation, Patient } from '@afar/fhir';
import { accessSealedStores } from '@afar/access';
import { aad, open, seal } from '@afar/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyWorkOf } from '../index.ts';
import type { KeyWork, Records } from '../index.ts';
import { openWorld } from '../testing/world.ts';
import type { Instance, World } from '../testing/world.ts';

const codes = ['8480-6', '8462-4', '8867-4'];
const graceMs = 300;

let world: World;
let other: Instance;
let work: KeyWork;
let patients: string[];
/** What was answered as written: the brute force. */
const written = new Map<string, { patient: string; code: string }>();

beforeAll(async () => {
  world = await openWorld({ noticeMs: 150 });
  other = await world.another();
  work = keyWorkOf(world.records, accessSealedStores);
  patients = [];
  for (let i = 0; i < 6; i++)
    patients.push(
      (await world.patient({ identifier: [{ system: 'urn:mrn', value: `M${i}` }] })).id,
    );
  for (let i = 0; i < 60; i++) await write(world.records, i);
  await world.records.update(world.system, {
    resourceType: 'Patient',
    id: 'mrn-0815',
    name: [{ family: 'Alias' }],
  });
  await world.access.accounts.create({
    tenant: 1,
    role: 'nurse',
    email: 'nurse@example.org',
    name: 'Nora Nurse',
    password: 'blue lamp under nine stones',
  });
});
afterAll(() => world.close());

async function write(records: Records, i: number): Promise<void> {
  const [patient, code] = [patients[i % patients.length]!, codes[i % codes.length]!];
  const { id } = await records.create<Observation>(world.caller('system'), {
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: `Patient/${patient}` },
    code: { coding: [{ system: 'http://loinc.org', code }] },
    effectiveDateTime: `2026-01-${String((i % 28) + 1).padStart(2, '0')}T08:00:00Z`,
  });
  written.set(id, { patient, code });
}

const idsOf = ({ entry = [] }: Bundle) =>
  entry.filter((one) => one.search?.mode === 'match').map((one) => one.resource!.id!);

/** Searches, and compares with what was written before it began and by its end: no less than the one, no more than the other. */
async function searchRight(records: Records, patient: string, code: string): Promise<void> {
  const expected = () =>
    new Set(
      [...written]
        .filter(([, one]) => one.patient === patient && one.code === code)
        .map(([id]) => id),
    );
  const before = expected();
  const found = idsOf(
    await records.search(world.caller('system'), 'Observation', [
      ['patient', patient],
      ['code', `http://loinc.org|${code}`],
      ['_count', '1000'],
    ]),
  );
  const after = expected();
  expect(new Set(found).size, 'nothing twice').toBe(found.length);
  for (const id of before) expect(found).toContain(id);
  // Being written is not yet written down by the test: at most the writers' ones are ahead of it.
  expect(found.filter((id) => !after.has(id)).length).toBeLessThanOrEqual(writers);
}

const writers = 2;

/** Runs mixed requests on both processes until it is told to stop; every failure is one too many. */
function load() {
  const failures: unknown[] = [];
  let requests = 0;
  let stopping = false;
  const loop = async (deed: (turn: number) => Promise<unknown>) => {
    for (let turn = 0; !stopping; turn++) {
      try {
        await deed(turn);
      } catch (error) {
        failures.push(error);
      }
      requests++;
      await sleep(1);
    }
  };
  const both = [world.records, other.records];
  const loops = both.flatMap((records, at) => [
    loop((turn) => write(records, 1_000 * at + turn)),
    loop((turn) =>
      searchRight(records, patients[turn % patients.length]!, codes[turn % codes.length]!),
    ),
    loop(async (turn) => {
      const ids = [...written.keys()];
      const { resource } = await records.read<Observation>(
        world.caller('system'),
        'Observation',
        ids[(turn * 7) % ids.length]!,
      );
      expect(resource.status).toMatch(/final|amended/);
    }),
    loop(async (turn) => {
      const i = turn % patients.length;
      const value = `urn:mrn|M${i}`;
      const found = await records.search(world.caller('system'), 'Patient', [
        ['identifier', value],
      ]);
      expect(idsOf(found)).toEqual([patients[i]]);
      const named = await records.search(world.caller('system'), 'Patient', [['name', 'okonjo']]);
      expect(idsOf(named)).toHaveLength(patients.length);
      const alias = await records.read<Patient>(world.caller('system'), 'Patient', 'mrn-0815');
      expect(alias.resource.name![0]!.family).toBe('Alias');
      // Conditional creates of two processes meet in one lock.
      const again = await records.create<Patient>(
        world.caller('system'),
        { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: `M${i}` }] },
        { ifNoneExist: `identifier=${value}` },
      );
      expect(again.id).toBe(patients[i]);
    }),
    loop(async (turn) => {
      const id = [...written.keys()][turn % 40]!;
      const { resource } = await records.read<Observation>(
        world.caller('system'),
        'Observation',
        id,
      );
      await records.update(world.caller('system'), { ...resource, status: 'amended' });
    }),
    loop(async () => {
      const nurse = await (at ? other : world).access.accounts.byEmail(1, 'nurse@example.org');
      expect(nurse?.personal.name).toBe('Nora Nurse');
    }),
  ]);
  return {
    async stop() {
      stopping = true;
      await Promise.all(loops);
      return { failures, requests };
    },
  };
}

async function everythingRight(): Promise<void> {
  for (const records of [world.records, other.records])
    for (const patient of patients)
      for (const code of codes) await searchRight(records, patient, code);
}

describe('rotating data keys under load', () => {
  it('fails no request, seals everything anew and destroys the keys that were', async () => {
    const before = await work.census(1);
    const kids = new Set(before.flatMap(({ kids: found }) => [...found.keys()]));
    const running = load();
    const { progress, retired, left } = await work.rotateData(1, {
      say: () => undefined,
      graceMs,
      batch: 20,
    });
    const { failures, requests } = await running.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(200);
    expect(progress.finished).not.toBeNull();

    // The trail keeps the clinic's old key: it is never sealed anew. Every patient's old key is gone.
    expect([...left.keys()]).toEqual(['access.audit_event']);
    expect(retired).toBe(kids.size - 1);
    const now = (await work.census(1)).filter(({ store }) => store.name.startsWith('records.'));
    const underOld = now.flatMap((one) => [...one.kids.keys()].filter((kid) => kids.has(kid)));
    expect(underOld).toEqual([]);
    await everythingRight();
    const history = await world.records.history(
      world.system,
      'Observation',
      [...written.keys()][0]!,
    );
    expect(history.entries.length).toBeGreaterThan(1);
  });

  it('goes on where it was broken off', async () => {
    const broken = new AbortController();
    let said = 0;
    const first = work.rotateData(1, {
      say: ({ step }) => {
        if (step === 'rows' && said++ === 0) broken.abort();
      },
      graceMs: 0,
      batch: 5,
      signal: broken.signal,
    });
    await expect(first).rejects.toThrow(/abort/i);
    await everythingRight();
    const { rows } = await world.data.db.query<{ step: string; started: number }>(
      `select step, started from records.rotation where kind = 'data'`,
    );
    expect(rows[0]!.step).toBe('rows');
    const { progress, left } = await keyWorkOf(other.records, accessSealedStores).rotateData(1, {
      say: () => undefined,
      graceMs,
    });
    expect(progress.started).toBe(rows[0]!.started);
    expect([...left.keys()]).toEqual(['access.audit_event']);
    await everythingRight();
  });

  it('refuses a second one at the same time', async () => {
    const broken = new AbortController();
    const first = work.rotateData(1, {
      say: () => undefined,
      graceMs: 5_000,
      signal: broken.signal,
    });
    await sleep(200);
    const second = keyWorkOf(other.records, []).rotateData(1, { say: () => undefined });
    await expect(second).rejects.toThrow(/another process/);
    broken.abort();
    await expect(first).rejects.toThrow(/abort/i);
    await work.rotateData(1, { say: () => undefined, graceMs: 0 });
  });

  it('keeps a key that something lies under which no room has named', async () => {
    const { kid } = await world.keys.tenant(1);
    const sealed = seal('x', await world.keys.tenant(1), aad('elsewhere'));
    await world.data.ownerDb.query('create table records.forgotten (tenant int, secret bytea)');
    await world.data.ownerDb.query('grant select on records.forgotten to afar_app');
    await world.data.ownerDb.query('insert into records.forgotten values (1, $1)', [sealed]);
    const { left } = await work.rotateData(1, { say: () => undefined, graceMs: 0 });
    expect(left.get('records.forgotten')).toBe(1);
    expect(open(sealed, await world.keys.tenant(1), aad('elsewhere')).toString()).toBe('x');
    expect(world.keys.admin.oldKeys(1).map((key) => key.kid)).toContain(kid);
    await world.data.ownerDb.query('drop table records.forgotten');
    expect((await work.retireUnused(1)).retired).toBe(1);
  });

  it('keeps every key that so much as one row lies under', async () => {
    const { rows } = await world.data.db.query<{ kid: string }>(
      'select kid from records.owner_key',
    );
    const renewed = await world.keys.admin.renew(
      1,
      rows.map((row) => row.kid),
      Infinity,
    );
    expect(renewed).toBe(rows.length);
    const { retired, left } = await work.retireUnused(1);
    // Whoever owns an Observation keeps her key; the Patient of the alias owns nothing but itself, which counts the same.
    expect(retired).toBe(0);
    expect(left.get('records.resource')).toBeGreaterThanOrEqual(written.size);
    await everythingRight();
    await work.rotateData(1, { say: () => undefined, graceMs: 0 });
    await everythingRight();
  });
});

describe('rotating index keys under load', () => {
  it('fails no request, finds nothing twice and nothing less, and leaves no old token', async () => {
    const tokens = async () =>
      new Set(
        (
          await world.data.db.query<{ token: number | string }>('select token from records.token')
        ).rows.map((row) => String(row.token)),
      );
    const before = await tokens();
    const aliases = await world.data.db.query<{ token: number }>('select token from records.alias');
    const running = load();
    const { progress } = await work.rotateIndex(1, { say: () => undefined, graceMs, batch: 20 });
    const { failures, requests } = await running.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(200);
    expect(progress.finished).not.toBeNull();
    await everythingRight();
    for (const token of await tokens()) expect(before.has(token)).toBe(false);
    const now = await world.data.db.query<{ token: number }>('select token from records.alias');
    expect(now.rows).toHaveLength(aliases.rows.length);
    expect(now.rows.map((row) => row.token)).not.toContain(aliases.rows[0]!.token);
    const named = await world.data.db.query(
      `select from records.token t where not exists (select from records.resource r
         where r.rid = t.rid and r.at = t.at and t.token = any(r.tokens))`,
    );
    expect(named.rowCount).toBe(0);
  });

  it('leaves data keys as they are', async () => {
    const kids = async () => JSON.stringify([...(await work.census(1))[0]!.kids.keys()].sort());
    const before = await kids();
    await work.rotateIndex(1, { say: () => undefined, graceMs: 0 });
    expect(await kids()).toBe(before);
    await everythingRight();
  });
});
