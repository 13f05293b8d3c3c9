/** The directory follows the table: writes of this and other processes, open transactions, deletions, tampering. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemCaller } from '@afar/access';
import type { Patient, Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { testStore } from '../search/testing.ts';
import type { TestStore } from '../search/testing.ts';
import type { Records } from '../types.ts';

let store: TestStore;
let other: Records;
const caller = () => systemCaller(1, store.clock, 'test');
beforeAll(async () => {
  store = await testStore();
  other = await store.another();
});
afterAll(() => store?.close());

const person = (family: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  name: [{ family, given: ['Robin'] }],
  ...more,
});
const find = async (records: Records, query: string, type = 'Patient') => {
  const params = [...new URLSearchParams(query)] as [string, string][];
  const { entry } = await records.search(caller(), type, params);
  return (entry ?? []).map((one) => one.resource as Patient);
};
const families = async (records: Records, query: string) =>
  (await find(records, query)).map((one) => one.name![0]!.family);

describe('what was answered is found by the very next search', () => {
  it('in this process and in another, both ways', async () => {
    expect(await families(store.records, 'name=Freshly')).toEqual([]);
    expect(await families(other, 'name=Freshly')).toEqual([]);
    for (let n = 0; n < 20; n++) {
      const [writer, reader] = n % 2 ? [store.records, other] : [other, store.records];
      await writer.create(caller(), person(`Freshly${n}x`));
      expect(await families(reader, `name=Freshly${n}x`)).toEqual([`Freshly${n}x`]);
      expect(await families(writer, `name=Freshly${n}x`)).toEqual([`Freshly${n}x`]);
    }
  });

  it('under a new name only, and not at all once deleted', async () => {
    const { resource } = await store.records.create(caller(), person('Maiden'));
    expect(await families(other, 'family=Maiden')).toEqual(['Maiden']);
    await store.records.update(caller(), { ...resource, name: [{ family: 'Married' }] });
    expect(await families(other, 'family=Maiden')).toEqual([]);
    expect(await families(other, 'family=Married')).toEqual(['Married']);
    await store.records.remove(caller(), 'Patient', resource.id!);
    expect(await families(other, 'family=Married')).toEqual([]);
    expect(await families(store.records, 'family=Married')).toEqual([]);
  });

  it('also what began earlier and commits later than what was seen already', async () => {
    // A transaction with an older xid that is still open while newer rows are seen.
    let release = () => undefined as void;
    let started = () => undefined as void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const begun = new Promise<void>((resolve) => (started = resolve));
    const slow = store.records.write(caller(), async (tx) => {
      await tx.create(person('Tortoise'));
      started();
      await gate;
    });
    await begun;
    for (const name of ['Hare1', 'Hare2']) {
      await other.create(caller(), person(name));
      expect(await families(store.records, `name=${name}`)).toEqual([name]);
    }
    expect(await families(store.records, 'name=Tortoise')).toEqual([]);
    release();
    await slow;
    expect(await families(store.records, 'name=Tortoise')).toEqual(['Tortoise']);
    expect(await families(other, 'name=Tortoise')).toEqual(['Tortoise']);
  });
});

describe('an open transaction', () => {
  it('finds its own writes; nobody else does, nor after it was rolled back', async () => {
    const names = (bundle: { entry?: { resource?: Resource }[] }) =>
      (bundle.entry ?? []).map((one) => (one.resource as Patient).name![0]!.family);
    const rolledBack = store.records.write(caller(), async (tx) => {
      const { resource } = await tx.create(person('Phantom'));
      expect(names(await tx.search('Patient', [['name', 'Phantom']]))).toEqual(['Phantom']);
      expect(await families(store.records, 'name=Phantom')).toEqual([]);
      await tx.update({ ...resource, name: [{ family: 'Spectre' }] });
      expect(names(await tx.search('Patient', [['name', 'Phantom']]))).toEqual([]);
      expect(names(await tx.search('Patient', [['name', 'Spectre']]))).toEqual(['Spectre']);
      throw new Refusal('conflict');
    });
    await expect(rolledBack).rejects.toBeInstanceOf(Refusal);
    for (const name of ['Phantom', 'Spectre']) {
      expect(await families(store.records, `name=${name}`)).toEqual([]);
      expect(await families(other, `name=${name}`)).toEqual([]);
    }
  });

  it('does not see a name it has changed', async () => {
    const { resource } = await store.records.create(caller(), person('Before'));
    await store.records.write(caller(), async (tx) => {
      await tx.update({ ...resource, name: [{ family: 'After' }] });
      const { entry } = await tx.search('Patient', [['name', 'Before']]);
      expect(entry ?? []).toEqual([]);
      // Outside, the old name still holds.
      expect(await families(store.records, 'name=Before')).toEqual(['Before']);
    });
    expect(await families(store.records, 'name=After')).toEqual(['After']);
  });
});

it('answers in one round trip in the steady state', async () => {
  await find(store.records, 'name=Freshly');
  store.roundTrips();
  await find(store.records, 'name=Freshly1x');
  await find(store.records, 'name=Nobodyatall');
  const sent = store.roundTrips().filter((sql) => !sql.text.includes('records.change'));
  expect(sent).toHaveLength(2);
});

it('a directory row moved to another resource, or altered, finds nobody and raises an alarm', async () => {
  const { rid } = await store.records.create(caller(), person('Victim'));
  const { rid: elsewhere } = await store.records.create(caller(), person('Bystander'));
  await store.db.query(
    `update records.directory d set sealed = v.sealed, xid = default, seq = default
     from records.directory v where v.rid = $1 and d.rid = $2`,
    [rid, elsewhere],
  );
  expect(await families(store.records, 'name=Victim')).toEqual(['Victim']);
  expect(await families(store.records, 'name=Bystander')).toEqual([]);
  expect(store.log.text()).toContain('a directory row does not open');
});

it('a stale row that says another name than the resource shows nothing', async () => {
  const { resource, rid } = await store.records.create(caller(), person('Oldname'));
  const { rows } = await store.db.query<{ sealed: Buffer }>(
    'select sealed from records.directory where rid = $1',
    [rid],
  );
  await store.records.update(caller(), { ...resource, name: [{ family: 'Newname' }] });
  // An attacker with the database puts the old row back: a process that loads it then is told by the body.
  await store.db.query(
    'update records.directory set sealed = $2, xid = default, seq = default where rid = $1',
    [rid, rows[0]!.sealed],
  );
  const third = await store.another();
  expect(await families(third, 'name=Oldname')).toEqual([]);
});

it('loads many rows in steps and answers contacts, sounds and parts', async () => {
  const entry = Array.from({ length: 300 }, (_, n) => ({
    resource: person(`Crowd${n}`, {
      telecom: [
        { system: 'phone', value: `+1 (555) 01${n}` },
        { system: 'email', value: `Crowd${n}@Example.org` },
      ],
      birthDate: `19${50 + (n % 50)}-01-01`,
      address: [{ line: [`${n} Long Street`], city: 'Springfield' }],
    }),
    request: { method: 'POST' as const, url: 'Patient' },
  }));
  for (let at = 0; at < entry.length; at += 100) {
    const part = entry.slice(at, at + 100);
    await store.records.transaction(caller(), {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: part,
    });
  }
  const fresh = await store.another();
  expect(await families(fresh, 'phone=+155501250')).toEqual(['Crowd250']);
  expect(await families(fresh, 'email=crowd7@example.org')).toEqual(['Crowd7']);
  expect(await families(fresh, 'phonetic=Kraud12&family=Crowd12')).toContain('Crowd12');
  expect(await families(fresh, 'address-city=spring&birthdate=1963&_count=50')).toHaveLength(6);
  expect(await families(fresh, 'address=long&family:contains=owd29')).toHaveLength(11);
});
