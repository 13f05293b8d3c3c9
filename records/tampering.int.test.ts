/** A superuser's hand in the store: rows put back are found and named, swapped ciphertext is never another patient's data. */
import { fixedClock } from '@afar/platform';
import type { FixedClock } from '@afar/platform';
import type { Observation } from '@afar/fhir';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let clock: FixedClock;
let http: Awaited<ReturnType<World['http']>>;

beforeAll(async () => {
  clock = fixedClock(Date.UTC(2026, 10, 21, 9));
  world = await openWorld({ clock });
  http = await world.http();
  await world.access.accounts.create({
    tenant: 1,
    role: 'auditor',
    email: 'auditor@clinic.example',
    name: 'Olu Auditor',
    password: 'nine stones under a lamp',
    locale: 'en',
  });
});
afterAll(() => world.close());
beforeEach(() => clock.advance(3_600_000));

const owner = (sql: string, values?: unknown[]) => world.data.ownerDb.query(sql, values);
const get = (url: string) =>
  http.inject({ as: world.system, method: 'GET', url: `/fhir/R4/${url}` });

const observation = (patient: string, said: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: said },
  subject: { reference: `Patient/${patient}` },
});

/** Every fault, as `why what`. */
async function faults(): Promise<string[]> {
  await world.access.settleAudit();
  clock.advance(10 * 60_000);
  const { faults: found = [] } = await world.access.verifyAudit();
  return found.map(({ why, event, resource, n }) => `${why} ${resource ?? event ?? n}`).sort();
}

const eventsOf = async (rid: string): Promise<string[]> =>
  (await owner('select id from access.audit_event where rid = $1 order by at, id', [rid])).rows.map(
    (row) => row.id as string,
  );

describe('swapped ciphertext', () => {
  it.each(['resource', 'history'])(
    'of two patients in records.%s: 500 and an alarm, no data',
    async (table) => {
      const [one, two] = await Promise.all([world.patient(), world.patient()]);
      const ids: string[] = [];
      for (const [patient, said] of [
        [one, 'Zebra'],
        [two, 'Quagga'],
      ] as const) {
        const { id } = await world.records.create(world.system, observation(patient.id, said));
        clock.advance(1_000);
        await world.records.update(world.system, { ...observation(patient.id, `${said} two`), id });
        ids.push(id);
      }
      const swap = () =>
        owner(
          `update records.${table} a set body = b.body from records.${table} b
         where a.rid = any($1::uuid[]) and b.rid = any($1::uuid[]) and a.rid <> b.rid`,
          [ids],
        );
      const url = (id: string) => `Observation/${id}${table === 'history' ? '/_history/1' : ''}`;
      expect((await get(url(ids[0]!))).text).toContain('Zebra');
      await swap();
      // What is remembered of rows in memory would not show the swap.
      const fresh = await openWorld({ clock, over: world });
      try {
        const door = await fresh.http();
        for (const address of [
          ...ids.map(url),
          ...(table === 'resource'
            ? ['Observation?_count=50', `Patient/${one.id}/$everything`]
            : []),
        ]) {
          const answer = await door.inject({
            as: world.caller('system'),
            method: 'GET',
            url: `/fhir/R4/${address}`,
          });
          expect({ address, status: answer.status }).toEqual({ address, status: 500 });
          expect(answer.text).not.toMatch(/Zebra|Quagga/);
        }
        const { rows } = await owner(
          `select rule from access.anomaly where rule = 'seal-broken' and at >= $1`,
          [clock.now()],
        );
        expect(rows).toHaveLength(1);
        const { rows: told } = await owner(
          `select from access.notice n join access.account a on a.id = n.account
         where a.role = 'auditor' and n.kind = 'anomaly' and n.at >= $1`,
          [clock.now()],
        );
        expect(told).toHaveLength(1);
      } finally {
        await fresh.close();
        await swap();
      }
      expect(await faults()).toEqual([]);
    },
  );
});

describe('verify names each bad entry', () => {
  it('one edited, one deleted, two reordered, and a resource row put back', async () => {
    const { id: patient } = await world.patient();
    const made = [];
    for (let n = 0; n < 6; n++) {
      made.push((await world.records.create(world.system, observation(patient, `n${n}`))).id);
      clock.advance(1_000);
    }
    await world.access.settleAudit();
    const { rows: before } = await owner(
      'select version, updated, body, tokens from records.resource where rid = $1',
      [made[5]],
    );
    await world.records.update(world.system, { ...observation(patient, 'later'), id: made[5]! });
    const [edited, deleted, first, second] = await Promise.all(
      made.slice(0, 4).map(async (rid) => (await eventsOf(rid))[0]!),
    );
    await owner('update access.audit_event set outcome = 8 where id = $1', [edited]);
    await owner('delete from access.audit_event where id = $1', [deleted]);
    await owner(
      `update access.audit_event a set at = b.at from access.audit_event b
       where a.id = any($1::uuid[]) and b.id = any($1::uuid[]) and a.id <> b.id`,
      [[first, second]],
    );
    await owner('delete from records.history where rid = $1', [made[5]]);
    const { version, updated, body } = before[0] as {
      version: number;
      updated: number;
      body: Buffer;
    };
    await owner(
      'update records.resource set version = $2, updated = $3, body = $4 where rid = $1',
      [made[5], version, updated, body],
    );
    expect(await faults()).toEqual(
      [
        `changed ${edited}`,
        `missing ${deleted}`,
        `moved ${first}`,
        `moved ${second}`,
        `rolled back Observation/${made[5]}`,
      ].sort(),
    );
  });
});
