/** Apps that people give access to: asking, answering, launching; and every way to cheat at it. */
import { createHash, randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseUrl, password, type Browser, type Person, type Stage } from '../testing.ts';
import type { AskedAccess } from './contract.ts';
import {
  anyRecord,
  appStage,
  callback,
  everything,
  fhir,
  testApp,
  type AppStage,
  type TestApp,
} from './testing.ts';

const vitals =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';

let at: Stage;
let app: TestApp;
let ada: Person;
let home: Browser;
let patient: string;
let hidden: string;
let callerOf: AppStage['callerOf'];
let give: AppStage['give'];

beforeAll(async () => {
  ({ at, app, ada, home, patient, hidden, callerOf, give } = await appStage());
});
afterAll(() => at.close());

describe('a standalone launch [SMART App Launch 2.2]', () => {
  it('asks in her browser what was asked for, and tells nobody else', async () => {
    const { uid } = await app.ask(home, 'openid fhirUser launch/patient patient/Observation.rs');
    const question = (await app.question(home, uid)).json<AskedAccess>();
    expect(question).toEqual({
      app: { name: 'Growth chart', host: 'app.example', registered: false },
      scopes: ['openid', 'fhirUser', 'launch/patient', 'patient/Observation.rs'],
      choosesPatient: true,
      offline: false,
      mayRemember: true,
    });
    const other = await at.signIn(await at.person('patient'));
    expect((await app.question(other, uid)).statusCode).toBe(404);
    expect((await app.question(at.browser(), uid)).statusCode).toBe(401);
  });

  it.each([{ max_age: '60' }, { prompt: 'login' }])(
    'has her show again who she is where the app asks for it: %o [OpenID Connect Core 3.1.2.1]',
    async (over) => {
      const who = await at.person('patient');
      const mine = await at.signIn(who);
      at.clock.advance(61_000);
      const { uid } = await app.ask(mine, 'openid', over);
      const said = await mine.post(`/api/authorize/${uid}`, { scopes: ['openid'] });
      expect([said.statusCode, said.body]).toEqual([403, expect.stringContaining('step-up')]);
    },
  );

  it('answers by a form that its own script may send, and nothing else', async () => {
    const { uid } = await app.ask(home, 'openid', { response_mode: 'form_post' });
    const said = await home.post(`/api/authorize/${uid}`, { scopes: ['openid'] });
    const page = await home.get(said.json<{ redirect: string }>().redirect);
    const script = /<script>([^<]*)<\/script>/.exec(page.body)![1]!;
    const hash = createHash('sha256').update(script).digest('base64');
    expect(page.headers['content-security-policy']).toContain(`'sha256-${hash}'`);
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('is refused, not stumbled over, for a client of an impossible name', async () => {
    expect((await home.get('/oauth/authorize?client_id=%00&response_type=code')).statusCode).toBe(
      400,
    );
  });

  it('ends with her password: whoever knew it may have let the app in', async () => {
    const who = await at.person('patient');
    const mine = await at.signIn(who);
    const tokens = await app.tokens(mine, 'openid offline_access user/Patient.rs');
    expect(await callerOf(tokens.access_token)).toBeDefined();
    const change = { password: { current: password, next: 'seven green kettles sing' } };
    const url = '/auth/me';
    const changed = await mine.send({ method: 'PATCH', url, payload: change });
    expect(changed.statusCode).toBe(200);
    expect(await callerOf(tokens.access_token)).toBeUndefined();
    expect((await app.refresh(tokens.refresh_token!)).statusCode).toBe(400);
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
    // An address that any program on her phone may answer at is no proof of the app.
    const phone = await testApp(at, everything, { redirectUris: ['org.growth.app:/cb'] });
    const one = await phone.ask(home, scope);
    await phone.allow(home, one.uid, { scopes: scope.split(' '), patient, rememberDays: 30 });
    const two = await phone.ask(home, scope);
    const asked = (await phone.question(home, two.uid)).json<AskedAccess>();
    expect([asked.mayRemember, asked.remembered]).toEqual([false, undefined]);
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
