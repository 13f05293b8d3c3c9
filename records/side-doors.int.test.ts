/** Side doors: searches past a granular scope, and what a batch tells without a trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry, Observation, Resource } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: { id: string; caller: Caller };
beforeAll(async () => {
  world = await openWorld();
  ada = await world.patient();
});
afterAll(() => world.close());

const found = ({ entry = [] }: Bundle) =>
  entry.filter(({ search }) => search?.mode !== 'outcome').map(({ resource }) => resource!.id);

describe('a granular scope', () => {
  let scoped: Caller;
  let early: string;
  let final: string;
  beforeAll(async () => {
    const note = (status: Observation['status'], value: string): Observation => ({
      resourceType: 'Observation',
      status,
      code: { coding: [{ system: 'urn:codes', code: `secret-${status}` }] },
      identifier: [{ system: 'urn:notes', value }],
      effectiveDateTime: '2026-11-21',
      subject: { reference: `Patient/${ada.id}` },
    });
    early = (await world.records.create(world.system, note('preliminary', 'early'))).id;
    final = (await world.records.create(world.system, note('final', 'final'))).id;
    scoped = {
      ...world.system,
      scopes: [
        {
          context: 'system',
          type: 'Observation',
          verbs: 'crus',
          params: [['status', 'preliminary']],
        },
        { context: 'system', type: 'Patient', verbs: 'rs', params: [] },
      ],
    };
  });

  const search = async (type: string, ...params: [string, string][]) =>
    found(await world.records.search(scoped, type, params));

  it('holds in a search, whatever drives it', async () => {
    const queries: [string, string][][] = [
      [],
      [['patient', `Patient/${ada.id}`]],
      [
        ['patient', `Patient/${ada.id}`],
        ['_sort', 'date'],
      ],
      [['_id', `${early},${final}`]],
      [['identifier', 'urn:notes|early,urn:notes|final']],
      [['subject:Patient.name', 'Okonjo']],
      [['status:not', 'amended']],
    ];
    for (const params of queries) expect(await search('Observation', ...params)).toEqual([early]);
    expect(await search('Observation', ['identifier', 'urn:notes|final'])).toEqual([]);
  });

  it('holds in what is counted', async () => {
    const counted = async (...params: [string, string][]) =>
      (await world.records.search(scoped, 'Observation', params)).total;
    expect(await counted(['_id', `${early},${final}`], ['_summary', 'count'])).toBe(1);
    expect(await counted(['patient', `Patient/${ada.id}`], ['_total', 'accurate'])).toBe(1);
    expect(await counted(['code', 'secret-final'], ['_count', '0'])).toBe(0);
  });

  it('holds in what is dragged along, and in what a chain may tell', async () => {
    const back = await search('Patient', ['_id', ada.id], ['_revinclude', 'Observation:patient']);
    expect(new Set(back)).toEqual(new Set([ada.id, early]));
    expect(await search('Patient', ['_has:Observation:patient:code', 'secret-final'])).toEqual([]);
    expect(
      await search('Patient', ['_has:Observation:patient:code', 'secret-preliminary']),
    ).toEqual([ada.id]);
  });

  it('holds in a condition: what is outside does not match', async () => {
    const resource: Observation = {
      resourceType: 'Observation',
      status: 'preliminary',
      code: { text: 'x' },
      subject: { reference: `Patient/${ada.id}` },
    };
    const made = await world.records.create(scoped, resource, {
      ifNoneExist: 'identifier=urn:notes|final',
    });
    expect(made.id).not.toBe(final);
    const matched = await world.records.create(scoped, resource, {
      ifNoneExist: 'identifier=urn:notes|early',
    });
    expect(matched.id).toBe(early);
  });
});

describe('a batch or transaction', () => {
  const send = async (type: 'batch' | 'transaction', entry: BundleEntry[]) => {
    const http = await world.http();
    const answer = await http.inject({
      as: world.system,
      method: 'POST',
      url: '/fhir/R4/',
      body: { resourceType: 'Bundle', type, entry } satisfies Bundle,
      headers: { prefer: 'return=representation' },
    });
    const { rows } = await world.data.ownerDb.query<{
      patients: string[] | null;
      params: string[] | null;
    }>(`select patients, params from access.audit_event where request = $1 and action = $2`, [
      answer.headers['x-request-id'],
      type,
    ]);
    return { status: answer.status, rows };
  };
  const get = (url: string): BundleEntry => ({ request: { method: 'GET', url } });

  it.each(['batch', 'transaction'] as const)(
    'names in its event whom it disclosed: %s',
    async (type) => {
      const [bea, cleo, dora] = await Promise.all([
        world.patient({ name: [{ family: `Bea${type}` }] }),
        world.patient(),
        world.patient({ identifier: [{ system: 'urn:mrn', value: type }] }),
      ]);
      const dup: Resource = { resourceType: 'Patient' };
      const { status, rows } = await send(type, [
        get(`Patient?family=Bea${type}`),
        get(`Patient/${cleo.id}`),
        {
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=urn:mrn|${type}` },
          resource: dup,
        },
      ]);
      expect(status).toBe(200);
      expect(rows).toHaveLength(1);
      expect(rows[0]!.patients?.toSorted()).toEqual([bea.id, cleo.id, dora.id].toSorted());
      expect(rows[0]!.params).toEqual(['family']);
    },
  );

  it('does not ask the database for minutes', async () => {
    const many = (n: number, url: string) => Array.from({ length: n }, () => get(url));
    for (const type of ['batch', 'transaction'] as const) {
      expect((await send(type, many(101, 'Patient'))).status).toBe(400);
      expect((await send(type, many(5_001, `Patient/${ada.id}`))).status).toBe(400);
    }
  });
});

describe('a long list of codes over a wide panel', () => {
  it('is answered as a short one is', async () => {
    const panel = await Promise.all(Array.from({ length: 51 }, () => world.patient()));
    const { id } = await world.records.create<Observation>(world.system, {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'urn:codes', code: 'wide' }] },
      subject: { reference: `Patient/${panel[0]!.id}` },
    });
    const others = Array.from({ length: 199 }, (_, n) => `other-${n}`);
    for (const codes of [['wide'], [...others, 'wide']])
      expect(
        found(await world.records.search(world.system, 'Observation', [['code', codes.join()]])),
      ).toEqual([id]);
  });
});
