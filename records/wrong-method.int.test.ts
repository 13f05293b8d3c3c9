/** Known addresses asked the wrong way, addresses with a slash too many, and what a deletion is answered with. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, OperationOutcome, Patient } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let id: string;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  ({ id } = await world.patient());
});
afterAll(() => world.close());

const call = (
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => http.inject({ as: world.system, method, url: `/fhir/R4${url}`, body, headers });

describe('a method that a known address does not have', () => {
  it.each([
    ['POST', '/Patient/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['PUT', '/Patient/x/_history', 'GET, HEAD'],
    ['POST', '/Patient/_history', 'GET, HEAD'],
    ['DELETE', '/Patient/x/_history/1', 'GET, HEAD'],
    ['GET', '/Patient/_search', 'POST'],
    ['GET', '/_search', 'POST'],
    ['HEAD', '/_search', 'POST'],
    ['POST', '/_history', 'GET, HEAD'],
    ['POST', '/metadata', 'GET, HEAD'],
    ['PUT', '/', 'GET, HEAD, POST'],
    ['PUT', '/Patient/x/Observation', 'GET, HEAD'],
    ['POST', '/Binary/x', 'GET, HEAD, PUT, PATCH, DELETE'],
  ] as const)(
    '%s %s is 405, and it says which it has [RFC 9110 15.5.6]',
    async (method, url, allow) => {
      // The body is not even read: it is of a type that is not taken.
      const body = method === 'GET' || method === 'HEAD' ? undefined : '<x/>';
      const headers = body && { 'content-type': 'application/fhir+xml' };
      const answer = await call(method, url, body, headers || {});
      expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
      expect(answer.text.includes('not-supported')).toBe(method !== 'HEAD');
    },
  );

  it.each([
    '/Nothing/x',
    '/Patient/$Nothing',
    '/Patient/$nothing',
    '/Patient/x/$Nothing',
    '/a/b/c/d/e',
  ])('POST %s is 404: there is no such address', async (url) =>
    expect((await call('POST', url, {})).status).toBe(404),
  );

  it('is refused to a stranger as well, whatever is there', async () => {
    const answers = await Promise.all(
      [id, 'none'].map((one) => http.inject({ method: 'POST', url: `/fhir/R4/Patient/${one}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual([405, 405]);
  });
});

it('a type with a slash at its end is the type', async () => {
  const made = await call('POST', '/Patient/', { resourceType: 'Patient', active: true });
  expect(made.status).toBe(201);
  const found = await call('GET', `/Patient/?_id=${id}`);
  expect((JSON.parse(found.text) as Bundle).entry).toHaveLength(1);
  const answer = await call('GET', '/Nothing/');
  expect(answer.status).toBe(404);
  expect((JSON.parse(answer.text) as OperationOutcome).resourceType).toBe('OperationOutcome');
});

describe('a DELETE', () => {
  it('is answered with the version it made [http.html#delete]', async () => {
    const one = JSON.parse(
      (await call('POST', '/Patient', { resourceType: 'Patient' })).text,
    ) as Patient;
    const first = await call('DELETE', `/Patient/${one.id}`);
    expect([first.status, first.headers.etag, first.text]).toEqual([204, 'W/"2"', '']);
    const again = await call('DELETE', `/Patient/${one.id}`);
    expect([again.status, again.headers.etag]).toEqual([204, 'W/"2"']);
  });

  it('by a condition too, when it was one', async () => {
    const identifier = [{ system: 'urn:mrn', value: 'to-go' }];
    await call('POST', '/Patient', { resourceType: 'Patient', identifier });
    const gone = await call('DELETE', '/Patient?identifier=urn:mrn|to-go');
    expect([gone.status, gone.headers.etag]).toEqual([204, 'W/"2"']);
    const none = await call('DELETE', '/Patient?identifier=urn:mrn|to-go');
    expect([none.status, none.headers.etag]).toEqual([204, undefined]);
  });
});
