/** Client credentials: tokens for programs, their scopes, their ends, and what lies in the database of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may } from '../may.ts';
import { stage, baseUrl, type Stage } from '../testing.ts';
import type { Caller } from '../caller.ts';

const secret = 'an-api-secret-of-quite-some-length-4711';
const clientId = 'lab-import';
let at: Stage;

beforeAll(async () => {
  at = await stage();
  await at.access.clients.create({
    tenant: 1,
    id: clientId,
    secret,
    scope: 'system/Observation.cruds system/Patient.rs',
    name: 'Laboratory',
  });
  await at.access.clients.create({
    tenant: 1,
    id: 'everything',
    secret: secret + '-2',
    scope: 'system/*.cruds',
  });
});
afterAll(() => at.close());

const basic = (id: string, word: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(word)}`).toString('base64')}`;

const form = (url: string, fields: Record<string, string>, authorization?: string) =>
  at.http.inject({
    method: 'POST',
    url,
    headers: {
      host: 'localhost:8160',
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization && { authorization }),
    },
    payload: new URLSearchParams(fields).toString(),
  });

const ask = (scope: string, id = clientId, word = secret) =>
  form('/oauth/token', { grant_type: 'client_credentials', scope }, basic(id, word));

async function token(scope: string, id = clientId, word = secret): Promise<string> {
  const answer = await ask(scope, id, word);
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return answer.json<{ access_token: string }>().access_token;
}

async function callerOf(bearer: string): Promise<Caller | undefined> {
  const answer = await at.http.inject({
    url: '/api/probe',
    headers: { host: 'localhost:8160', authorization: `Bearer ${bearer}` },
  });
  if (answer.statusCode !== 200) return undefined;
  const req = {
    headers: { authorization: `Bearer ${bearer}` },
    host: 'localhost',
    id: 'x',
    ip: '',
  };
  return at.access.authenticate(req as never);
}

describe('the token endpoint [RFC 6749 4.4]', () => {
  it('gives a token for what the client may have', async () => {
    const answer = await ask('system/Observation.rs');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]{43}$/) as string,
      expires_in: 3600,
      token_type: 'Bearer',
      scope: 'system/Observation.rs',
    });
  });

  it('takes the secret in the body as well', async () => {
    const answer = await form('/oauth/token', {
      grant_type: 'client_credentials',
      scope: 'system/Patient.rs',
      client_id: clientId,
      client_secret: secret,
    });
    expect(answer.statusCode).toBe(200);
  });

  it('drops scopes beyond the client’s, and says which are left', async () => {
    const answer = await ask(
      'system/Observation.r system/Patient.cruds system/Condition.rs openid',
    );
    expect(answer.json()).toMatchObject({ scope: 'system/Observation.r' });
  });

  it('keeps a granular scope whole', async () => {
    const scope = 'system/Observation.rs?category=laboratory';
    expect((await ask(scope)).json()).toMatchObject({ scope });
  });

  it.each([
    'system/*.cruds',
    'system/Condition.rs',
    'user/Observation.rs',
    'patient/Observation.rs',
    'openid',
    '',
  ])('refuses when nothing is left of "%s"', async (scope) => {
    const answer = await ask(scope);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: 'invalid_scope' });
  });

  it.each([
    ['a wrong secret', clientId, 'an-api-secret-of-quite-some-length-4712'],
    ['the stored hash as secret', clientId, 'hash'],
    ['an unknown client', 'nobody', secret],
    ['another client’s secret', 'everything', secret],
  ])('refuses %s', async (_what, id, word) => {
    const { rows } = await at.database.ownerDb.query<{ hash: string }>(
      `select encode(secret_hash, 'hex') as hash from access.client where client_id = $1`,
      [clientId],
    );
    const answer = await ask('system/Patient.rs', id, word === 'hash' ? rows[0]!.hash : word);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ error: 'invalid_client' });
  });

  it('refuses other grants and other resources', async () => {
    const other = await form(
      '/oauth/token',
      { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://x.example' },
      basic(clientId, secret),
    );
    expect(other.statusCode).toBe(400);
    const elsewhere = await form(
      '/oauth/token',
      {
        grant_type: 'client_credentials',
        scope: 'system/Patient.rs',
        resource: 'https://x.example',
      },
      basic(clientId, secret),
    );
    expect(elsewhere.json()).toMatchObject({ error: 'invalid_target' });
  });

  it('refuses weak secrets and scopes of people when a client is made', async () => {
    const make = (over: object) =>
      at.access.clients.create({ tenant: 1, id: 'x', secret, scope: 'system/*.rs', ...over });
    await expect(make({ secret: 'short' })).rejects.toThrow('at least 32');
    await expect(make({ scope: 'user/*.rs' })).rejects.toThrow('system scopes');
    await expect(make({ scope: '' })).rejects.toThrow('system scopes');
  });
});

describe('a bearer', () => {
  it('is a system caller narrowed by its scopes', async () => {
    const caller = (await callerOf(await token('system/Observation.rs')))!;
    expect(caller).toMatchObject({ kind: 'client', role: 'system', wildcard: true, tenant: 1 });
    expect(may(caller, 'search', 'Observation')).toBe(true);
    expect(may(caller, 'create', 'Observation')).toBe(false);
    expect(may(caller, 'read', 'Patient')).toBe(false);
  });

  it.each(['', 'x', 'nonsense-nonsense-nonsense-nonsense-nonsens', '../../etc/passwd'])(
    'is nobody with "%s"',
    async (bearer) => expect(await callerOf(bearer)).toBeUndefined(),
  );

  it('is told so with 401 and how to do better', async () => {
    const answer = await at.http.inject({
      url: '/api/probe',
      headers: { authorization: 'Bearer nonsense-nonsense-nonsense' },
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
  });

  it('does not fall back on a cookie', async () => {
    const browser = await at.signIn(await at.person('patient'));
    const answer = await browser.send({
      url: '/api/probe',
      headers: { authorization: 'Bearer nonsense-nonsense-nonsense' },
    });
    expect(answer.statusCode).toBe(401);
  });

  it('ends after an hour', async () => {
    const bearer = await token('system/Patient.rs');
    at.clock.advance(3_599_000);
    expect(await callerOf(bearer)).toBeDefined();
    at.clock.advance(1_000);
    expect(await callerOf(bearer)).toBeUndefined();
  });

  it('ends at once when it is revoked, by its own client only [RFC 7009]', async () => {
    const bearer = await token('system/Patient.rs');
    await form('/oauth/revocation', { token: bearer }, basic('everything', secret + '-2'));
    expect(await callerOf(bearer)).toBeDefined();
    const answer = await form('/oauth/revocation', { token: bearer }, basic(clientId, secret));
    expect(answer.statusCode).toBe(200);
    expect(await callerOf(bearer)).toBeUndefined();
  });

  it('ends at once when its client is disabled', async () => {
    const wide = await token('system/*.rs', 'everything', secret + '-2');
    expect(await callerOf(wide)).toBeDefined();
    await at.access.clients.setStatus(1, 'everything', 'disabled');
    expect(await callerOf(wide)).toBeUndefined();
    expect((await ask('system/Patient.rs', 'everything', secret + '-2')).statusCode).toBe(401);
    await at.access.clients.setStatus(1, 'everything', 'active');
  });

  it('gains nothing by an edit in the database', async () => {
    const bearer = await token('system/Patient.rs');
    await at.database.ownerDb.query(`update access.oauth set scope = 'system/Observation.cruds'`);
    expect(await callerOf(bearer)).toBeUndefined();
  });
});

describe('introspection [RFC 7662]', () => {
  const introspect = (bearer: string, id: string, word: string) =>
    form('/oauth/introspection', { token: bearer }, basic(id, word));

  it('tells a client about its own tokens only', async () => {
    const bearer = await token('system/Patient.rs');
    const own = await introspect(bearer, clientId, secret);
    expect(own.json()).toMatchObject({
      active: true,
      client_id: clientId,
      scope: 'system/Patient.rs',
    });
    const foreign = await introspect(bearer, 'everything', secret + '-2');
    expect(foreign.json()).toEqual({ active: false });
    const nobody = await form('/oauth/introspection', { token: bearer });
    expect(nobody.statusCode).toBe(400);
  });
});

describe('discovery', () => {
  it('names what works, and every address it names answers', async () => {
    for (const url of [
      '/fhir/R4/.well-known/smart-configuration',
      '/.well-known/openid-configuration',
    ]) {
      const document = (await at.http.inject({ url })).json<Record<string, unknown>>();
      expect(document).toMatchObject({
        token_endpoint: `${baseUrl}/oauth/token`,
        authorization_endpoint: `${baseUrl}/oauth/authorize`,
        grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
        code_challenge_methods_supported: ['S256'],
      });
      expect(document).not.toHaveProperty('registration_endpoint');
      for (const [name, value] of Object.entries(document).filter(([key]) =>
        /endpoint$|_uri$/.test(key),
      )) {
        const path = (value as string).replace(baseUrl, '');
        const method = /^(jwks_uri|authorization|userinfo)/.test(name) ? 'GET' : 'POST';
        const answer = await at.http.inject({ method, url: path });
        expect([200, 400, 401]).toContain(answer.statusCode);
      }
    }
  });

  it('what is not named is not there', async () => {
    for (const url of [
      '/oauth/authorization',
      '/oauth/auth',
      '/oauth/reg',
      '/oauth/register',
      '/oauth/me',
      '/oauth/session/end',
    ])
      expect((await at.http.inject({ url })).statusCode).toBe(404);
  });

  it('publishes public keys only', async () => {
    const { keys } = (await at.http.inject({ url: '/oauth/jwks' })).json<{ keys: object[] }>();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', alg: 'ES256' });
    expect(keys[0]).not.toHaveProperty('d');
  });
});

describe('what lies in the database', () => {
  it('is no token, no secret and no private key', async () => {
    const bearer = await token('system/Patient.rs');
    const jwks = (await at.http.inject({ url: '/oauth/jwks' })).json<{ keys: { x: string }[] }>();
    const tables = ['oauth', 'client', 'signing_key', 'session', 'account'];
    for (const table of tables) {
      const { rows } = await at.database.ownerDb.query<{ text: string }>(
        `select t::text as text from access.${table} t`,
      );
      const all = rows.map((row) => row.text).join('\n');
      for (const word of [bearer, secret, jwks.keys[0]!.x, 'Laboratory']) {
        expect(all).not.toContain(word);
        expect(all).not.toContain(Buffer.from(word).toString('hex'));
      }
    }
    expect(at.log.text()).not.toContain(bearer);
    expect(at.log.text()).not.toContain(secret);
  });

  it('every token request has left an event that names its client', async () => {
    const before = await at.access.clients.find(1, clientId);
    at.clock.advance(1_000);
    await ask('system/Patient.rs');
    await ask('system/Patient.rs', clientId, 'wrong-wrong-wrong');
    const { rows } = await at.database.db.query<{ who: string; outcome: number; role: string }>(
      `select who, outcome, role from access.audit_event where action = 'token' order by at desc, id desc limit 2`,
    );
    expect(new Set(rows.map((row) => row.outcome))).toEqual(new Set([0, 4]));
    for (const row of rows) expect(row.who).toBe(before!.id);
  });
});
