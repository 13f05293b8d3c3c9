/** What the whole server says of itself in headers, whom its sockets take, and what never gets into its log. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Secret, TOTP } from 'otpauth';
import {
  passwordOf,
  secretOf,
  tokenAsked,
  totpSecret,
  twoClinics,
  type Clinic,
  type TwoClinics,
} from './testing/two-clinics.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let two: TwoClinics;
let clinic: Clinic;
let port: number;
beforeAll(async () => {
  two = await twoClinics();
  clinic = two.first;
  port = Number(new URL(two.app.baseUrl).port);
});
afterAll(() => two?.close());

const html = { accept: 'text/html' };

describe('every kind of answer', () => {
  it.each([
    ['/', html],
    ['/sign-in', html],
    ['/account', html],
    ['/shared', html],
    ['/register', html],
    ['/authorize/x', html],
    ['/oauth/authorize?client_id=nobody', html],
    ['/oauth/jwks', {}],
    ['/.well-known/openid-configuration', {}],
    ['/fhir/R4/metadata', {}],
    ['/fhir/R4/Patient', {}],
    ['/api/nothing', {}],
    ['/auth/me', {}],
    ['/healthz', {}],
    ['/nowhere.js', {}],
  ])('%s carries the policy of what it is', async (path, headers) => {
    const said = await clinic.ask(path, { headers });
    const policy = String(said.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-|\*|http:|data:(?!.*blob)/);
    expect(said.headers).not.toHaveProperty('content-security-policy-report-only');
    expect(said.headers).not.toHaveProperty('server');
    expect(said.headers).not.toHaveProperty('x-powered-by');
    expect(said.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(said.headers['permissions-policy']).toContain('publickey-credentials-get=(self)');
  });

  it('of a person or a record is kept by no cache', async () => {
    const cookie = await clinic.signIn('administrator@same.example');
    const me = await clinic.ask('/auth/me', { headers: { cookie } });
    const list = await clinic.fhir('/Patient');
    for (const { status, headers } of [me, list]) {
      expect(status).toBe(200);
      expect(headers['cache-control']).toMatch(/no-store|private|no-cache/);
    }
  });
});

/** The first line of the answer to a handshake. */
function upgrade(path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const all = {
      host: `localhost:${port}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
    socket.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    socket.once('data', (chunk) => {
      resolve(String(chunk).split('\r\n')[0]!);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('a socket', () => {
  const sockets = [
    '/api/subscriptions/socket',
    '/api/visits/3f0f6e4c-7d2a-4f3b-9a51-0c9d8e7f6a5b/socket',
  ];
  it.each(sockets)('%s is not opened by a page from elsewhere', async (path) => {
    const cookie = await clinic.signIn('administrator@same.example');
    for (const origin of [
      'https://evil.example',
      `http://localhost:${port}.evil.example`,
      `http://second.test:${port}`,
      `http://localhost:${port + 1}`,
      'null',
    ])
      expect([origin, await upgrade(path, { cookie, origin })]).toEqual([
        origin,
        'HTTP/1.1 403 Forbidden',
      ]);
    expect(await upgrade(path, { cookie })).toContain(' 403 ');
    expect(await upgrade(path, { cookie, 'sec-fetch-site': 'cross-site' })).toContain(' 403 ');
  });

  it('is opened by our own page', async () => {
    const cookie = await clinic.signIn('administrator@same.example');
    const origin = `http://localhost:${port}`;
    expect(await upgrade(sockets[0]!, { cookie, origin })).toContain(' 101 ');
  });
});

it('a day of signing in, failing to, and asking leaves no secret and no address in the log', async () => {
  const email = 'auditor@same.example';
  const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const cookie = await clinic.signIn(email);
  const code = new TOTP({ secret: Secret.fromBase32(totpSecret) }).generate();
  const wrong = 'Wrong-guess-Zanzibar-77';
  const asks: [string, Parameters<Clinic['ask']>[1]][] = [
    ['/auth/sign-in', { method: 'POST', headers: json, body: { email, password: wrong } }],
    ['/auth/second-factor', { method: 'POST', headers: { ...json, cookie }, body: { code } }],
    [
      '/auth/second-factor',
      { method: 'POST', headers: { ...json, cookie }, body: `{"code":"${code}` },
    ],
    ['/oauth/token', tokenAsked(1)],
    ['/oauth/token', { ...tokenAsked(2) }],
    [`/fhir/R4/Patient?access_token=${clinic.token}&name=Zanzibari`, {}],
    [`/fhir/R4/Patient/${clinic.token}`, { headers: { authorization: `Bearer ${clinic.token}` } }],
    [`/shared?link=${clinic.token}`, { headers: { ...html, cookie } }],
    [`/api/nothing/${clinic.token}`, { headers: { cookie, 'x-csrf': clinic.token } }],
    [
      '/fhir/R4/Patient',
      { method: 'POST', headers: { cookie }, body: { resourceType: clinic.token } },
    ],
  ];
  for (const [path, asked] of asks)
    expect((await clinic.ask(path, asked)).status).toBeLessThan(500);
  const log = two.logged();
  expect(log.length).toBeGreaterThan(1_000);
  const values = cookie.split('; ').map((one) => one.slice(one.indexOf('=') + 1));
  const secrets = [...values, clinic.token, two.second.token, wrong, passwordOf(1), secretOf(1)];
  for (const secret of [...secrets, totpSecret, email, 'Zanzibar', 'Firstperson'])
    expect(log.includes(secret) ? `${secret} is in the log` : '').toBe('');
  expect(log).not.toMatch(new RegExp(`"${code}"`));
  expect(log).not.toMatch(/"(authorization|cookie|password|code|token)":"(?!\[redacted\])/i);
});

it('HSTS is said behind a proxy that ends TLS, when that proxy is trusted, and to nobody else', async () => {
  const said = await clinic.ask('/healthz', { headers: { 'x-forwarded-proto': 'https' } });
  expect(said.headers).not.toHaveProperty('strict-transport-security');
});
