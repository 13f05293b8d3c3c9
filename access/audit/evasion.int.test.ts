/** Ways around the trail: addresses spelled otherwise, and headers that promise a socket. */
import { createConnection } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { password, stage, type Browser, type Person, type Stage } from '../testing.ts';

let at: Stage;
let person: Person;
let browser: Browser;
const patient = '018f0000-0000-7000-8000-000000000001';
beforeAll(async () => {
  at = await stage({
    prepare: (http) => {
      http.get('/fhir/R4/:type/:id', async (req, reply) => {
        Object.assign(req.evidence, { action: 'read', patients: [patient] });
        return reply.code(req.caller ? 200 : 401).send({});
      });
    },
  });
  person = await at.person('patient');
  await at.http.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => at.close());
beforeEach(async () => {
  at.clock.advance(60_000);
  browser = await at.signIn(person);
});

async function events(action: string) {
  const { rows } = await at.database.ownerDb.query<{
    outcome: number;
    patients: string[] | null;
  }>('select outcome, patients from access.audit_event where action = $1 and at >= $2', [
    action,
    at.clock.now(),
  ]);
  return rows;
}

/** As sent, byte for byte: clients tidy addresses up. */
function raw(path: string, headers: Record<string, string>, method = 'GET', body = '') {
  const { port } = at.http.server.address() as AddressInfo;
  const lines = Object.entries({ host: 'localhost:8160', connection: 'close', ...headers });
  return new Promise<number>((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
    socket.write(
      `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    );
  });
}

const cookieOf = (of: Browser): string =>
  [...of.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

describe.each([
  [
    'escaped',
    (path: string) =>
      path.replace(/^\/(.)/, (_, one: string) => `/%${one.charCodeAt(0).toString(16)}`),
  ],
  ['absolute', (path: string) => `http://localhost:8160${path}`],
  ['absolute, of another server', (path: string) => `http://elsewhere${path}`],
])('an address that is %s', (_how, spell) => {
  it('leaves its event and knows its caller', async () => {
    const status = await raw(spell(`/fhir/R4/Patient/${patient}`), { cookie: cookieOf(browser) });
    expect(status).toBe(200);
    expect(await events('read')).toEqual([{ outcome: 0, patients: [patient] }]);
  });

  it('is not a way to sign in unseen', async () => {
    at.clock.advance(1_000);
    const body = JSON.stringify({ email: person.email, password });
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    const status = await raw(spell('/auth/sign-in'), headers, 'POST', body);
    expect(status).toBe(200);
    expect(await events('sign-in')).toHaveLength(1);
  });

  it('does not let another site act for a person', async () => {
    const body = JSON.stringify({ locale: 'sv' });
    const status = await raw(
      spell('/auth/me'),
      {
        cookie: cookieOf(browser),
        origin: 'https://evil.example',
        'sec-fetch-site': 'cross-site',
        'content-type': 'application/json',
        'content-length': String(body.length),
      },
      'PATCH',
      body,
    );
    expect(status).toBe(403);
  });
});

describe('a request that asks for a socket where there is none', () => {
  it('leaves the event of what it was: whom it disclosed, and how it ended', async () => {
    const asked = {
      cookie: cookieOf(browser),
      upgrade: 'websocket',
      origin: 'http://localhost:8160',
    };
    expect(await raw(`/fhir/R4/Patient/${patient}`, asked)).toBe(200);
    expect(await events('read')).toEqual([{ outcome: 0, patients: [patient] }]);
  });
});
