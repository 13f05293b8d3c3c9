/** What an app holds: codes, tokens, their families; when they end, what they reach, and every way to cheat at them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Person, Stage } from '../testing.ts';
import type { ConnectedApps } from './contract.ts';
import {
  appStage,
  everything,
  fhir,
  testApp,
  type AppStage,
  type TestApp,
  type Tokens,
} from './testing.ts';

let at: Stage;
let app: TestApp;
let ada: Person;
let home: Browser;
let patient: string;
let callerOf: AppStage['callerOf'];
let give: AppStage['give'];

beforeAll(async () => {
  ({ at, app, ada, home, patient, callerOf, give } = await appStage());
});
afterAll(() => at.close());

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
    const other = await at.person('practitioner');
    const edits = [
      `scope = 'patient/*.cruds'`,
      `patient = gen_random_uuid()`,
      `patient = null`,
      `session = null`,
      `expires = expires + 1`,
      `account = '${other.id}'`,
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
