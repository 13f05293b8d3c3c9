/** Passkeys: a sign-in by themselves, a second factor, a fresh proof; and everything that is none. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  Factors,
  Me,
  NewFactor,
  PasskeyCreation,
  PasskeyOptions,
  SignInResponse,
} from '../contract.ts';
import { baseUrl, password, stage, type Browser, type Person, type Stage } from '../testing.ts';
import { totpCode } from '../totp.ts';
import { authenticator, type Authenticator, type Lies } from './testing.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());
beforeEach(() => at.clock.advance(60_000));

const origin = baseUrl;

async function register(browser: Browser, name = 'Laptop', lies: Lies = {}) {
  const key = authenticator(origin);
  const options = (await browser.post('/auth/passkeys/options')).json<PasskeyCreation>();
  const answer = await browser.post('/auth/passkeys', { name, passkey: key.make(options, lies) });
  return { key, options, answer };
}

const optionsFor = async (browser: Browser, purpose = 'sign-in'): Promise<PasskeyOptions> =>
  (await browser.post('/auth/passkey/options', { purpose })).json<PasskeyOptions>();

async function enter(browser: Browser, key: Authenticator, lies: Lies = {}) {
  const passkey = key.sign(await optionsFor(browser), lies);
  return browser.post('/auth/passkey', { passkey });
}

/** A person with a passkey, and the browser she made it in. */
async function holder(role: 'patient' | 'practitioner' = 'practitioner') {
  const who = await at.person(role);
  const home = await at.signIn(who);
  const { key, answer } = await register(home);
  expect(answer.statusCode).toBe(201);
  return { who, home, key, made: answer.json<NewFactor>() };
}

const reaches = async (browser: Browser): Promise<number> =>
  (await browser.get('/api/probe')).statusCode;

describe('a passkey', () => {
  it('is made, named, listed and removed by the person signed in', async () => {
    const { who, home, made } = await holder();
    // She had an app before, and codes came with nothing: they come with the first factor alone.
    expect(made.recoveryCodes).toBeUndefined();
    expect(made.me.factors).toEqual(['passkey', 'totp']);
    const { passkeys } = (await home.get('/auth/factors')).json<Factors>();
    expect(passkeys).toMatchObject([{ name: 'Laptop', synced: false }]);
    const url = `/auth/passkeys/${passkeys[0]!.id}`;
    const renamed = await home.send({ method: 'PATCH', url, payload: { name: 'Old laptop' } });
    expect(renamed.statusCode).toBe(204);
    const stranger = await at.signIn(await at.person('patient'));
    expect((await stranger.send({ method: 'DELETE', url })).statusCode).toBe(404);
    expect((await home.get('/auth/factors')).json<Factors>().passkeys[0]!.name).toBe('Old laptop');
    at.clock.advance(1);
    expect((await home.send({ method: 'DELETE', url })).statusCode).toBe(204);
    const after = (await home.get('/auth/factors')).json<Factors>();
    expect(after).toMatchObject({ passkeys: [], totp: true, required: true });
    const told = await at.access.notices.list(1, who.id, 10);
    expect(told.map((one) => one.about['what'])).toEqual(['passkey-removed', 'passkey-added']);
  });

  it('signs in alone, and counts as every factor', async () => {
    const { key, who } = await holder();
    at.clock.advance(1);
    const browser = at.browser();
    const answer = await enter(browser, key);
    expect(answer.json<SignInResponse>()).toMatchObject({
      status: 'signed-in',
      me: { accountId: who.id, mfa: true },
    });
    expect(await reaches(browser)).toBe(200);
    const { passkeys } = (await browser.get('/auth/factors')).json<Factors>();
    expect(passkeys[0]!.lastUsed).toBe(at.clock.now());
    expect((await at.access.notices.list(1, who.id, 10))[0]!.kind).toBe('device-new');
  });

  it('is the second factor after a password, even where its row was taken from the table', async () => {
    const { key, who, made } = await holder('patient');
    expect(made.recoveryCodes).toHaveLength(10);
    const browser = at.browser();
    const first = await browser.post('/auth/sign-in', { email: who.email, password });
    expect(first.json()).toEqual({ status: 'second-factor', methods: ['passkey', 'recovery'] });
    expect(await reaches(browser)).toBe(403);
    const options = await optionsFor(browser, 'second-factor');
    expect(options.allowCredentials).toHaveLength(1);
    const passkey = key.sign(options);
    expect((await browser.post('/auth/second-factor', { passkey })).statusCode).toBe(200);
    expect(await reaches(browser)).toBe(200);
    await at.database.ownerDb.query('delete from access.passkey where account = $1', [who.id]);
    const thief = at.browser();
    const second = await thief.post('/auth/sign-in', { email: who.email, password });
    expect(second.json<SignInResponse>().status).toBe('second-factor');
    expect(await reaches(thief)).toBe(403);
  });

  it('begins a session of its own: one that somebody planted is over, and not hers [session fixation]', async () => {
    const { key, who } = await holder('patient');
    const thief = await at.signIn(await at.person('patient'));
    const planted = thief.cookies.get('afar_session')!;
    const browser = at.browser();
    browser.cookies.set('afar_session', planted);
    const answer = await enter(browser, key);
    expect(answer.json<SignInResponse>()).toMatchObject({ me: { accountId: who.id } });
    expect(browser.cookies.get('afar_session')).not.toBe(planted);
    expect(await reaches(thief)).toBe(401);
  });

  it('makes a session fresh', async () => {
    const { key } = await holder();
    const browser = at.browser();
    await enter(browser, key);
    at.clock.advance(10 * 60_000);
    expect((await browser.post('/auth/totp')).json()).toMatchObject({
      issue: [{ details: { coding: [{ code: 'step-up-required' }] } }],
    });
    const passkey = key.sign(await optionsFor(browser, 'step-up'));
    expect((await browser.post('/auth/step-up', { passkey })).statusCode).toBe(204);
    expect((await browser.post('/auth/totp')).statusCode).toBe(200);
  });
});

describe('what is no passkey of hers', () => {
  const wrong: [string, Lies][] = [
    ['another origin', { origin: 'https://afar.evil.example' }],
    ['another port of this host', { origin: 'http://localhost:9999' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['a user nobody looked at', { unverified: true }],
    ['a challenge of its own', { challenge: Buffer.alloc(72).toString('base64url') }],
    ['a user handle of somebody else', { handle: Buffer.alloc(16, 7).toString('base64url') }],
  ];

  it.each(wrong)('%s signs nobody in', async (_what, lies) => {
    const { key } = await holder('patient');
    const browser = at.browser();
    const refused = await enter(browser, key, lies);
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({
      issue: [{ details: { coding: [{ code: 'bad-credentials' }] } }],
    });
    expect(await reaches(browser)).toBe(401);
    expect((await enter(browser, key)).statusCode).toBe(200);
  });

  it.each(wrong.slice(0, 5))('%s makes none', async (_what, lies) => {
    const home = await at.signIn(await at.person('patient'));
    const { answer } = await register(home, 'Phone', lies);
    expect(answer.statusCode).toBe(403);
    expect((await home.get('/auth/factors')).json<Factors>().passkeys).toEqual([]);
  });

  it('a challenge counts once, for ten minutes, in the browser that asked, for what it asked', async () => {
    const { key, home } = await holder('patient');
    const browser = at.browser();
    const options = await optionsFor(browser);
    const passkey = key.sign(options);
    const elsewhere = at.browser();
    await optionsFor(elsewhere);
    expect((await elsewhere.post('/auth/passkey', { passkey })).statusCode).toBe(401);
    expect((await at.browser().post('/auth/passkey', { passkey })).statusCode).toBe(401);
    expect((await browser.post('/auth/passkey', { passkey })).statusCode).toBe(200);
    // Replayed as it was, and signed once more with a counter that grew.
    expect((await browser.post('/auth/passkey', { passkey })).statusCode).toBe(401);
    const again = await browser.post('/auth/passkey', { passkey: key.sign(options) });
    expect(again.statusCode).toBe(401);
    const late = key.sign(await optionsFor(browser));
    at.clock.advance(10 * 60_000);
    expect((await browser.post('/auth/passkey', { passkey: late })).statusCode).toBe(401);
    // One that was given for signing in proves nothing again.
    const other = key.sign(await optionsFor(home));
    expect((await home.post('/auth/step-up', { passkey: other })).statusCode).toBe(403);
  });

  it('a counter that does not grow is a copy of the authenticator', async () => {
    const { key } = await holder('patient');
    expect((await enter(at.browser(), key, { counter: 7 })).statusCode).toBe(200);
    expect((await enter(at.browser(), key, { counter: 7 })).statusCode).toBe(401);
    expect((await enter(at.browser(), key, { counter: 3 })).statusCode).toBe(401);
    expect((await enter(at.browser(), key, { counter: 8 })).statusCode).toBe(200);
  });

  it('another person’s passkey is no second factor and no fresh proof', async () => {
    const { who } = await holder('patient');
    const thief = await holder('patient');
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: who.email, password });
    const passkey = thief.key.sign(await optionsFor(browser, 'second-factor'));
    expect((await browser.post('/auth/second-factor', { passkey })).statusCode).toBe(401);
    expect(await reaches(browser)).toBe(403);
  });

  it('one that is there already is not added to a second account', async () => {
    const { home } = await holder('patient');
    const id = Buffer.alloc(32, 9);
    expect((await register(home, 'One', { credential: id })).answer.statusCode).toBe(201);
    const other = await at.signIn(await at.person('patient'));
    expect((await register(other, 'Two', { credential: id })).answer.statusCode).toBe(409);
    expect((await other.get('/auth/factors')).json<Factors>().passkeys).toEqual([]);
    expect((await other.get('/auth/me')).json<Me>().factors).toEqual([]);
  });

  it('a row moved to another account, or to another clinic, no longer opens', async () => {
    const { key, who } = await holder('patient');
    const victim = await at.person('patient');
    await at.database.ownerDb.query('update access.passkey set account = $2 where account = $1', [
      who.id,
      victim.id,
    ]);
    const answer = await enter(at.browser(), key, {
      handle: Buffer.from(victim.id.replaceAll('-', ''), 'hex').toString('base64url'),
    });
    expect(answer.statusCode).toBe(500);
    const spare = await holder('patient');
    await at.database.ownerDb.query(
      `insert into access.account (tenant, id, email_token, role, totp, sealed, created)
       select 2, id, email_token, role, totp, sealed, created from access.account where id = $1`,
      [spare.who.id],
    );
    await at.database.ownerDb.query('update access.passkey set tenant = 2 where account = $1', [
      spare.who.id,
    ]);
    expect((await enter(at.browser(), spare.key)).statusCode).toBe(401);
  });

  it('a disabled account has none', async () => {
    const { key, who, home } = await holder();
    await at.access.accounts.disable(1, who.id);
    expect(await reaches(home)).toBe(401);
    const answer = await enter(at.browser(), key);
    expect(answer.statusCode).toBe(401);
    expect(answer.cookies.filter((one) => one.name === 'afar_session')).toEqual([]);
  });

  it('what is no answer of an authenticator at all is a fault of the request', async () => {
    const browser = at.browser();
    const { challenge } = await optionsFor(browser);
    const id = randomUUID();
    for (const passkey of [{}, { id, rawId: id, type: 'public-key', response: {} }, 'text', null])
      expect((await browser.post('/auth/passkey', { passkey })).statusCode).toBe(400);
    const clientDataJSON = Buffer.from(JSON.stringify({ challenge })).toString('base64url');
    const response = { clientDataJSON, authenticatorData: 'AA', signature: 'AA', userHandle: 'AA' };
    const passkey = { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
    expect((await browser.post('/auth/passkey', { passkey })).statusCode).toBe(401);
    const huge = { ...passkey, response: { ...response, signature: 'A'.repeat(100_000) } };
    expect((await browser.post('/auth/passkey', { passkey: huge })).statusCode).toBe(413);
  });

  it('tries are counted by source, and make nobody wait in her own browser', async () => {
    const { key, home } = await holder('patient');
    await home.post('/auth/sign-out');
    const ip = '198.51.100.222';
    const browser = at.browser({ ip });
    const statuses: number[] = [];
    for (let n = 0; n < 32; n++)
      statuses.push((await enter(browser, key, { origin: 'https://evil.example' })).statusCode);
    expect(statuses.slice(0, 30)).toEqual(Array<number>(30).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await enter(home, key)).statusCode).toBe(200);
  });
});

describe('staff who were given no second factor', () => {
  it('add one before they reach anything, with the proof they came with', async () => {
    const who: Person = await at.person('nurse', { totp: false });
    const browser = await at.signIn(who);
    expect(await reaches(browser)).toBe(403);
    const { answer, key } = await register(browser);
    const { me, recoveryCodes } = answer.json<NewFactor>();
    expect(me.mfa).toBe(true);
    expect(recoveryCodes).toHaveLength(10);
    expect(await reaches(browser)).toBe(200);
    // The last one stays.
    const { passkeys } = (await browser.get('/auth/factors')).json<Factors>();
    const url = `/auth/passkeys/${passkeys[0]!.id}`;
    expect((await browser.send({ method: 'DELETE', url })).statusCode).toBe(422);
    const { secret } = (await browser.post('/auth/totp')).json<{ secret: string }>();
    const code = totpCode(secret, at.clock.now());
    expect((await browser.post('/auth/totp/confirm', { code })).statusCode).toBe(201);
    expect((await browser.send({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await browser.send({ method: 'DELETE', url: '/auth/totp' })).statusCode).toBe(422);
    expect((await enter(at.browser(), key)).statusCode).toBe(401);
  });
});
