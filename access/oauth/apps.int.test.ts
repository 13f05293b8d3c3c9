/** Apps that people give access to: asking, granting, narrowing, renewing, ending; and every way to cheat at it. */
import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../caller.ts';
import { baseUrl, password, stage, type Browser, type Person, type Stage } from '../testing.ts';
import type { AskedAccess, ConnectedApps } from './contract.ts';
import { anyRecord, callback, fhir, testApp, type TestApp, type Tokens } from './testing.ts';

const everything =
  'openid fhirUser profile launch launch/patient offline_access online_access patient/*.cruds user/*.cruds';
const vitals =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';

let at: Stage;
let app: TestApp;
let ada: Person;
let home: Browser;
let patient: string;
const hidden = randomUUID();

beforeAll(async () => {
  at = await stage({
    clientRegistration: true,
    prepare: (http) => {
      http.get('/fhir/R4/probe', (req) => ({ role: req.caller?.role ?? 'nobody' }));
    },
  });
  anyRecord(at, [hidden]);
  app = await testApp(at, everything);
  ada = await at.person('patient');
  home = await at.signIn(ada);
  patient = (await at.access.accounts.get(1, ada.id))!.fhirUser!.id;
});
afterAll(() => at.close());

const callerOf = (bearer: string): Promise<Caller | undefined> =>
  at.access.authenticate({
    headers: { authorization: `Bearer ${bearer}` },
    host: 'localhost:8160',
    id: 'test',
    ip: '203.0.113.9',
  } as FastifyRequest);

const give = (scope: string, over: { granted?: string } = {}): Promise<Tokens> =>
  app.tokens(home, scope, { patient, ...over });

describe('a standalone launch [SMART App Launch 2.2]', () => {
  it('asks in her browser what was asked for, and tells nobody else', async () => {
    const { uid } = await app.ask(home, 'openid fhirUser launch/patient patient/Observation.rs');
    const question = (await app.question(home, uid)).json<AskedAccess>();
    expect(question).toEqual({
      app: { name: 'Growth chart', host: 'app.example', registered: false },
      scopes: ['openid', 'fhirUser', 'launch/patient', 'patient/Observation.rs'],
      choosesPatient: true,
      offline: false,
    });
    const other = await at.signIn(await at.person('patient'));
    expect((await app.question(other, uid)).statusCode).toBe(404);
    expect((await app.question(at.browser(), uid)).statusCode).toBe(401);
  });

  it('gives a token with its context, an id token and the person behind it', async () => {
    const tokens = await give('openid fhirUser launch/patient patient/Observation.rs');
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      scope: 'openid fhirUser launch/patient patient/Observation.rs',
      patient,
      need_patient_banner: true,
    });
    expect(tokens).not.toHaveProperty('refresh_token');
    const jwks = (await at.http.inject({ url: '/oauth/jwks' })).json<{ keys: [] }>();
    const { payload } = await jwtVerify(tokens.id_token!, createLocalJWKSet(jwks), {
      issuer: baseUrl,
      audience: app.client.client_id,
    });
    expect(payload).toMatchObject({ sub: ada.id, fhirUser: `${fhir}/Patient/${patient}` });
    expect(payload).not.toHaveProperty('name');
    expect(await callerOf(tokens.access_token)).toMatchObject({
      kind: 'user',
      id: ada.id,
      role: 'patient',
      only: patient,
      wildcard: false,
      app: { client: app.client.id },
      device: expect.stringContaining(app.client.id),
    });
  });

  it('takes scopes of version 1, and gives a granular one whole', async () => {
    const tokens = await give(`patient/Patient.read ${vitals}`);
    expect(tokens.scope).toBe(`patient/Patient.read ${vitals}`);
    expect((await callerOf(tokens.access_token))!.scopes).toEqual([
      { context: 'patient', type: 'Patient', verbs: 'rs', params: [] },
      expect.objectContaining({ type: 'Observation', params: [['category', expect.any(String)]] }),
    ]);
  });

  it('lets her leave out what she does not want, and take less of what she does', async () => {
    const tokens = await give('openid patient/*.rs patient/Observation.cruds', {
      granted: 'openid patient/Condition.rs patient/Observation.rs',
    });
    expect(tokens.scope).toBe('openid patient/Condition.rs patient/Observation.rs');
    expect((await callerOf(tokens.access_token))!.scopes).toHaveLength(2);
  });

  it.each([
    'patient/*.cruds',
    'user/Observation.rs',
    'patient/Observation.rs openid',
    'system/*.rs',
  ])('gives nothing wider than was asked: %s', async (granted) => {
    const { uid } = await app.ask(home, 'patient/Observation.rs');
    const said = await home.post(`/api/authorize/${uid}`, { scopes: granted.split(' '), patient });
    expect(said.statusCode).toBe(400);
  });

  it('shares no record that she cannot see herself', async () => {
    const { uid } = await app.ask(home, 'patient/*.rs');
    const said = await home.post(`/api/authorize/${uid}`, {
      scopes: ['patient/*.rs'],
      patient: hidden,
    });
    expect(said.statusCode).toBe(404);
  });

  it('tells the app when she refuses, and may not be asked twice by one question', async () => {
    const { uid } = await app.ask(home, 'patient/*.rs');
    const { redirect } = (await home.post(`/api/authorize/${uid}/refuse`)).json<{
      redirect: string;
    }>();
    expect(
      (await home.post(`/api/authorize/${uid}`, { scopes: ['patient/*.rs'], patient })).statusCode,
    ).toBe(404);
    const back = new URL((await home.get(redirect)).headers.location!);
    expect(back.origin + back.pathname).toBe(callback);
    expect(back.searchParams.get('error')).toBe('access_denied');
  });

  it('remembers for as long as she said, for the same question only', async () => {
    const scope = 'openid patient/Goal.rs';
    const first = await app.ask(home, scope);
    await app.allow(home, first.uid, { scopes: scope.split(' '), patient, rememberDays: 30 });
    const again = await app.ask(home, scope);
    const known = (await app.question(home, again.uid)).json<AskedAccess>();
    expect(known.remembered).toEqual({ scopes: scope.split(' '), patient });
    const more = await app.ask(home, `${scope} patient/Condition.rs`);
    expect((await app.question(home, more.uid)).json<AskedAccess>()).not.toHaveProperty(
      'remembered',
    );
  });
});

describe('an authorization request is refused', () => {
  const sent = async (scope: string, over: Record<string, string | undefined>) =>
    (await app.ask(home, scope, over)).answer;

  it.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://app.example/callback#x',
    'https://app.example.evil.example/callback',
    'https://app.example@evil.example/callback',
    'https://APP.example/callback',
    'http://app.example/callback',
    'https://app.example/callback/../other',
    'javascript:alert(1)',
    '',
  ])('with another redirect address: %s', async (uri) => {
    const answer = await sent('openid', { redirect_uri: uri });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it.each([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ['with the plain method', { code_challenge_method: 'plain' }],
    ['with a challenge and no method', { code_challenge_method: undefined }],
    ['for another server', { aud: 'https://other.example/fhir' }],
    ['for another resource', { aud: undefined, resource: 'https://other.example/fhir' }],
    ['for a token in the address', { response_type: 'token' }],
    ['for an id token in the address', { response_type: 'id_token', nonce: 'n' }],
    ['with a launch that is none', { launch: 'x' }],
    ['with parameters in a signed object', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['without asking anybody', { prompt: 'none' }],
  ])('%s', async (_name, over) => {
    const { headers } = await sent('openid patient/*.rs', over);
    const back = new URL(headers.location!);
    expect(back.origin + back.pathname).toBe(callback);
    const told = new URLSearchParams(back.search || back.hash.slice(1));
    expect(told.has('error')).toBe(true);
    for (const name of ['code', 'access_token', 'id_token']) expect(told.has(name)).toBe(false);
  });

  it('of a client that is unknown, disabled, or has no scopes yet', async () => {
    const other = await testApp(at, 'openid patient/*.rs');
    await at.access.clients.change(1, other.client.id, { status: 'disabled' });
    for (const id of [other.client.client_id, 'nobody', ''])
      expect((await sent('openid', { client_id: id })).statusCode).toBe(400);
  });
});

describe('staff', () => {
  it('without the second factor never get as far as the question', async () => {
    const doctor = await at.person('practitioner');
    const desk = at.browser();
    await desk.post('/auth/sign-in', { email: doctor.email, password });
    const { uid } = await app.ask(desk, 'user/*.rs');
    expect((await app.question(desk, uid)).statusCode).toBe(403);
    const weak = await at.signIn(await at.person('nurse', { totp: false }));
    const second = await app.ask(weak, 'user/*.rs');
    expect((await app.question(weak, second.uid)).statusCode).toBe(403);
    expect(
      (await weak.post(`/api/authorize/${second.uid}`, { scopes: ['user/*.rs'] })).statusCode,
    ).toBe(403);
  });

  it('give what they may do themselves, narrowed; how they signed in is told', async () => {
    const desk = await at.signIn(await at.person('practitioner'));
    const tokens = await app.tokens(desk, 'openid fhirUser user/Observation.rs');
    expect(decodeJwt(tokens.id_token!)).toMatchObject({
      acr: 'urn:afar:acr:two-factor',
      amr: ['mfa'],
    });
    expect(tokens).not.toHaveProperty('patient');
    const caller = (await callerOf(tokens.access_token))!;
    expect(caller).toMatchObject({ role: 'practitioner', kind: 'user', mfa: true });
    expect(caller).not.toHaveProperty('only');
  });
});

describe('a launch from a chart [SMART App Launch 2.2, EHR launch]', () => {
  let opened: TestApp;
  let desk: Browser;
  const [chart, visit] = [randomUUID(), randomUUID()];
  beforeAll(async () => {
    opened = await testApp(at, everything, {
      kind: 'confidential',
      auth: 'client_secret_basic',
      launchUri: 'https://app.example/launch',
    });
    at.access.askRecords((_caller, _type, id) => Promise.resolve(id === visit ? chart : id));
    desk = await at.signIn(await at.person('practitioner'));
  });
  afterAll(() => anyRecord(at, [hidden]));

  const launch = async (on = desk): Promise<string> => {
    const body = { client: opened.client.id, patient: chart, encounter: visit };
    const { url } = (await on.post('/api/launches', body)).json<{ url: string }>();
    expect(new URL(url).searchParams.get('iss')).toBe(fhir);
    return new URL(url).searchParams.get('launch')!;
  };

  it('is offered where there is an address to open', async () => {
    const { apps } = (await desk.get('/api/launches')).json<{ apps: { client: string }[] }>();
    expect(apps.map((one) => one.client)).toEqual([opened.client.id]);
  });

  it('brings patient and encounter, once', async () => {
    const token = await launch();
    const scope = 'openid launch patient/*.rs';
    const tokens = await opened.tokens(desk, scope, { launch: token });
    expect(tokens).toMatchObject({ patient: chart, encounter: visit, need_patient_banner: false });
    expect((await callerOf(tokens.access_token))!.only).toBe(chart);
    const again = await opened.ask(desk, scope, { launch: token });
    expect((await opened.question(desk, again.uid)).statusCode).toBe(422);
  });

  it('is worth nothing to another person, to another app, or after ten minutes', async () => {
    const token = await launch();
    const other = await at.signIn(await at.person('practitioner'));
    const scope = 'launch patient/*.rs';
    const asked = await opened.ask(other, scope, { launch: token });
    expect((await opened.question(other, asked.uid)).statusCode).toBe(422);
    const elsewhere = await app.ask(desk, scope, { launch: token });
    expect((await app.question(desk, elsewhere.uid)).statusCode).toBe(422);
    at.clock.advance(10 * 60_000);
    const late = await opened.ask(desk, scope, { launch: token });
    expect((await opened.question(desk, late.uid)).statusCode).toBe(422);
  });

  it('is not made for a chart she does not hold, nor for an encounter of another one', async () => {
    const body = { client: opened.client.id, patient: randomUUID(), encounter: visit };
    expect((await desk.post('/api/launches', body)).statusCode).toBe(404);
  });
});

describe('a code', () => {
  it('is exchanged once; its replay ends all that came of it [RFC 6749 4.1.2]', async () => {
    const code = await app.code(home, 'openid patient/*.rs', { patient });
    const tokens = (await app.exchange(code)).json<Tokens>();
    expect(await callerOf(tokens.access_token)).toBeDefined();
    expect((await app.exchange(code)).json()).toMatchObject({ error: 'invalid_grant' });
    expect(await callerOf(tokens.access_token)).toBeUndefined();
  });

  it('that two exchange at the same instant is good for one at most', async () => {
    const code = await app.code(home, 'patient/*.rs', { patient });
    const both = await Promise.all([app.exchange(code), app.exchange(code)]);
    expect(both.filter((one) => one.statusCode === 200).length).toBeLessThanOrEqual(1);
    const given = both.flatMap((one) => (one.statusCode === 200 ? [one.json<Tokens>()] : []));
    const callers = await Promise.all(given.map((one) => callerOf(one.access_token)));
    expect(callers.filter(Boolean)).toEqual([]);
  });

  it.each([
    ['the wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect address', { redirect_uri: 'https://app.example/other' }],
  ])('is not exchanged with %s', async (_name, over) => {
    const code = await app.code(home, 'patient/*.rs', { patient });
    expect((await app.exchange(code, over)).statusCode).toBe(400);
  });

  it('is not exchanged by another client, nor after a minute', async () => {
    const other = await testApp(at, everything);
    const code = await app.code(home, 'patient/*.rs', { patient });
    expect((await other.exchange(code, { code_verifier: app.verifier })).statusCode).toBe(400);
    const late = await app.code(home, 'patient/*.rs', { patient });
    at.clock.advance(61_000);
    expect((await app.exchange(late)).statusCode).toBe(400);
  });
});

describe('a family of refresh tokens', () => {
  const scope = 'openid offline_access patient/Observation.rs patient/Condition.rs';

  it('turns with each use, keeps its context, and narrows', async () => {
    const first = await give(scope);
    const second = (await app.refresh(first.refresh_token!)).json<Tokens>();
    expect(second).toMatchObject({ patient, scope });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = (
      await app.refresh(second.refresh_token!, { scope: 'patient/Condition.rs' })
    ).json<Tokens>();
    expect((await callerOf(third.access_token))!.scopes).toEqual([
      { context: 'patient', type: 'Condition', verbs: 'rs', params: [] },
    ]);
    const wider = await app.refresh(third.refresh_token!, { scope: 'patient/Goal.rs' });
    expect(wider.json()).toMatchObject({ error: 'invalid_scope' });
  });

  it('ends wholly when an old one is shown again [OAuth 2.1 4.3.1]', async () => {
    const first = await give(scope);
    const second = (await app.refresh(first.refresh_token!)).json<Tokens>();
    expect(await callerOf(second.access_token)).toBeDefined();
    expect((await app.refresh(first.refresh_token!)).json()).toMatchObject({
      error: 'invalid_grant',
    });
    expect(await callerOf(second.access_token)).toBeUndefined();
    expect((await app.refresh(second.refresh_token!)).statusCode).toBe(400);
  });

  it('is no other client’s', async () => {
    const other = await testApp(at, everything);
    const { refresh_token: token } = await give(scope);
    expect((await other.refresh(token!)).statusCode).toBe(400);
    expect((await app.refresh(token!)).statusCode).toBe(200);
  });

  it('outlives a sign-out only with offline access', async () => {
    const browser = await at.signIn(ada);
    const away = await app.tokens(browser, scope, { patient });
    const online = await app.tokens(browser, 'online_access patient/*.rs', { patient });
    const plain = await app.tokens(browser, 'patient/*.rs', { patient });
    expect(plain).not.toHaveProperty('refresh_token');
    await browser.post('/auth/sign-out');
    expect(await callerOf(away.access_token)).toBeDefined();
    expect(await callerOf(online.access_token)).toBeUndefined();
    expect(await callerOf(plain.access_token)).toBeUndefined();
    expect((await app.refresh(online.refresh_token!)).statusCode).toBe(400);
    expect((await app.refresh(away.refresh_token!)).statusCode).toBe(200);
  });
});

describe('a token is dead at the next request', () => {
  const scope = 'openid offline_access patient/*.rs';

  it('when she takes her yes back on her page of apps', async () => {
    const tokens = await give(scope);
    const { apps } = (await home.get('/api/account/apps')).json<ConnectedApps>();
    const mine = apps.find((one) => one.client === app.client.id)!;
    expect(mine).toMatchObject({ name: 'Growth chart' });
    expect(mine.grants[0]).toMatchObject({ patient, offline: true });
    expect(
      (await home.send({ method: 'DELETE', url: `/api/account/apps/${app.client.id}` })).statusCode,
    ).toBe(204);
    expect(await callerOf(tokens.access_token)).toBeUndefined();
    expect((await app.refresh(tokens.refresh_token!)).statusCode).toBe(400);
    const left = (await home.get('/api/account/apps')).json<ConnectedApps>().apps;
    expect(left.find((one) => one.client === app.client.id)).toBeUndefined();
  });

  it('when its person or its client is disabled, or the client’s scopes are narrowed', async () => {
    const other = await testApp(at, 'offline_access patient/*.rs');
    const who = await at.person('patient');
    const browser = await at.signIn(who);
    const { id } = (await at.access.accounts.get(1, who.id))!.fhirUser!;
    const tokens = await other.tokens(browser, 'offline_access patient/*.rs', { patient: id });
    await at.access.clients.change(1, other.client.id, { status: 'disabled' });
    expect(await callerOf(tokens.access_token)).toBeUndefined();
    await at.access.clients.change(1, other.client.id, { status: 'active' });
    expect(await callerOf(tokens.access_token)).toBeDefined();
    await at.access.clients.change(1, other.client.id, { scope: 'patient/Goal.rs' });
    expect((await callerOf(tokens.access_token))!.scopes).toEqual([]);
    await at.access.clients.change(1, other.client.id, { scope: 'patient/*.rs' });
    await at.access.accounts.disable(1, who.id);
    expect(await callerOf(tokens.access_token)).toBeUndefined();
    expect((await other.refresh(tokens.refresh_token!)).statusCode).toBe(400);
  });

  it('when the app revokes it, and its refresh token with all that is left [RFC 7009]', async () => {
    const tokens = await give(scope);
    const revoke = (token: string) =>
      at.http.inject({
        method: 'POST',
        url: '/oauth/revocation',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token, client_id: app.client.client_id }).toString(),
      });
    expect((await revoke(tokens.refresh_token!)).statusCode).toBe(200);
    expect((await app.refresh(tokens.refresh_token!)).statusCode).toBe(400);
    expect(await callerOf(tokens.access_token)).toBeUndefined();
  });

  it('when any column it is decided by is edited in the database', async () => {
    const edits = [
      `scope = 'patient/*.cruds'`,
      `patient = gen_random_uuid()`,
      `patient = null`,
      `session = null`,
      `expires = expires + 1`,
      `account = (select id from access.account where role = 'practitioner' limit 1)`,
    ];
    for (const edit of edits) {
      const tokens = await give('patient/Goal.rs');
      const { app: held } = (await callerOf(tokens.access_token))!;
      await at.database.ownerDb.query(`update access.app_grant set ${edit} where id = $1`, [
        held!.grant,
      ]);
      const after = await callerOf(tokens.access_token).catch(() => undefined);
      expect([edit, after]).toEqual([edit, undefined]);
    }
  });

  it('when its row is moved under another one’s yes', async () => {
    const mine = await give('patient/Goal.rs');
    const wide = await give('patient/*.cruds');
    const grants = await Promise.all([mine, wide].map((one) => callerOf(one.access_token)));
    await at.database.ownerDb.query(
      `update access.oauth set grant_hash = (select grant_hash from access.app_grant where id = $1)
       where grant_hash = (select grant_hash from access.app_grant where id = $2)`,
      [grants[1]!.app!.grant, grants[0]!.app!.grant],
    );
    expect(await callerOf(mine.access_token)).toBeUndefined();
  });
});

describe('an app’s token', () => {
  it('reaches the record store and nothing else of hers', async () => {
    const { access_token: token } = await give('openid patient/*.cruds');
    const headers = { authorization: `Bearer ${token}` };
    expect((await at.http.inject({ url: '/fhir/R4/probe', headers })).statusCode).toBe(200);
    for (const url of [
      '/api/probe',
      '/api/account/apps',
      '/api/launches',
      '/auth/sessions',
      '/auth/me',
    ])
      expect([401, 403]).toContain((await at.http.inject({ url, headers })).statusCode);
  });

  it.each([
    ['an id token', (tokens: Tokens) => tokens.id_token!],
    ['a refresh token', (tokens: Tokens) => tokens.refresh_token!],
    [
      'the id token, unsigned [RFC 8725 2.1, alg none]',
      (tokens: Tokens) =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${tokens.id_token!.split('.')[1]!}.`,
    ],
  ])('is not %s', async (_name, pick) => {
    const tokens = await give('openid offline_access patient/*.rs');
    expect(await callerOf(pick(tokens))).toBeUndefined();
  });

  it('tells who she is, as far as she let it [OpenID Connect Core 5.3]', async () => {
    const ask = (token: string) =>
      at.http.inject({ url: '/oauth/userinfo', headers: { authorization: `Bearer ${token}` } });
    const told = await give('openid fhirUser patient/*.rs');
    expect((await ask(told.access_token)).json()).toEqual({
      sub: ada.id,
      fhirUser: `${fhir}/Patient/${patient}`,
    });
    const named = await give('openid profile patient/*.rs');
    expect((await ask(named.access_token)).json()).toMatchObject({ name: ada.name });
    const silent = await give('patient/*.rs');
    expect((await ask(silent.access_token)).statusCode).toBe(403);
  });

  it('is told of by introspection to its own client, as it was granted', async () => {
    const other = await testApp(at, everything, {
      kind: 'confidential',
      auth: 'client_secret_basic',
    });
    const tokens = await other.tokens(home, 'patient/*.rs', {
      patient,
      granted: 'patient/Goal.rs',
    });
    const ask = async (by: TestApp) =>
      (
        await at.http.inject({
          method: 'POST',
          url: '/oauth/introspection',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            authorization: `Basic ${Buffer.from(`${by.client.client_id}:${by.secret}`).toString('base64')}`,
          },
          payload: new URLSearchParams({ token: tokens.access_token }).toString(),
        })
      ).json<object>();
    expect(await ask(other)).toMatchObject({ active: true, scope: 'patient/Goal.rs', patient });
    const foreign = await testApp(at, everything, {
      kind: 'confidential',
      auth: 'client_secret_basic',
    });
    expect(await ask(foreign)).toEqual({ active: false });
  });

  it('stands in for her while her yes stands', async () => {
    const { access_token: token } = await give('offline_access patient/Goal.rs');
    const { stoodFor } = await import('../stand-in.ts');
    const who = stoodFor((await callerOf(token))!);
    expect(await at.access.standIn(who, 'job')).toMatchObject({ only: patient, role: 'patient' });
    await home.send({ method: 'DELETE', url: `/api/account/apps/${app.client.id}` });
    expect(await at.access.standIn(who, 'job')).toBeUndefined();
  });
});

describe('pages of other origins', () => {
  const preflight = (url: string, origin: string) =>
    at.http.inject({
      method: 'OPTIONS',
      url,
      headers: { origin, 'access-control-request-method': 'GET' },
    });

  it.each(['/fhir/R4/probe', '/oauth/token', '/oauth/userinfo'])(
    'may read %s when they are registered, and never with a cookie',
    async (url) => {
      const ours = await preflight(url, 'https://app.example');
      expect(ours.statusCode).toBe(204);
      expect(ours.headers['access-control-allow-origin']).toBe('https://app.example');
      expect(ours.headers).not.toHaveProperty('access-control-allow-credentials');
      const foreign = await preflight(url, 'https://evil.example');
      expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('reach nothing besides', async () => {
    for (const url of ['/api/account/apps', '/auth/me', '/oauth/authorize', '/oauth/introspection'])
      expect((await preflight(url, 'https://app.example')).headers).not.toHaveProperty(
        'access-control-allow-origin',
      );
  });
});
