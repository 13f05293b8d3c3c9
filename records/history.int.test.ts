/** History of a resource, of a type, of the clinic [FHIR R4 http.html#history]; the policy on every version as it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Bundle, Observation, Patient } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
});
afterAll(() => world.close());

const base = 'http://localhost:8140/fhir/R4';
const get = async (
  path: string,
  as: Caller = world.system,
  headers: Record<string, string> = {},
) => {
  const url = path.startsWith('http') ? path.slice(path.indexOf('/fhir')) : `/fhir/R4/${path}`;
  const { status, text } = await http.inject({ as, method: 'GET', url, headers });
  return { status, text, bundle: status === 200 ? (JSON.parse(text) as Bundle) : undefined };
};
const seen = (bundle: Bundle | undefined) =>
  (bundle?.entry ?? []).map(
    ({ request, response, fullUrl }) =>
      `${request!.method} ${fullUrl!.slice(base.length + 1)} ${response!.etag}`,
  );
const nextOf = (bundle: Bundle | undefined) =>
  bundle?.link?.find((one) => one.relation === 'next')?.url;

async function all(path: string, as?: Caller): Promise<{ entries: string[]; pages: number }> {
  const entries: string[] = [];
  let pages = 0;
  for (let url: string | undefined = path; url; pages++) {
    const { bundle } = await get(url, as);
    entries.push(...seen(bundle));
    url = nextOf(bundle);
  }
  return { entries, pages };
}

const note = (patient: string, text: string, over: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'preliminary',
  code: { text },
  subject: { reference: `Patient/${patient}` },
  ...over,
});

describe('of one resource', () => {
  it('shows each version with its real verb, and a deletion as one [Must show 4]', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const { resource } = await records.read<Patient>(system, 'Patient', id);
    await records.update(system, { ...resource, gender: 'other' });
    await records.patch(system, 'Patient', id, [{ op: 'add', path: '/active', value: true }]);
    await records.remove(system, 'Patient', id);
    await records.update<Patient>(system, { resourceType: 'Patient', id });
    const { bundle } = await get(`Patient/${id}/_history`);
    expect(bundle!.type).toBe('history');
    expect(
      bundle!.entry!.map(({ request, response, resource: one }) => [
        request,
        response!.status,
        Boolean(one),
      ]),
    ).toEqual([
      [{ method: 'PUT', url: `Patient/${id}` }, '200 OK', true],
      [{ method: 'DELETE', url: `Patient/${id}` }, '204 No Content', false],
      [{ method: 'PATCH', url: `Patient/${id}` }, '200 OK', true],
      [{ method: 'PUT', url: `Patient/${id}` }, '200 OK', true],
      [{ method: 'POST', url: 'Patient' }, '201 Created', true],
    ]);
    expect((await all(`Patient/${id}/_history?_count=2`)).entries).toEqual(seen(bundle));
    expect((await all(`Patient/${id}/_history?_count=2&_sort=_lastUpdated`)).entries).toEqual(
      seen(bundle).toReversed(),
    );
    expect((await get(`Patient/${id}/_history?_count=0`)).bundle).toMatchObject({ total: 5 });
  });

  it('of a time: _since what was written, _at what was in force', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const { resource } = await records.read<Patient>(system, 'Patient', id);
    const times = [Date.parse(resource.meta!.lastUpdated!)];
    for (const gender of ['other', 'male'] as const) {
      await new Promise((done) => setTimeout(done, 5));
      times.push((await records.update(system, { ...resource, gender })).updated);
    }
    const at = (ms: number) => encodeURIComponent(new Date(ms).toISOString());
    const versions = async (query: string) =>
      seen((await get(`Patient/${id}/_history?${query}`)).bundle).map((one) => one.slice(-3));
    expect(await versions(`_since=${at(times[1]!)}`)).toEqual(['"3"', '"2"']);
    expect(await versions(`_at=${at(times[1]!)}`)).toEqual(['"2"']);
    expect(await versions(`_at=${at(times[1]! - 1)}`)).toEqual(['"1"']);
    expect(await versions(`_at=${new Date(times[0]!).getUTCFullYear()}`)).toEqual([
      '"3"',
      '"2"',
      '"1"',
    ]);
    expect(await versions(`_at=${at(times[0]! - 1000)}`)).toEqual([]);
    const ofType = async (query: string) =>
      (await all(`Patient/_history?${query}`)).entries
        .filter((one) => one.includes(id))
        .map((one) => one.slice(-3));
    expect(await ofType(`_since=${at(times[1]!)}`)).toEqual(['"3"', '"2"']);
    expect(await ofType(`_at=${at(times[1]!)}`)).toEqual(['"2"']);
  });

  it('of nobody is 404; wrong parameters are 400', async () => {
    const { id } = await world.patient();
    expect((await get('Patient/nobody/_history')).status).toBe(404);
    expect((await get('Nonsense/_history')).status).toBe(404);
    for (const query of [
      '_since=yesterday',
      '_count=x',
      '_sort=name',
      '_cursor=x',
      '_at=2020-13',
      '_since=2020&_since=2021',
    ])
      expect([query, (await get(`Patient/${id}/_history?${query}`)).status]).toEqual([query, 400]);
    const strict = { prefer: 'handling=strict' };
    expect((await get(`Patient/${id}/_history?name=x`, world.system, strict)).status).toBe(400);
    expect((await get(`Patient/${id}/_history?name=x`)).status).toBe(200);
  });
});

describe('of a type and of the clinic', () => {
  it('newest first, page by page, each once, whatever is written meanwhile', async () => {
    const { id } = await world.patient();
    const made: string[] = [];
    for (let at = 0; at < 7; at++)
      made.push((await world.records.create(world.system, note(id, `n${at}`))).id);
    for (const path of ['Observation/_history?_count=3', '_history?_count=3']) {
      const entries: string[] = [];
      for (let url: string | undefined = path; url;) {
        const { bundle } = await get(url);
        expect(bundle!.entry!.length).toBeLessThanOrEqual(3);
        entries.push(...seen(bundle));
        url = nextOf(bundle);
        if (entries.length < 10) await world.records.create(world.system, note(id, 'meanwhile'));
      }
      const ours = entries.filter((one) => made.some((each) => one.includes(each)));
      expect(ours).toEqual(made.toReversed().map((each) => `POST Observation/${each} W/"1"`));
      expect(new Set(entries).size).toBe(entries.length);
    }
    expect((await all('Observation/_history?_sort=_lastUpdated')).entries).toEqual(
      (await all('Observation/_history')).entries.toReversed(),
    );
  });

  it('reads a range of an index, whatever else the clinic has written', async () => {
    const { rows } = await world.data.db.query<{ 'QUERY PLAN': string }>(
      `explain select * from unnest(array['Observation']) t(type) cross join lateral (select c.* from records.change c
         where c.tenant = 1 and c.type = t.type and (c.at, c.xid, c.seq) < (9, '9'::xid8, 9)
         order by c.at desc, c.xid desc, c.seq desc limit 20) k`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Index Scan Backward using change_of_type');
    expect(plan).not.toMatch(/Sort|Seq Scan on change/);
  });

  it('belongs to its caller: a page address of one is no page of another', async () => {
    const { bundle } = await get('Observation/_history?_count=1');
    const other = world.caller('system', { id: crypto.randomUUID() });
    expect((await get(nextOf(bundle)!, other)).status).toBe(400);
    expect((await get(nextOf(bundle)!.replace('Observation/', ''))).status).toBe(400);
    expect(nextOf(bundle)).not.toContain('_count');
  });
});

describe('the policy [Must show 8]', () => {
  it('shows a caller her charts, each version as it was, and none of the others', async () => {
    const { records, system } = world;
    const [ada, ben] = [await world.patient(), await world.patient()];
    const mine = await records.create(system, note(ada.id, 'hers'));
    const theirs = await records.create(system, note(ben.id, 'his'));
    // Moved from one chart to the other: the earlier version stays his.
    const moved = await records.create(system, note(ben.id, 'moved'));
    await records.update(system, { ...note(ada.id, 'moved'), id: moved.id });
    const gone = await records.create(system, note(ada.id, 'gone'));
    await records.remove(system, 'Observation', gone.id);
    for (const path of ['Observation/_history', '_history', '_history?_count=1']) {
      const { entries } = await all(path, ada.caller);
      const of = (id: string) =>
        entries.filter((one) => one.includes(id)).map((one) => one.split(' ').at(-1));
      expect([path, of(mine.id)]).toEqual([path, ['W/"1"']]);
      expect([path, of(theirs.id)]).toEqual([path, []]);
      expect([path, of(moved.id)]).toEqual([path, ['W/"2"']]);
      expect([path, of(gone.id)]).toEqual([path, ['W/"2"', 'W/"1"']]);
      expect([path, of(ben.id)]).toEqual([path, []]);
    }
    expect(seen((await get(`Observation/${moved.id}/_history`, ada.caller)).bundle)).toHaveLength(
      1,
    );
    expect((await get(`Observation/${theirs.id}/_history`, ada.caller)).status).toBe(404);
    // Who cannot see today's version does not see yesterday's.
    expect((await all('Observation/_history', ben.caller)).entries.join()).not.toContain(moved.id);
    expect((await get(`Observation/${moved.id}/_history`, ben.caller)).status).toBe(404);
    expect((await get('Observation/_history?_count=0', ada.caller)).bundle!.total).toBe(4);
  });

  it('of a role, of a denial, of a granular scope', async () => {
    const { records, system } = world;
    const { id } = await world.patient();
    const early = await records.create(system, note(id, 'early'));
    await records.update(system, { ...early.resource, status: 'final' });
    expect((await get('Observation/_history', world.caller('administrator'))).status).toBe(403);
    expect((await get('_history', world.caller('auditor'))).status).toBe(403);
    expect((await get('_history', world.caller('administrator'))).text).not.toContain(
      'Observation',
    );
    const narrow: Caller = {
      ...world.caller('system', { id: crypto.randomUUID(), kind: 'client' }),
      scopes: [
        {
          context: 'system',
          type: 'Observation',
          verbs: 'rs',
          params: [['status', 'preliminary']],
        },
      ],
    };
    const { entries } = await all('_history', narrow);
    expect(entries.filter((one) => one.includes(early.id))).toEqual([
      `POST Observation/${early.id} W/"1"`,
    ]);
    expect(entries.every((one) => one.includes('Observation/'))).toBe(true);
    // What lies outside as a whole is not there, as in a read: not even its history is an empty one.
    const outside = await records.create(
      system,
      note((await world.patient()).id, 'outside', { status: 'final' }),
    );
    expect((await get(`Observation/${outside.id}`, narrow)).status).toBe(404);
    for (const query of ['', '?_count=0', '?_since=2020', '?_count=1&_since=2999'])
      expect([
        query,
        (await get(`Observation/${outside.id}/_history${query}`, narrow)).status,
      ]).toEqual([query, 404]);
    expect((await get(`Observation/${early.id}/_history?_since=2999`, narrow)).status).toBe(200);
    const { id: doctor, caller } = await world.practitioner();
    await world.data.ownerDb.query(
      `insert into records."grant" (tenant, principal, patient, class, purpose, source, starts, ends) values (1, $1, $2, 'chart', 'TREAT', 'test', 0, 9e15)`,
      [doctor, id],
    );
    expect((await all('Observation/_history', caller)).entries).toHaveLength(2);
    await world.data.ownerDb.query(
      `insert into records.deny (tenant, principal, patient, label, source) values (1, $1, $2, 0, 'test')`,
      [doctor, id],
    );
    expect((await all('Observation/_history', caller)).entries).toHaveLength(0);
  });
});
