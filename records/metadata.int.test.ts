/** `/metadata` says what is so: every interaction it claims is called, and what it does not claim is not there [FHIR R4 http.html#capabilities]. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CapabilityStatement, CapabilityStatementRestResource, Resource } from '@afar/fhir';
import { resourceTypes, searchParams, validate } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let statement: CapabilityStatement;
beforeAll(async () => {
  world = await openWorld();
  world.records.virtual('AuditEvent', world.access.auditEvents);
  http = await world.http();
  const { text } = await http.inject({ method: 'GET', url: '/fhir/R4/metadata' });
  statement = JSON.parse(text) as CapabilityStatement;
});
afterAll(() => world.close());

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const call = async (
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const url = `/fhir/R4/${path}`;
  return http.inject({
    as: world.system,
    method,
    url,
    headers,
    ...(body !== undefined && { body }),
  });
};
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const of = (type: string) => statement.rest![0]!.resource!.find((one) => one.type === type)!;
const has = (one: CapabilityStatementRestResource, code: string) =>
  one.interaction!.some((each) => each.code === code);

it('is a valid resource, and lists every type once', () => {
  expect(validate(statement)).toEqual([]);
  const types = statement.rest![0]!.resource!.map((one) => one.type);
  expect(types.toSorted()).toEqual([...resourceTypes].toSorted());
});

it('every interaction it claims for a type is there', async () => {
  const id = 'claimed-by-metadata';
  const wrong: string[] = [];
  for (const one of statement.rest![0]!.resource!) {
    const { type } = one;
    // Nothing has this id, and the bodies are not valid: each route says so itself, none is missing or forbidden.
    const answers: Record<string, Promise<{ status: number }>> = {
      read: call('GET', `${type}/${id}`),
      vread: call('GET', `${type}/${id}/_history/1`),
      'history-instance': call('GET', `${type}/${id}/_history`),
      'history-type': call('GET', `${type}/_history?_count=1`),
      'search-type': call('GET', `${type}?_count=1`),
      create: call('POST', type, { resourceType: type, id, nonsense: 1 }),
      update: call('PUT', `${type}/${id}`, { resourceType: type, id, nonsense: 1 }),
      patch: call('PATCH', `${type}/${id}`, [], jsonPatch),
      delete: call('DELETE', `${type}/${id}`),
    };
    const expected: Record<string, number> = {
      'history-type': 200,
      'search-type': 200,
      create: 400,
      update: 400,
    };
    for (const [code, answer] of Object.entries(answers)) {
      const { status } = await answer;
      const claimed = has(one, code) ? [expected[code] ?? 404] : [400, 403];
      if (!claimed.includes(status)) wrong.push(`${type} ${code}: ${status}`);
    }
  }
  expect(wrong).toEqual([]);
}, 60_000);

it('conditional interactions do what it says', async () => {
  const patient = of('Patient');
  expect(patient).toMatchObject({
    conditionalCreate: true,
    conditionalUpdate: true,
    conditionalDelete: 'multiple',
    conditionalRead: 'full-support',
    readHistory: true,
    updateCreate: true,
    versioning: 'versioned-update',
  });
  expect(of('AuditEvent').interaction!.map((one) => one.code)).toEqual(['read', 'search-type']);
  const body = { resourceType: 'Patient', identifier: [{ system: 'urn:m', value: '1' }] };
  const where = 'Patient?identifier=urn:m%7C1';
  const once = { 'if-none-exist': 'identifier=urn:m|1' };
  expect((await call('PUT', where, body)).status).toBe(201);
  expect((await call('POST', 'Patient', body, once)).status).toBe(200);
  for (const _ of [1, 2]) await call('POST', 'Patient', body);
  expect((await call('DELETE', where)).status).toBe(204);
  expect(
    (await call('PUT', 'Patient/new-id', { resourceType: 'Patient', id: 'new-id' })).status,
  ).toBe(201);
});

it('a type that is computed claims the parameters it is searched by, and no others', async () => {
  const asked: Record<string, string> = {
    date: 'date=ge2020-01-01',
    agent: 'agent:identifier=urn:afar:account|x',
  };
  const claimed = of('AuditEvent').searchParam!.map((one) => one.name!);
  expect(claimed).toEqual(expect.arrayContaining(['date', 'outcome', 'patient']));
  for (const code of searchParams('AuditEvent').keys()) {
    const { text } = await call('GET', `AuditEvent?${asked[code] ?? `${code}=Patient/x`}`);
    const refused = text.includes(`not searched by ${code} `);
    expect([code, refused]).toEqual([code, !claimed.includes(code)]);
  }
});

it('names where tokens are asked for and taken back', () => {
  const [{ extension = [] } = {}] = statement.rest![0]!.security!.extension!;
  expect(extension.map(({ url, valueUri }) => [url, valueUri!.split('/oauth/')[1]])).toEqual([
    ['authorize', 'authorize'],
    ['token', 'token'],
    ['introspect', 'introspection'],
    ['revoke', 'revocation'],
  ]);
});

it('every interaction it claims for the whole server is there', async () => {
  const bundle = (type: string) => ({ resourceType: 'Bundle', type, entry: [] });
  const calls: Record<string, () => ReturnType<typeof call>> = {
    transaction: () => call('POST', '', bundle('transaction')),
    batch: () => call('POST', '', bundle('batch')),
    'history-system': () => call('GET', '_history?_count=1'),
    'search-system': () => call('GET', '?_type=Patient&_count=1'),
  };
  const claimed = statement.rest![0]!.interaction!.map((one) => one.code!);
  expect(claimed).toEqual(expect.arrayContaining(['transaction', 'batch', 'history-system']));
  for (const code of claimed) expect([code, (await calls[code]!()).status]).toEqual([code, 200]);
});

it('HEAD answers as GET, without the body [http.html#head]', async () => {
  const { id } = await world.patient();
  for (const path of [
    `Patient/${id}`,
    `Patient/${id}/_history/1`,
    `Patient/${id}/_history`,
    `Patient?_id=${id}`,
    'metadata',
  ]) {
    const [get, head] = [await call('GET', path), await call('HEAD', path)];
    expect([path, [head.status, head.text]]).toEqual([path, [200, '']]);
    expect([path, [head.headers.etag, head.headers['content-length']]]).toEqual([
      path,
      [get.headers.etag, get.headers['content-length']],
    ]);
  }
});

it('is told how: mode, formats [http.html#capabilities]', async () => {
  const status = async (path: string, headers = {}) =>
    (await call('GET', path, undefined, headers)).status;
  expect(await status('metadata?mode=full')).toBe(200);
  expect(await status('metadata?mode=all')).toBe(400);
  expect(await status('metadata?_format=xml')).toBe(406);
  expect(await status('metadata', { accept: 'application/fhir+xml' })).toBe(406);
  expect((await call('GET', 'metadata?_pretty=true')).text).toContain(
    '\n  "resourceType": "CapabilityStatement"',
  );
  for (const format of statement.format!)
    expect(await status(`metadata?_format=${encodeURIComponent(format)}`)).toBe(200);
  const parameters: Resource = { resourceType: 'Parameters' };
  const { id } = await world.patient();
  for (const type of statement.patchFormat!)
    expect(
      (
        await call('PATCH', `Patient/${id}`, type.includes('json-patch') ? [] : parameters, {
          'content-type': type,
        })
      ).status,
    ).toBe(200);
});

it('what it says may be included is [search.html#include]', async () => {
  for (const type of ['Patient', 'Observation', 'Encounter', 'Location']) {
    const { searchInclude = [], searchRevInclude = [] } = of(type);
    expect(searchRevInclude).toContain('Provenance:target');
    for (const [name, values] of Object.entries({
      _include: searchInclude,
      _revinclude: searchRevInclude,
    })) {
      expect(values.length).toBeGreaterThan(1);
      expect(new Set(values).size).toBe(values.length);
      for (const value of values) {
        const { status } = await call('GET', `${type}?_count=1&${name}=${value}`);
        expect([value, status]).toEqual([value, 200]);
      }
    }
  }
  expect(of('Patient').searchRevInclude).toContain('Observation:subject');
});

it('an operation stands where it can be asked [operations.html#executing]', async () => {
  const [rest] = statement.rest!;
  const names = (all: { name?: string }[] = []) => all.map((one) => one.name);
  expect(names(rest!.operation)).not.toContain('validate');
  for (const type of ['Patient', 'Basic'])
    expect(names(of(type).operation)).toEqual(expect.arrayContaining(['validate', 'meta']));
  expect(names(of('Basic').operation)).toContain('meta-add');
  expect(names(of('AuditEvent').operation)).not.toContain('meta-add');
  expect((await call('POST', '$validate', { resourceType: 'Patient' })).status).toBe(404);
});
