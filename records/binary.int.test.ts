/** Binary in its own form: the same policy, versions and trail as in JSON, and nothing that runs in our origin. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Binary, Bundle, CapabilityStatement } from '@afar/fhir';
import { bodyLimits } from '@afar/platform';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let bob: { id: string; caller: Caller };
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  [ada, bob] = [await world.patient(), await world.patient()];
});
afterAll(() => world.close());

const base = '/fhir/R4';
type Headers = Record<string, string>;

const get = (id: string, headers: Headers, as: Caller = world.system, method = 'GET' as const) =>
  http.inject({ as, method, url: `${base}/Binary/${id}`, headers });

const post = (body: string, headers: Headers, as: Caller = world.system) =>
  http.inject({ as, method: 'POST', url: `${base}/Binary`, body, headers });

async function stored(binary: Omit<Binary, 'resourceType'>): Promise<string> {
  const { id } = await world.records.create(world.system, { resourceType: 'Binary', ...binary });
  return id;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('read [binary.html#rest]', () => {
  it('answers the content, its version, 304, HEAD and the version before', async () => {
    const made = await post('one', { 'content-type': 'text/plain; charset=utf-8; q=1' });
    expect(made.status).toBe(201);
    const binary = JSON.parse(made.text) as Binary;
    expect(binary).toMatchObject({
      contentType: 'text/plain; charset=utf-8',
      data: base64('one'),
    });
    const id = binary.id!;
    const put = await http.inject({
      as: world.system,
      method: 'PUT',
      url: `${base}/Binary/${id}`,
      body: 'two',
      headers: { 'content-type': 'text/plain', 'if-match': 'W/"1"' },
    });
    expect([put.status, put.headers.etag]).toEqual([200, 'W/"2"']);

    const read = await get(id, { accept: 'text/plain' });
    expect([read.status, read.text]).toEqual([200, 'two']);
    expect(read.headers).toMatchObject({
      'content-type': 'text/plain',
      etag: 'W/"2"',
      'content-length': '3',
      'cache-control': 'no-store',
    });
    expect(read.headers['last-modified']).toBeDefined();
    const held = await get(id, { accept: 'text/*', 'if-none-match': 'W/"2"' });
    expect([held.status, held.text]).toEqual([304, '']);
    const head = await http.inject({
      as: world.system,
      method: 'HEAD',
      url: `${base}/Binary/${id}`,
      headers: { accept: 'text/plain' },
    });
    expect([head.status, head.text, head.headers['content-type']]).toEqual([200, '', 'text/plain']);
    const before = await get(`${id}/_history/1`, { accept: 'text/plain' });
    expect([before.text, before.headers['content-type']]).toEqual([
      'one',
      'text/plain; charset=utf-8',
    ]);
    const stale = await http.inject({
      as: world.system,
      method: 'PUT',
      url: `${base}/Binary/${id}`,
      body: 'three',
      headers: { 'content-type': 'text/plain', 'if-match': 'W/"1"' },
    });
    expect(stale.status).toBe(412);
  });

  it('answers JSON to whoever asks for FHIR, or for anything', async () => {
    const id = await stored({ contentType: 'application/pdf', data: base64('%PDF') });
    const forms: Headers[] = [
      {},
      { accept: '*/*' },
      { accept: 'application/fhir+json' },
      { accept: 'application/pdf, application/fhir+json' },
    ];
    for (const headers of forms) {
      const answer = await get(id, headers);
      expect(answer.headers['content-type']).toContain('application/fhir+json');
      expect((JSON.parse(answer.text) as Binary).data).toBe(base64('%PDF'));
    }
    const asked = await get(`${id}?_format=json`, { accept: 'application/pdf' });
    expect(asked.headers['content-type']).toContain('application/fhir+json');
  });

  it('is 406 for what it is not', async () => {
    const id = await stored({ contentType: 'application/pdf', data: base64('%PDF') });
    for (const accept of ['image/png', 'application/fhir+xml', 'application/pdf;q=0'])
      expect((await get(id, { accept })).status).toBe(406);
    // Of any other type only JSON is there, and that is said before anything is looked up.
    const other = await http.inject({
      as: world.system,
      method: 'GET',
      url: `${base}/Patient/none`,
      headers: { accept: 'application/pdf' },
    });
    expect(other.status).toBe(406);
  });

  it('of no data has no bytes', async () => {
    const answer = await get(await stored({ contentType: 'image/png' }), { accept: 'image/*' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('content', () => {
  it.each([
    ['text/html', '<script>alert(1)</script>'],
    ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['text/xml', '<?xml-stylesheet href="x"?><a/>'],
  ])('of type %s is saved, not shown, and cannot run in our origin', async (contentType, text) => {
    const id = await stored({ contentType, data: base64(text) });
    for (const address of [id, `${id}/_history/1`]) {
      const answer = await get(address, { accept: `${contentType},*/*;q=0.8` });
      expect(answer.text).toBe(text);
      expect(answer.headers).toMatchObject({
        'content-type': contentType,
        'content-disposition': 'attachment',
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });

  it('of a type that is none is sent as bytes, without a header of its own making', async () => {
    const id = await stored({ contentType: 'text/html\n;X-Evil: 1', data: base64('<b>') });
    expect((await get(id, { accept: 'text/html' })).status).toBe(406);
    const answer = await get(id, { accept: 'application/octet-stream' });
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['x-evil']).toBeUndefined();
    expect(answer.text).toBe('<b>');
  });

  it.each([
    ['application/fhir+xml', {}],
    ['text/xml; charset=utf-8', {}],
    ['application/xml', {}],
    ['nonsense', {}],
    ['text/plain', { 'content-encoding': 'gzip' }],
  ])('of type %s %j is not taken', async (type, more: Headers) => {
    expect((await post('<x/>', { 'content-type': type, ...more })).status).toBe(415);
    // No other type's address takes content.
    const url = `${base}/Basic`;
    const headers = { 'content-type': 'text/plain' };
    const other = await http.inject({ as: world.system, method: 'POST', url, body: 'x', headers });
    expect(other.status).toBe(415);
  });

  it('may have 2 MiB, as bytes or as base64', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await post('x'.repeat(bodyLimits.resource + 1), headers)).status).toBe(413);
    const most = await post('x'.repeat(bodyLimits.resource), {
      ...headers,
      prefer: 'return=minimal',
    });
    expect(most.status).toBe(201);
    const id = String(most.headers.location).split('/').at(-3)!;
    const json = (await get(id, {})).text;
    const put = (body: string) =>
      http.inject({ as: world.system, method: 'PUT', url: `${base}/Binary/${id}`, body });
    expect((await put(json)).status).toBe(200);
    expect((await put(json.padEnd(1.5 * bodyLimits.resource + 1))).status).toBe(413);
  });

  it('may be nothing, or a form, and is the same for one Idempotency-Key', async () => {
    const empty = await post('', { 'content-type': 'text/plain' });
    expect([empty.status, (JSON.parse(empty.text) as Binary).data]).toEqual([201, undefined]);
    const form = {
      'content-type': 'application/x-www-form-urlencoded',
      'idempotency-key': 'binary-1',
    };
    const [one, two] = [await post('a=b', form), await post('a=b', form)];
    expect((JSON.parse(one.text) as Binary).data).toBe(base64('a=b'));
    expect(two.text).toBe(one.text);
    expect((await post('a=c', form)).status).toBe(422);
  });

  it('as a resource is read as before, and refused as before', async () => {
    const json = (body: object, headers: Headers = {}) =>
      post(JSON.stringify(body), { 'content-type': 'application/json', ...headers });
    const binary = { resourceType: 'Binary', contentType: 'text/plain', data: base64('x') };
    expect((await json(binary)).status).toBe(201);
    expect((await json({ resourceType: 'Basic' })).status).toBe(400);
    expect((await json(binary, { 'x-security-context': `Patient/${ada.id}` })).status).toBe(400);
    expect((await post('{', { 'content-type': 'application/fhir+json' })).status).toBe(400);
  });
});

describe('a securityContext [binary.html#security]', () => {
  const text = { 'content-type': 'text/plain' };
  const accept = { accept: 'text/plain' };

  it('shows the content to whoever sees the patient, hides it from all others', async () => {
    const made = await post('ada only', { ...text, 'x-security-context': `Patient/${ada.id}` });
    expect(made.status).toBe(201);
    const { id, securityContext } = JSON.parse(made.text) as Binary;
    expect(securityContext).toEqual({ reference: `Patient/${ada.id}` });
    expect((await get(id!, accept, ada.caller)).text).toBe('ada only');
    const stranger = await world.practitioner();
    for (const as of [bob.caller, stranger.caller])
      for (const headers of [accept, {}, { ...accept, 'if-none-match': '*' }, { accept: 'a/b' }])
        for (const address of [id!, `${id}/_history/1`]) {
          const answer = await get(address, headers, as);
          expect([answer.status, answer.text.includes('only')]).toEqual([404, false]);
        }
    const { rows } = await world.data.ownerDb.query<{ patients: string[]; action: string }>(
      `select action, patients from access.audit_event where rid = $1 and outcome = 0 order by action`,
      [id],
    );
    expect(rows).toEqual([
      { action: 'create', patients: [ada.id] },
      { action: 'read', patients: [ada.id] },
    ]);
    const kept = await world.data.ownerDb.query<{ row: string }>(
      `select to_jsonb(r)::text as row from records.resource r where rid = $1`,
      [id],
    );
    expect(kept.rows[0]!.row).not.toContain(Buffer.from(base64('ada only')).toString('hex'));
  });

  it('that nobody named opens it to nobody but the house', async () => {
    const { id } = JSON.parse((await post('whose?', text)).text) as Binary;
    for (const as of [ada.caller, (await world.practitioner()).caller])
      expect((await get(id!, accept, as)).status).toBe(404);
  });

  it('of a patient one does not hold is not written', async () => {
    const { caller } = await world.practitioner();
    const headers = { ...text, 'x-security-context': `Patient/${ada.id}` };
    expect((await post('x', headers, caller)).status).toBe(403);
    expect((await post('x', headers, ada.caller)).status).toBe(403);
    const { id } = JSON.parse((await post('x', headers)).text) as Binary;
    const put = async (sent: Headers) => {
      const url = `${base}/Binary/${id}`;
      return (await http.inject({ as: caller, method: 'PUT', url, body: 'y', headers: sent }))
        .status;
    };
    expect(await put(headers)).toBe(404);
    expect(await put(text)).toBe(422);
    expect((await get(id!, accept)).text).toBe('x');
  });

  it('is a reference within the house', async () => {
    for (const context of ['x', 'Patient', `Patient/${ada.id}, Patient/${bob.id}`])
      expect((await post('x', { ...text, 'x-security-context': context })).status).toBe(400);
  });
});

it('searches, histories, operations and conditions of Binary are those of any type', async () => {
  const as = world.system;
  const call = async (method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, headers = {}) =>
    http.inject({ as, method, url: `${base}/${url}`, body, headers });
  const id = await stored({ contentType: 'text/plain', data: base64('x') });
  expect((await call('GET', `Binary?_id=${id}`, undefined, { accept: 'text/plain' })).status).toBe(
    406,
  );
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const found = await call('POST', 'Binary/_search', `_id=${id}`, form);
  expect((JSON.parse(found.text) as Bundle).entry).toHaveLength(1);
  expect((await call('GET', `Binary/${id}/_history`)).status).toBe(200);
  const binary = { resourceType: 'Binary', contentType: 'text/plain' };
  expect((await call('POST', 'Binary/$validate', binary)).status).toBe(200);
  expect((await call('PUT', `Binary?_id=${id}`, { ...binary, id })).status).toBe(200);
  expect((await call('POST', 'Binary/', binary)).status).toBe(201);
});

it('/metadata says so [http.html#capabilities]', async () => {
  const { text } = await http.inject({ method: 'GET', url: `${base}/metadata` });
  const { resource = [] } = (JSON.parse(text) as CapabilityStatement).rest![0]!;
  const documented = resource.filter(({ documentation }) => documentation?.includes('Accept'));
  expect(documented.map(({ type }) => type)).toEqual(['Binary']);
});
