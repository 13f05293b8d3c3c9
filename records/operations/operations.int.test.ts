/** Operations on the wire: addresses, inputs, methods, refusals, the trail, and what /metadata says of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapabilityStatement, Parameters } from '@afar/fhir';
import { openWorld } from '../testing/world.ts';
import type { World } from '../testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
beforeAll(async () => {
  world = await openWorld();
  world.records.operation({
    name: 'echo',
    definition: 'http://example.org/OperationDefinition/echo',
    on: ['system', 'type', 'instance'],
    types: ['Patient'],
    affectsState: false,
    run: ({ inputs, level, type, id, evidence }) => {
      evidence.params.push('code', 'word');
      const body: Parameters = {
        resourceType: 'Parameters',
        parameter: [
          { name: 'place', valueString: [level, type, id].filter(Boolean).join(' ') },
          { name: 'words', valueString: inputs.texts('word').join(' ') },
        ],
      };
      return Promise.resolve({ body });
    },
  });
  world.records.operation({
    name: 'change',
    definition: 'http://example.org/OperationDefinition/change',
    on: ['type'],
    types: ['Patient'],
    affectsState: true,
    run: () => Promise.resolve({ status: 202 }),
  });
  http = await world.http();
});
afterAll(() => world.close());

const base = '/fhir/R4';

async function call(method: 'GET' | 'POST', url: string, body?: unknown) {
  const answer = await http.inject({ as: world.system, method, url: `${base}${url}`, body });
  const json = answer.text ? (JSON.parse(answer.text) as Parameters) : undefined;
  return { ...answer, said: json?.parameter?.map((one) => one.valueString) };
}

describe('an operation [operations.html#executing]', () => {
  it.each([
    ['/$echo?word=a&word=b', 'system'],
    ['/Patient/$echo?word=a&word=b', 'type Patient'],
    ['/Patient/p1/$echo?word=a&word=b', 'instance Patient p1'],
  ])('is called by GET at %s', async (url, place) => {
    expect((await call('GET', url)).said).toEqual([place, 'a b']);
  });

  it('takes its inputs from Parameters', async () => {
    const answer = await call('POST', '/Patient/$echo', {
      resourceType: 'Parameters',
      parameter: [{ name: 'word', valueString: 'posted' }],
    });
    expect(answer.said).toEqual(['type Patient', 'posted']);
  });

  it('is not found at another type, by another name, or at an unknown type', async () => {
    for (const url of ['/Observation/$echo', '/Patient/$nothing', '/Nothing/$echo', '/$change'])
      expect([url, (await call('GET', url)).status]).toEqual([url, 404]);
  });

  it('that changes something is not called by GET', async () => {
    const answer = await call('GET', '/Patient/$change');
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    expect((await call('POST', '/Patient/$change')).status).toBe(202);
  });

  it('refuses strangers, and bodies it does not read', async () => {
    expect((await http.inject({ method: 'GET', url: `${base}/$echo` })).status).toBe(401);
    const answer = await http.inject({
      as: world.system,
      method: 'POST',
      url: `${base}/$echo`,
      body: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(answer.status).toBe(415);
  });

  it('stands in the trail by name, with names of parameters that are known', async () => {
    const { headers } = await call('GET', '/Patient/$echo?word=secret');
    const { rows } = await world.data.ownerDb.query(
      'select action, type, params from access.audit_event where request = $1',
      [headers['x-request-id']],
    );
    expect(rows).toEqual([{ action: 'echo', type: 'Patient', params: ['code'] }]);
  });

  it('stands in /metadata where it is served [http.html#capabilities]', async () => {
    const { text } = await http.inject({ method: 'GET', url: `${base}/metadata` });
    const [rest] = (JSON.parse(text) as CapabilityStatement).rest!;
    const names = (type: string) =>
      rest!.resource!.find((one) => one.type === type)!.operation?.map((one) => one.name) ?? [];
    expect(rest!.operation!.map((one) => one.name)).toContain('echo');
    expect(names('Patient')).toEqual(expect.arrayContaining(['echo', 'change']));
    expect(names('Observation')).not.toContain('echo');
  });

  it('is registered once for a place', () => {
    const again = () =>
      world.records.operation({
        name: 'echo',
        definition: '',
        on: ['type'],
        types: ['Patient'],
        affectsState: false,
        run: () => Promise.resolve({}),
      });
    expect(again).toThrow('registered twice');
  });
});
