/** Conditional update, patch, delete and read over the wire [FHIR R4 http.html#cond-update], and what is hidden from whom asks. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Caller } from '@afar/access';
import type { Bundle, Observation, Patient, Resource, Task } from '@afar/fhir';
import { seal } from '@afar/platform';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';
import { sealedFor } from './write/condition-notes.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
});
afterAll(() => world.close());

type Method = 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
const send = async (
  method: Method,
  path: string,
  {
    as = world.system,
    body,
    headers,
  }: { as?: Caller; body?: unknown; headers?: Record<string, string> } = {},
) => {
  const answer = await http.inject({
    as,
    method,
    url: `/fhir/R4/${path}`,
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
  });
  return { ...answer, json: <T>() => JSON.parse(answer.text) as T };
};
const identified = (value: string, over: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:mrn', value }],
  ...over,
});
const by = (value: string) => `Patient?identifier=urn:mrn%7C${value}`;

describe('conditional update [http.html#cond-update]', () => {
  it('creates when nothing matches, then updates the one that does', async () => {
    const first = await send('PUT', by('cu-1'), { body: identified('cu-1') });
    expect(first.status).toBe(201);
    const { id } = first.json<Patient>();
    expect(first.headers.location).toBe(`http://localhost:8140/fhir/R4/Patient/${id}/_history/1`);
    const second = await send('PUT', by('cu-1'), { body: identified('cu-1', { gender: 'other' }) });
    expect([second.status, second.headers.etag, second.json<Patient>().id]).toEqual([
      200,
      'W/"2"',
      id,
    ]);
    const named = await send('PUT', by('cu-1'), { body: identified('cu-1', { id }) });
    expect([named.status, named.headers.etag]).toEqual([200, 'W/"3"']);
  });

  it('takes the id of the body when it is free, and refuses another than that of the match', async () => {
    const made = await send('PUT', by('cu-2'), { body: identified('cu-2', { id: 'chosen-2' }) });
    expect([made.status, made.json<Patient>().id]).toEqual([201, 'chosen-2']);
    expect(
      (await send('PUT', by('cu-2'), { body: identified('cu-2', { id: 'other-2' }) })).status,
    ).toBe(400);
    expect(
      (await send('PUT', by('cu-none'), { body: identified('cu-none', { id: 'chosen-2' }) }))
        .status,
    ).toBe(409);
  });

  it('refuses several matches, a stale version, and a condition that says nothing', async () => {
    for (const _ of [1, 2]) await world.records.create(world.system, identified('cu-3'));
    expect((await send('PUT', by('cu-3'), { body: identified('cu-3') })).status).toBe(412);
    const stale = { body: identified('cu-1'), headers: { 'if-match': 'W/"1"' } };
    expect((await send('PUT', by('cu-1'), stale)).status).toBe(412);
    expect((await send('PUT', by('cu-nobody'), stale)).status).toBe(412);
    for (const query of [
      '',
      '?',
      '?_format=json',
      '?identifier=',
      '?_count=1',
      '?nonsense=1',
      '?_summary=count',
      '?_cursor=x',
    ])
      expect([
        query,
        (await send('PUT', `Patient${query}`, { body: identified('x') })).status,
      ]).toEqual([query, 400]);
  });

  it('of twenty at once makes one [Must show 5]', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => send('PUT', by('cu-race'), { body: identified('cu-race') })),
    );
    expect(answers.filter((one) => one.status === 201)).toHaveLength(1);
    expect(answers.filter((one) => one.status === 200)).toHaveLength(19);
    expect(new Set(answers.map((one) => one.json<Patient>().id)).size).toBe(1);
  });
});

it('twenty conditional creates at once make one [Must show 5]', async () => {
  const headers = { 'if-none-exist': 'identifier=urn:mrn|cc-race' };
  const body = identified('cc-race');
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send('POST', 'Patient', { body, headers })),
  );
  expect(answers.filter((one) => one.status === 201)).toHaveLength(1);
  expect(answers.filter((one) => one.status === 200)).toHaveLength(19);
  expect(new Set(answers.map((one) => one.json<Patient>().id)).size).toBe(1);
});

it('conditional creates that would make what the other looks for take turns [http.html#ccreate]', async () => {
  const identifier = [
    { system: 'urn:mrn', value: 'two-a' },
    { system: 'urn:mrn', value: 'two-b' },
  ];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, at) =>
      send('POST', 'Patient', {
        body: { resourceType: 'Patient', identifier },
        headers: { 'if-none-exist': `identifier=urn:mrn|two-${at % 2 ? 'a' : 'b'}` },
      }),
    ),
  );
  expect(answers.filter((one) => one.status === 201)).toHaveLength(1);
});

it('If-None-Match: * writes only what is not there [RFC 9110 13.1.2]', async () => {
  const body = { resourceType: 'Patient', id: 'only-once' };
  const headers = { 'if-none-match': '*' };
  expect((await send('PUT', 'Patient/only-once', { body, headers })).status).toBe(201);
  expect((await send('PUT', 'Patient/only-once', { body, headers })).status).toBe(412);
});

describe('conditional patch [http.html#patch]', () => {
  const operations = [{ op: 'add', path: '/active', value: true }];
  const json = { 'content-type': 'application/json-patch+json' };

  it('patches the one match; none is 404, several 412', async () => {
    const { id } = await world.records.create(world.system, identified('cp-1'));
    const answer = await send('PATCH', by('cp-1'), { body: operations, headers: json });
    expect([answer.status, answer.json<Patient>()]).toMatchObject([200, { id, active: true }]);
    expect((await send('PATCH', by('cp-none'), { body: operations, headers: json })).status).toBe(
      404,
    );
    expect((await send('PATCH', by('cu-3'), { body: operations, headers: json })).status).toBe(412);
  });

  it('by FHIRPath too [fhirpatch.html]', async () => {
    const part = [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: 'Patient.active' },
      { name: 'value', valueBoolean: false },
    ];
    const body = { resourceType: 'Parameters', parameter: [{ name: 'operation', part }] };
    const answer = await send('PATCH', by('cp-1'), { body });
    expect([answer.status, answer.json<Patient>().active]).toEqual([200, false]);
    expect((await send('PATCH', by('cp-1'), { body: identified('cp-1') })).status).toBe(415);
    const bad = { ...body, parameter: [{ name: 'operation', part: 'x' }] };
    expect((await send('PATCH', by('cp-1'), { body: bad })).status).toBe(400);
  });
});

describe('conditional delete [http.html#3.1.0.7.1]', () => {
  it('deletes one, none, several up to the limit; all or nothing', async () => {
    const one = await world.records.create(world.system, identified('cd-1'));
    expect((await send('DELETE', by('cd-1'))).status).toBe(204);
    expect((await send('GET', `Patient/${one.id}`)).status).toBe(410);
    expect((await send('DELETE', by('cd-1'))).status).toBe(204);
    for (const _ of [1, 2, 3]) await world.records.create(world.system, identified('cd-3'));
    const found = async () => (await send('GET', by('cd-3'))).json<Bundle>().entry?.length ?? 0;
    expect((await send('DELETE', `${by('cd-3')}&_count=2`)).status).toBe(412);
    expect(await found()).toBe(3);
    const told = await send('DELETE', `${by('cd-3')}&_count=3`, {
      headers: { prefer: 'return=OperationOutcome' },
    });
    expect([told.status, told.text.includes('deleted: 3')]).toEqual([200, true]);
    expect(await found()).toBe(0);
    for (const query of ['', '?_count=5', '?identifier=', '?name:exact=', '?_count=0&name=x'])
      expect([query, (await send('DELETE', `Patient${query}`)).status]).toEqual([query, 400]);
  });
});

describe('conditional read [http.html#cread]', () => {
  it('knows If-Modified-Since, and lets If-None-Match decide first', async () => {
    const { id } = await world.patient();
    const get = (headers: Record<string, string>) =>
      send('GET', `Patient/${id}`, { headers }).then((one) => one.status);
    const { headers } = await send('GET', `Patient/${id}`);
    const modified = headers['last-modified'] as string;
    expect(await get({ 'if-modified-since': modified })).toBe(304);
    expect(
      await get({ 'if-modified-since': new Date(Date.now() - 86_400_000).toUTCString() }),
    ).toBe(200);
    expect(await get({ 'if-modified-since': 'yesterday' })).toBe(200);
    expect(await get({ 'if-modified-since': modified, 'if-none-match': 'W/"7"' })).toBe(200);
    expect(await get({ 'if-none-match': 'W/"7", W/"1"' })).toBe(304);
  });
});

describe('what the author cannot see does not match', () => {
  const chart = async (value: string) => {
    const hidden = await world.records.create(world.system, identified(value));
    const { id, caller } = await world.practitioner();
    return { hidden, id, caller };
  };
  const tasks = async () => {
    const found = await world.records.search(world.system, 'Task', [
      ['code', 'urn:afar:task|possible-duplicate'],
    ]);
    return (found.entry ?? []).map((entry) => entry.resource as Task);
  };

  it('a conditional create makes another, says nothing, and the house opens a task that only who sees all sees', async () => {
    const { hidden, caller } = await chart('hid-1');
    const create = (value: string) =>
      send('POST', 'Patient', {
        as: caller,
        body: identified(value),
        headers: { 'if-none-exist': `identifier=urn:mrn|${value}` },
      });
    const twin = await create('hid-1');
    const lone = await create('hid-free');
    expect([twin.status, lone.status]).toEqual([201, 201]);
    const { id } = twin.json<Patient>();
    expect(id).not.toBe(hidden.id);
    // But for its id, its identifier and its time, one answer is the other.
    const bare = (text: string) =>
      text.replaceAll(/[0-9a-f-]{36}|hid-\w+|\d{4}-[\d-]+T[\d:.]+Z/g, '');
    expect(bare(twin.text)).toBe(bare(lone.text));

    await vi.waitFor(async () => expect(await tasks()).toHaveLength(1), {
      timeout: 9_000,
      interval: 100,
    });
    const [task] = await tasks();
    expect(task).toMatchObject({
      focus: { reference: `Patient/${id}` },
      input: [{ valueReference: { reference: `Patient/${hidden.id}` } }],
    });
    const seen = [
      await send('GET', `Task/${task!.id}`, { as: caller }),
      await send('GET', `Task?focus=Patient/${id}`, { as: caller }),
      await send('GET', `Patient?_id=${id}&_revinclude=Task:focus`, { as: caller }),
      await send('GET', `Patient?_id=${id}&_has:Task:focus:status=requested`, { as: caller }),
      await send('GET', 'Task/_history', { as: caller }),
      await send('GET', '_history', { as: caller }),
    ];
    expect(seen[0]!.status).toBe(404);
    for (const one of seen) expect(one.text).not.toContain(task!.id);
    for (const one of seen.slice(2)) expect(one.text).not.toContain(hidden.id);
    const { rows } = await world.data.ownerDb.query('select 1 from records.twin_check');
    expect(rows).toHaveLength(0);
  });

  it('a condition that costs too much to be asked again holds up no other', async () => {
    const id = crypto.randomUUID();
    const key = await world.keys.tenant(1);
    // What the author's few charts answered, the whole clinic may not: here a parameter that is no more.
    const condition = seal(JSON.stringify([['no-more', '1']]), key, sealedFor(1, id));
    await world.data.ownerDb.query(
      `insert into records.twin_check (tenant, id, type, rid, condition, at) values (1, $1, 'Patient', $1, $2, 0)`,
      [id, condition],
    );
    const before = (await tasks()).length;
    const { caller } = await chart('hid-late');
    await send('POST', 'Patient', {
      as: caller,
      body: identified('hid-late'),
      headers: { 'if-none-exist': 'identifier=urn:mrn|hid-late' },
    });
    await vi.waitFor(async () => expect(await tasks()).toHaveLength(before + 1), {
      timeout: 9_000,
      interval: 100,
    });
    const { rows } = await world.data.ownerDb.query('select 1 from records.twin_check');
    expect(rows).toHaveLength(0);
  });

  it('nobody lets herself into the chart where such tasks lie', async () => {
    const { caller } = await world.practitioner();
    const id = '00000000-0000-7000-8000-000000000002';
    const patient = { as: caller, body: { resourceType: 'Patient', id } };
    expect((await send('PUT', `Patient/${id}`, patient)).status).toBe(403);
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      for: { reference: `Patient/${id}` },
    };
    expect((await send('POST', 'Task', { as: caller, body: task })).status).toBe(403);
  });

  it('a conditional update, patch, delete pass it by', async () => {
    const { hidden, caller } = await chart('hid-2');
    const patch = {
      as: caller,
      body: [],
      headers: { 'content-type': 'application/json-patch+json' },
    };
    expect((await send('PATCH', by('hid-2'), patch)).status).toBe(404);
    const owned = await send('PUT', by('hid-2'), { as: caller, body: identified('hid-2') });
    expect(owned.status).toBe(201);
    const wide: Caller = {
      ...world.caller('system', { id: crypto.randomUUID(), kind: 'client' }),
      wildcard: false,
    };
    expect((await send('DELETE', by('hid-2'), { as: wide })).status).toBe(204);
    const still = await world.records.read<Patient>(world.system, 'Patient', hidden.id);
    expect([still.version, still.deleted]).toEqual([1, false]);
  });
});

describe('decimals [datatypes.html#decimal]', () => {
  const decimal = (text: string) =>
    `{"resourceType":"Observation","status":"final","code":{"text":"w"},"subject":{"reference":"Patient/ID"},` +
    `"valueQuantity":{"value":${text},"unit":"kg"}}`;
  const long = '1.2345678901234567890123456789';

  it('come back as they were written: create, update, patch, transaction, parts, search, history', async () => {
    const patient = await world.patient();
    const raw = (text: string) => decimal(text).replace('ID', patient.id);
    const made = await send('POST', 'Observation', { body: raw('1.50') });
    const { id } = made.json<Observation>();
    expect(made.text).toContain('"value":1.50,');
    const shows = async (path: string, text: string) =>
      expect((await send('GET', path)).text).toContain(`"value":${text},"unit"`);
    await shows(`Observation/${id}`, '1.50');
    await shows(`Observation/${id}?_elements=value`, '1.50');
    await shows(`Observation?_id=${id}`, '1.50');
    await shows(`Observation?_id=${id}&_summary=true`, '1.50');
    await shows(`Observation/${id}/_history`, '1.50');
    expect((await send('GET', `Observation/${id}?_pretty=true`)).text).toContain('"value": 1.50,');
    const patch = '[{"op":"add","path":"/issued","value":"2026-01-01T00:00:00Z"}]';
    const headers = { 'content-type': 'application/json-patch+json' };
    expect((await send('PATCH', `Observation/${id}`, { body: patch, headers })).text).toContain(
      '"value":1.50,',
    );
    const put = await send('PUT', `Observation/${id}`, {
      body: raw(long).replace('{', `{"id":"${id}",`),
    });
    expect(put.text).toContain(`"value":${long},`);
    const entry = `{"resource":${raw('2.00')},"request":{"method":"POST","url":"Observation"}}`;
    const bundle = `{"resourceType":"Bundle","type":"transaction","entry":[${entry}]}`;
    const prefer = { prefer: 'return=representation' };
    const answer = await send('POST', '', {
      body: bundle,
      headers: { ...prefer, 'content-type': 'application/fhir+json' },
    });
    expect(answer.text).toContain('"value":2.00,');
    const within = answer.json<Bundle>().entry![0]!.resource!.id!;
    await shows(`Observation/${within}`, '2.00');
  });
});

describe('bodies that are refused [Must show 11]', () => {
  const post = (body: string) => send('POST', 'Patient', { body });

  it('a key twice, with its path', async () => {
    const answer = await post('{"resourceType":"Patient","name":[{"family":"A","family":"B"}]}');
    expect([answer.status, answer.json<{ issue: unknown[] }>().issue]).toMatchObject([
      400,
      [{ expression: ['name[0].family'] }],
    ]);
    expect(answer.text).not.toMatch(/"[AB]"/);
  });

  it('__proto__ and constructor; a hundred thousand levels', async () => {
    expect((await post('{"resourceType":"Patient","__proto__":{"a":1}}')).status).toBe(400);
    expect(
      (await post('{"resourceType":"Patient","constructor":{"prototype":{"a":1}}}')).status,
    ).toBe(400);
    expect(
      (await post(`{"resourceType":"Patient","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))
        .status,
    ).toBe(400);
    expect((await send('GET', `Patient/${(await world.patient()).id}`)).status).toBe(200);
  });
});

describe('parts [search.html#summary]', () => {
  it('of a read, a search with includes and a history are tagged', async () => {
    const { id } = await world.patient({
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
      maritalStatus: { text: 'M' },
    });
    await world.records.create<Resource>(world.system, {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'c' },
      subject: { reference: `Patient/${id}` },
      note: [{ text: 'long' }],
    });
    const tagged = (one: Resource | undefined) =>
      one?.meta?.tag?.some((tag) => tag.code === 'SUBSETTED');
    const read = (await send('GET', `Patient/${id}?_summary=true`)).json<Patient>();
    expect([tagged(read), read.name?.[0]?.family, read.maritalStatus, read.text]).toEqual([
      true,
      'Okonjo',
      undefined,
      undefined,
    ]);
    const found = (
      await send(
        'GET',
        `Observation?subject=Patient/${id}&_include=Observation:subject&_summary=true`,
      )
    ).json<Bundle>();
    expect(found.entry!.map((entry) => tagged(entry.resource))).toEqual([true, true]);
    expect(JSON.stringify(found)).not.toContain('long');
    const history = (await send('GET', `Patient/${id}/_history?_elements=gender`)).json<Bundle>();
    expect(Object.keys(history.entry![0]!.resource!).toSorted()).toEqual([
      'gender',
      'id',
      'meta',
      'resourceType',
    ]);
    expect((await send('GET', `Patient/${id}?_summary=some`)).status).toBe(400);
  });
});
