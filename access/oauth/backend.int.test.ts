/** Programs that sign their requests, keys fetched by the guarded way out, clients that register themselves, and keys that turn. */
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseUrl, stage, type Browser, type Stage } from '../testing.ts';
import type { NewClientSecret, OfficeClient, OfficeClients } from './contract.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const tokenUrl = `${baseUrl}/oauth/token`;

const pair = (alg: 'ES384' | 'RS384'): { privateKey: KeyObject; publicKey: KeyObject } =>
  alg === 'ES384'
    ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });

const jwkOf = async (key: KeyObject, alg: string): Promise<JWK> => ({
  ...(await exportJWK(key)),
  kid: `key-${alg}`,
  alg,
  use: 'sig',
});

let at: Stage;
let office: Browser;
/** What is published at an address, and which addresses were asked for. */
const published = new Map<string, object>();
const asked: string[] = [];

beforeAll(async () => {
  at = await stage({
    clientRegistration: true,
    outbound: {
      request({ url }) {
        asked.push(url);
        const body = published.get(url);
        if (!body) return Promise.reject(new Error('the address is not on the public network'));
        return Promise.resolve({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify(body)),
        });
      },
    },
  });
  office = await at.signIn(await at.person('administrator'));
});
afterAll(() => at.close());

const post = (url: string, body: Record<string, string>) =>
  at.http.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(body).toString(),
  });

/** Asked by one administrator, decided by another. */
async function approved(answer: { statusCode: number; body: string }): Promise<NewClientSecret> {
  expect(answer.statusCode).toBe(202);
  const made = JSON.parse(answer.body) as NewClientSecret;
  await at.approve(made.asked!.approval.id);
  return made;
}

const backend = async (keys: object): Promise<OfficeClient> => {
  const made = await office.post('/api/office/clients', {
    name: 'Registry',
    kind: 'backend',
    auth: 'private_key_jwt',
    scope: 'system/Patient.rs',
    ...keys,
  });
  return (await approved(made)).client;
};

interface Over {
  aud?: string;
  iss?: string;
  jti?: string;
  /** Seconds from now. */
  exp?: number;
}

function assertion(
  { clientId }: OfficeClient,
  key: KeyObject,
  alg: string,
  { aud = tokenUrl, iss = clientId, jti = randomUUID(), exp = 240 }: Over = {},
): Promise<string> {
  return new SignJWT({ jti })
    .setProtectedHeader({ alg, kid: `key-${alg}`, typ: 'JWT' })
    .setIssuer(iss)
    .setSubject(iss)
    .setAudience(aud)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + exp)
    .sign(key);
}

const token = (signed: string) =>
  post('/oauth/token', {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    client_assertion_type: assertionType,
    client_assertion: signed,
  });

describe('a backend service [SMART App Launch 2.2, backend services]', () => {
  it.each(['ES384', 'RS384'] as const)('signs with %s, each assertion once', async (alg) => {
    const { privateKey, publicKey } = pair(alg);
    const client = await backend({ jwks: { keys: [await jwkOf(publicKey, alg)] } });
    const signed = await assertion(client, privateKey, alg);
    expect((await token(signed)).json()).toMatchObject({ scope: 'system/Patient.rs' });
    expect((await token(signed)).json()).toMatchObject({ error: 'invalid_client' });
    const both = await assertion(client, privateKey, alg);
    const answers = await Promise.all([token(both), token(both)]);
    expect(answers.map((one) => one.statusCode).filter((one) => one === 200).length).toBeLessThan(
      2,
    );
  });

  it('is refused with another audience, key, name, or a life too long; and unsigned', async () => {
    const { privateKey, publicKey } = pair('ES384');
    const client = await backend({ jwks: { keys: [await jwkOf(publicKey, 'ES384')] } });
    const none = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = {
      iss: client.clientId,
      sub: client.clientId,
      aud: tokenUrl,
      jti: 'x',
      exp: 4e9,
    };
    for (const bad of [
      await assertion(client, privateKey, 'ES384', { aud: 'https://other.example/token' }),
      await assertion(client, privateKey, 'ES384', { iss: 'somebody' }),
      await assertion(client, privateKey, 'ES384', { exp: 3_600 }),
      await assertion(client, privateKey, 'ES384', { exp: -120 }),
      await assertion(client, pair('ES384').privateKey, 'ES384'),
      `${none({ alg: 'none' })}.${none(claims)}.`,
    ])
      expect((await token(bad)).json()).toMatchObject({ error: 'invalid_client' });
  });

  it('publishes its keys, which are fetched by the guarded way out alone', async () => {
    const { privateKey, publicKey } = pair('ES384');
    published.set('https://registry.example/jwks', { keys: [await jwkOf(publicKey, 'ES384')] });
    const client = await backend({ jwksUri: 'https://registry.example/jwks' });
    expect((await token(await assertion(client, privateKey, 'ES384'))).statusCode).toBe(200);
    expect(asked).toContain('https://registry.example/jwks');
    const inside = await backend({ jwksUri: 'https://inside.example/jwks' });
    expect((await token(await assertion(inside, privateKey, 'ES384'))).statusCode).toBeGreaterThan(
      399,
    );
  });

  it('is given no private key, no weak one, and no scope of people', async () => {
    const { privateKey, publicKey } = pair('ES384');
    const weak = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const good = [await jwkOf(publicKey, 'ES384')];
    for (const over of [
      { jwks: { keys: [await jwkOf(privateKey, 'ES384')] } },
      { jwks: { keys: [await jwkOf(weak, 'ES256')] } },
      { jwks: { keys: [] } },
      { jwks: { keys: good }, scope: 'patient/*.rs' },
      { jwks: { keys: good }, redirectUris: ['https://x.example/cb'] },
      { jwksUri: 'http://x.example/jwks' },
      { auth: 'none' },
      {},
    ]) {
      const body = { name: 'X', kind: 'backend', auth: 'private_key_jwt', scope: 'system/*.rs' };
      expect((await office.post('/api/office/clients', { ...body, ...over })).statusCode).toBe(400);
    }
  });
});

describe('an administrator’s client', () => {
  it('shows its secret once, may get a new one, and is dead when switched off', async () => {
    const answer = await office.post('/api/office/clients', {
      name: 'Lab',
      kind: 'backend',
      auth: 'client_secret_basic',
      scope: 'system/Patient.rs',
    });
    const made = answer.json<NewClientSecret>();
    const ask = (secret: string) =>
      post('/oauth/token', {
        grant_type: 'client_credentials',
        scope: 'system/Patient.rs',
        client_id: made.client.clientId,
        client_secret: secret,
      });
    // One administrator alone makes no program that reads the clinic, and takes over none that is there.
    expect((await ask(made.secret!)).statusCode).toBe(401);
    const decide = `/api/office/approvals/${made.asked!.approval.id}/approve`;
    expect((await office.post(decide)).statusCode).toBe(403);
    await approved(answer);
    expect((await ask(made.secret!)).statusCode).toBe(200);
    const list = await office.get('/api/office/clients');
    expect(list.body).not.toContain(made.secret);
    const renewed = await office.post(`/api/office/clients/${made.client.id}/secret`);
    const wider = await office.send({
      method: 'PATCH',
      url: `/api/office/clients/${made.client.id}`,
      payload: { scope: 'system/*.cruds' },
    });
    expect([wider.statusCode, wider.json<OfficeClient>().scope]).toEqual([
      202,
      'system/Patient.rs',
    ]);
    expect((await ask(made.secret!)).statusCode).toBe(200);
    expect((await ask(renewed.json<NewClientSecret>().secret!)).statusCode).toBe(401);
    await approved(renewed);
    expect((await ask(made.secret!)).statusCode).toBe(401);
    expect((await ask(renewed.json<NewClientSecret>().secret!)).statusCode).toBe(200);
    await office.send({
      method: 'PATCH',
      url: `/api/office/clients/${made.client.id}`,
      payload: { status: 'disabled' },
    });
    expect((await ask(renewed.json<NewClientSecret>().secret!)).statusCode).toBe(401);
  });

  it('is nobody else’s to see or make', async () => {
    for (const role of ['practitioner', 'patient', 'auditor'] as const) {
      const other = await at.signIn(await at.person(role));
      expect((await other.get('/api/office/clients')).statusCode).toBe(403);
    }
  });
});

describe('a client that registers itself [RFC 7591]', () => {
  const register = (body: object, bearer?: string) =>
    at.http.inject({
      method: 'POST',
      url: '/oauth/register',
      headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }) },
      payload: body,
    });
  const wish = {
    client_name: 'Diary',
    redirect_uris: ['https://diary.example/cb'],
    token_endpoint_auth_method: 'none',
    scope: 'openid patient/*.cruds',
  };

  it('needs a token, good once, and is powerless until it is let in', async () => {
    const { token: invite } = (await office.post('/api/office/clients/registration-token')).json<{
      token: string;
    }>();
    expect((await register(wish)).statusCode).toBe(401);
    expect((await register(wish, 'x'.repeat(43))).statusCode).toBe(401);
    const made = await register(wish, invite);
    expect(made.statusCode).toBe(201);
    const { client_id: id, scope } = made.json<{ client_id: string; scope: string }>();
    expect(scope).toBe('');
    expect((await register(wish, invite)).statusCode).toBe(401);
    const begin = () =>
      at.http.inject({
        url: `/oauth/authorize?${new URLSearchParams({
          client_id: id,
          response_type: 'code',
          redirect_uri: 'https://diary.example/cb',
          scope: 'openid patient/*.rs',
          code_challenge: 'x'.repeat(43),
          code_challenge_method: 'S256',
        }).toString()}`,
      });
    expect((await begin()).statusCode).toBe(400);
    const { clients } = (await office.get('/api/office/clients')).json<OfficeClients>();
    expect(clients.find((one) => one.clientId === id)).toMatchObject({
      status: 'pending',
      registered: true,
      scope: '',
    });
    const change = (payload: object) =>
      office.send({ method: 'PATCH', url: `/api/office/clients/${id}`, payload });
    await change({ status: 'active', scope: 'openid patient/*.rs' });
    expect((await begin()).statusCode).toBe(303);
  });

  it('cannot ask for what clients cannot be', async () => {
    const { token: invite } = (await office.post('/api/office/clients/registration-token')).json<{
      token: string;
    }>();
    for (const over of [
      { redirect_uris: ['http://diary.example/cb'] },
      { redirect_uris: [] },
      { grant_types: ['implicit'] },
      { grant_types: ['password'] },
      { client_name: '' },
    ])
      expect((await register({ ...wish, ...over }, invite)).statusCode).toBeGreaterThan(399);
  });
});

it('signing keys turn: published before they sign, and after', async () => {
  const kids = async (): Promise<string[]> =>
    (await at.http.inject({ url: '/oauth/jwks' }))
      .json<{ keys: { kid: string }[] }>()
      .keys.map((one) => one.kid);
  const [first] = await kids();
  at.clock.advance(90 * 86_400_000);
  const both = await kids();
  expect(both).toHaveLength(2);
  expect(both[0]).toBe(first);
  at.clock.advance(3 * 3_600_000);
  expect((await kids())[0]).toBe(both[1]);
  at.clock.advance(2 * 86_400_000);
  expect(await kids()).toEqual([both[1]]);
});
