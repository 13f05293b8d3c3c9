/** The wire: headers, media types, preferences, evidence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, CapabilityStatement, OperationOutcome, Patient } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
});
afterAll(() => world.close());

const base = '/fhir/R4';
const patient: Patient = { resourceType: 'Patient', name: [{ family: 'Wired' }] };

async function events(requestId: unknown) {
  const { rows } = await world.data.ownerDb.query<{
    action: string;
    verb: string;
    outcome: number;
    rid: string | null;
    patients: string[] | null;
    params: string[] | null;
    hashed: boolean;
  }>(
    `select action, verb, outcome, rid, patients, params, body_hash is not null as hashed
     from access.audit_event where request = $1 order by at, id`,
    [requestId],
  );
  return rows;
}

describe('a created resource', () => {
  it('comes back with its place, version and time [http.html#create]', async () => {
    const answer = await http.inject({
      as: world.system,
      method: 'POST',
      url: `${base}/Patient`,
      body: patient,
    });
    const { id, meta } = JSON.parse(answer.text) as Patient;
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      location: `http://localhost:8140/fhir/R4/Patient/${id}/_history/1`,
      etag: 'W/"1"',
      'cache-control': 'no-store',
      'content-type': 'application/fhir+json; charset=utf-8',
      'last-modified': new Date(meta!.lastUpdated!).toUTCString(),
    });
    expect(await events(answer.headers['x-request-id'])).toEqual([
      {
        action: 'create',
        verb: 'C',
        outcome: 0,
        rid: id,
        patients: [id],
        params: null,
        hashed: true,
      },
    ]);
  });

  it.each([
    ['minimal', ''],
    ['OperationOutcome', 'OperationOutcome'],
    ['representation', 'Patient'],
  ])('honours Prefer: return=%s [http.html#ops]', async (kind, type) => {
    const answer = await http.inject({
      as: world.system,
      method: 'POST',
      url: `${base}/Patient`,
      body: patient,
      headers: { prefer: `return=${kind}` },
    });
    expect(answer.status).toBe(201);
    expect(answer.text && (JSON.parse(answer.text) as Patient).resourceType).toBe(type);
  });

  it('is answered 200 when the condition matches [http.html#ccreate]', async () => {
    const request = {
      as: world.system,
      method: 'POST' as const,
      url: `${base}/Patient`,
      body: { ...patient, identifier: [{ system: 'urn:mrn', value: 'wired' }] },
      headers: { 'if-none-exist': 'identifier=urn:mrn|wired' },
    };
    expect((await http.inject(request)).status).toBe(201);
    const second = await http.inject(request);
    expect(second.status).toBe(200);
    expect(await events(second.headers['x-request-id'])).toMatchObject([
      { action: 'create', hashed: false },
    ]);
    for (const condition of ['?identifier=urn:mrn|wired', 'Patient?identifier=urn:mrn|wired']) {
      const headers = { 'if-none-exist': condition };
      expect((await http.inject({ ...request, headers })).status).toBe(200);
    }
  });

  it('is the same for one Idempotency-Key', async () => {
    const request = {
      as: world.system,
      method: 'POST' as const,
      url: `${base}/Patient`,
      body: patient,
      headers: { 'idempotency-key': 'wire-1' },
    };
    const [one, two] = [await http.inject(request), await http.inject(request)];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.text).toBe(one.text);
    expect(two.headers.location).toBe(one.headers.location);
  });
});

describe('reading', () => {
  it('knows ETag, 304, HEAD, vread, history', async () => {
    const { id } = await world.patient();
    const url = `${base}/Patient/${id}`;
    const as = world.system;
    const read = await http.inject({ as, method: 'GET', url });
    expect(read.headers.etag).toBe('W/"1"');
    const held = { 'if-none-match': 'W/"1"' };
    expect((await http.inject({ as, method: 'GET', url, headers: held })).status).toBe(304);
    const head = await http.inject({ as, method: 'HEAD', url });
    expect([head.status, head.text, head.headers.etag]).toEqual([200, '', 'W/"1"']);
    expect((await http.inject({ as, method: 'GET', url: `${url}/_history/1` })).text).toBe(
      read.text,
    );
    const history = JSON.parse(
      (await http.inject({ as, method: 'GET', url: `${url}/_history` })).text,
    ) as Bundle;
    expect(history.entry).toMatchObject([{ request: { method: 'POST', url: 'Patient' } }]);
    expect(await events(read.headers['x-request-id'])).toMatchObject([
      { action: 'read', verb: 'R', outcome: 0, rid: id, patients: [id] },
    ]);
  });

  it('needs somebody', async () => {
    const { id } = await world.patient();
    const answer = await http.inject({ method: 'GET', url: `${base}/Patient/${id}` });
    expect(answer.status).toBe(401);
    expect((JSON.parse(answer.text) as OperationOutcome).resourceType).toBe('OperationOutcome');
  });

  it('of a role that may not is 403, and audited', async () => {
    const as = world.caller('administrator');
    const { id } = await world.patient();
    const answer = await http.inject({ as, method: 'GET', url: `${base}/Patient/${id}` });
    expect(answer.status).toBe(403);
    expect(await events(answer.headers['x-request-id'])).toMatchObject([{ outcome: 4, rid: id }]);
  });
});

describe('forms', () => {
  it('speaks JSON only [http.html#mime-type]', async () => {
    const as = world.system;
    const { id } = await world.patient();
    const url = `${base}/Patient/${id}`;
    const get = (headers: Record<string, string>, query = '') =>
      http.inject({ as, method: 'GET', url: url + query, headers }).then((one) => one.status);
    expect(await get({ accept: 'application/fhir+xml' })).toBe(406);
    expect(await get({ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })).toBe(200);
    expect(await get({ accept: 'application/fhir+xml' }, '?_format=json')).toBe(200);
    expect(await get({}, '?_format=xml')).toBe(406);
    expect(await get({ accept: 'application/fhir+json; fhirVersion=4.0' })).toBe(200);
    expect(await get({ accept: 'application/fhir+json; fhirVersion=3.0' })).toBe(406);
    const post = (type: string, body = '{}') =>
      http
        .inject({
          as,
          method: 'POST',
          url: `${base}/Patient`,
          body,
          headers: { 'content-type': type },
        })
        .then((one) => one.status);
    expect(await post('application/fhir+xml')).toBe(415);
    expect(await post('application/json-patch+json', '[]')).toBe(415);
    expect(await post('application/fhir+json', '{"resourceType":')).toBe(400);
    expect(await post('application/fhir+json', '[]')).toBe(400);
    expect(await post('application/fhir+json', '{"resourceType":"Observation"}')).toBe(400);
  });

  it('asks the body and the address to agree on PUT [http.html#update]', async () => {
    const as = world.system;
    const { id } = await world.patient();
    const put = (body: object) =>
      http
        .inject({ as, method: 'PUT', url: `${base}/Patient/${id}`, body })
        .then((one) => one.status);
    expect(await put(patient)).toBe(400);
    expect(await put({ ...patient, id: 'other' })).toBe(400);
    expect(await put({ ...patient, id })).toBe(200);
  });

  it('patches by application/json-patch+json alone', async () => {
    const as = world.system;
    const { id } = await world.patient();
    const send = (type: string) =>
      http.inject({
        as,
        method: 'PATCH',
        url: `${base}/Patient/${id}`,
        body: '[{"op":"add","path":"/active","value":true}]',
        headers: { 'content-type': type, 'if-match': 'W/"1"' },
      });
    expect((await send('application/fhir+json')).status).toBe(415);
    expect((await send('application/json-patch+json')).status).toBe(200);
    expect((await send('application/json-patch+json')).status).toBe(412);
  });

  it('deletes with 204, once in the trail', async () => {
    const as = world.system;
    const { id } = await world.patient();
    const answer = await http.inject({ as, method: 'DELETE', url: `${base}/Patient/${id}` });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await events(answer.headers['x-request-id'])).toMatchObject([
      { action: 'delete', verb: 'D', outcome: 0, patients: [id], hashed: true },
    ]);
    const again = await http.inject({ as, method: 'GET', url: `${base}/Patient/${id}` });
    expect(again.status).toBe(410);
  });
});

describe('search', () => {
  it('by address and by form are one; the trail holds names of parameters and whose data it was', async () => {
    const as = world.system;
    const { id } = await world.patient({
      identifier: [{ system: 'urn:mrn', value: 'found-by-form' }],
    });
    const query = 'identifier=urn%3Amrn%7Cfound-by-form';
    const byGet = await http.inject({ as, method: 'GET', url: `${base}/Patient?${query}` });
    const byForm = await http.inject({
      as,
      method: 'POST',
      url: `${base}/Patient/_search`,
      body: query,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    for (const answer of [byGet, byForm]) {
      const found = JSON.parse(answer.text) as Bundle;
      expect(found.entry?.map((entry) => entry.resource?.id)).toEqual([id]);
      expect(await events(answer.headers['x-request-id'])).toMatchObject([
        { action: 'search', patients: [id], params: ['identifier'] },
      ]);
    }
    expect(world.log.text()).not.toContain('found-by-form');
  });
});

describe('/metadata [http.html#capabilities]', () => {
  it('is open to all and says what is there', async () => {
    const answer = await http.inject({ method: 'GET', url: `${base}/metadata` });
    const statement = JSON.parse(answer.text) as CapabilityStatement;
    expect(answer.status).toBe(200);
    const resources = statement.rest![0]!.resource!;
    const observation = resources.find((one) => one.type === 'Observation')!;
    expect(observation.interaction!.map((one) => one.code)).toContain('history-instance');
    expect(observation.conditionalUpdate).toBe(true);
    expect(observation.searchParam!.map((one) => one.name)).toContain('code');
  });
});

describe('a transaction over the wire', () => {
  it('is audited entry by entry', async () => {
    const answer = await http.inject({
      as: world.system,
      method: 'POST',
      url: `${base}/`,
      body: {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [1, 2].map(() => ({
          resource: patient,
          request: { method: 'POST', url: 'Patient' },
        })),
      },
    });
    expect(answer.status).toBe(200);
    const rows = await events(answer.headers['x-request-id']);
    expect(rows.filter((row) => row.action === 'create')).toHaveLength(2);
    expect(rows.filter((row) => row.action === 'transaction')).toHaveLength(1);
  });
});
