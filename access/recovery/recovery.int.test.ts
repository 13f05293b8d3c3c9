/** The way back in: recovery codes, a forgotten password, an authenticator app replaced. None of it goes around the second factor. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  Factors,
  ForgottenSent,
  ForgottenStep,
  NewFactor,
  NewTotp,
  RecoveryCodes,
  SignInResponse,
} from '../contract.ts';
import { password, stage, type Browser, type Person, type Stage } from '../testing.ts';
import { totpCode } from '../totp.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());
// Codes are sent so many an hour for one source.
beforeEach(() => at.clock.advance(3_600_000));

const next = 'seven green kettles sing';
const reaches = async (browser: Browser): Promise<number> =>
  (await browser.get('/api/probe')).statusCode;
const del = (browser: Browser, url: string) => browser.send({ method: 'DELETE', url });
const app = (secret: string): string => totpCode(secret, at.clock.now());

async function renewed(browser: Browser): Promise<string[]> {
  const answer = await browser.post('/auth/recovery-codes');
  expect(answer.statusCode).toBe(201);
  return answer.json<RecoveryCodes>().recoveryCodes;
}

/** The last code that went to an address. */
async function mailed(to: string): Promise<string | undefined> {
  await at.access.post.settle();
  const all = (await at.outbox.read()).filter((one) => one.to === to.toLowerCase());
  const last = all.at(-1);
  return last && 'text' in last ? /\b\d{6}\b/.exec(last.text)?.[0] : undefined;
}

async function ask(browser: Browser, who: Pick<Person, 'email'>) {
  const sent = await browser.post('/auth/forgotten', { email: who.email });
  expect(sent.statusCode).toBe(200);
  return sent.json<ForgottenSent>();
}

/** The code out of the mail, typed. */
async function typed(browser: Browser, who: Pick<Person, 'email'>, code?: string) {
  const { ticket } = await ask(browser, who);
  return browser.post('/auth/forgotten/code', {
    email: who.email,
    ticket,
    code: code ?? (await mailed(who.email)) ?? '000000',
  });
}

describe('recovery codes', () => {
  it('are ten, each good once, in place of the app; new ones void the old', async () => {
    const who = await at.person('practitioner');
    const home = await at.signIn(who);
    const codes = await renewed(home);
    expect(new Set(codes).size).toBe(10);
    expect(codes[0]).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
    const enter = async (recovery: string) => {
      const browser = at.browser();
      await browser.post('/auth/sign-in', { email: who.email, password });
      return browser.post('/auth/second-factor', { recovery });
    };
    // As somebody types it from paper.
    const first = await enter(` ${codes[0]!.toUpperCase().replaceAll('-', ' ')}`);
    expect(first.json<SignInResponse>()).toMatchObject({ me: { mfa: true } });
    expect((await enter(codes[0]!)).statusCode).toBe(401);
    expect((await home.get('/auth/factors')).json<Factors>().recoveryCodes).toBe(9);
    const told = await at.access.notices.list(1, who.id, 10);
    expect(told.find((one) => one.kind === 'recovery')?.about).toEqual({ by: 'code', left: 9 });
    await renewed(home);
    expect((await enter(codes[1]!)).statusCode).toBe(401);
    expect((await home.get('/auth/factors')).json<Factors>().recoveryCodes).toBe(10);
  });

  it('two browsers that type one at once: one gets in', async () => {
    const who = await at.person('nurse');
    const [code] = await renewed(await at.signIn(who));
    const browsers = [at.browser(), at.browser(), at.browser()];
    for (const one of browsers) await one.post('/auth/sign-in', { email: who.email, password });
    const answers = await Promise.all(
      browsers.map((one) => one.post('/auth/second-factor', { recovery: code })),
    );
    expect(answers.filter((one) => one.statusCode === 200)).toHaveLength(1);
  });

  it('are hers alone, stand for a second factor, and are guessed five times at most', async () => {
    const who = await at.person('nurse');
    const [code] = await renewed(await at.signIn(who));
    const other = await at.person('nurse');
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: other.email, password });
    for (let n = 0; n < 5; n++)
      expect((await browser.post('/auth/second-factor', { recovery: code })).statusCode).toBe(401);
    const right = await browser.post('/auth/second-factor', { code: app(other.totp!) });
    expect(right.statusCode).toBe(401);
    const patient = await at.signIn(await at.person('patient'));
    expect((await patient.post('/auth/recovery-codes')).statusCode).toBe(422);
  });

  it('lie nowhere in the clear', async () => {
    const codes = await renewed(await at.signIn(await at.person('nurse')));
    const { rows } = await at.database.ownerDb.query<{ row: string }>(
      'select a::text || encode(a.sealed, $1) as row from access.account a',
      ['escape'],
    );
    const text = rows.map((one) => one.row).join('\n') + at.log.text();
    for (const code of codes) expect(text).not.toContain(code);
  });
});

describe('an authenticator app', () => {
  it('counts from its first right code on; replaced, the one before is worth nothing', async () => {
    const who = await at.person('practitioner');
    const home = await at.signIn(who);
    const other = await at.signIn(who, (at.clock.advance(60_000), at.browser()));
    const { secret, uri } = (await home.post('/auth/totp')).json<NewTotp>();
    expect(uri).toContain(`secret=${secret}`);
    expect((await home.post('/auth/totp/confirm', { code: '000000' })).statusCode).toBe(403);
    // Not confirmed: the old one still signs her in.
    at.clock.advance(60_000);
    await at.signIn(who);
    at.clock.advance(60_000);
    const code = app(secret);
    const done = await home.post('/auth/totp/confirm', { code });
    expect(done.statusCode).toBe(201);
    expect(done.json<NewFactor>().recoveryCodes).toBeUndefined();
    expect(await reaches(home)).toBe(200);
    expect(await reaches(other)).toBe(401);
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: who.email, password });
    // The code that confirmed it, and one of the old app.
    expect((await browser.post('/auth/second-factor', { code })).statusCode).toBe(401);
    at.clock.advance(30_000);
    const old = await browser.post('/auth/second-factor', { code: app(who.totp!) });
    expect(old.statusCode).toBe(401);
    const fresh = await browser.post('/auth/second-factor', { code: app(secret) });
    expect(fresh.statusCode).toBe(200);
    expect((await home.post('/auth/totp/confirm', { code: app(secret) })).statusCode).toBe(409);
  });

  it('is what a patient may add and take away; a nurse may not take away her only one', async () => {
    const who = await at.person('patient');
    const home = await at.signIn(who);
    const { secret } = (await home.post('/auth/totp')).json<NewTotp>();
    const made = await home.post('/auth/totp/confirm', { code: app(secret) });
    expect(made.json<NewFactor>().recoveryCodes).toHaveLength(10);
    const browser = at.browser();
    const first = await browser.post('/auth/sign-in', { email: who.email, password });
    expect(first.json()).toEqual({ status: 'second-factor', methods: ['totp', 'recovery'] });
    expect((await del(home, '/auth/totp')).statusCode).toBe(204);
    const plain = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(plain.json<SignInResponse>().status).toBe('signed-in');
    const nurse = await at.signIn(await at.person('nurse'));
    expect((await del(nurse, '/auth/totp')).statusCode).toBe(422);
    expect(await reaches(nurse)).toBe(200);
  });

  it('is added, replaced and taken away only by who has just shown who she is', async () => {
    const who = await at.person('patient');
    const home = await at.signIn(who);
    at.clock.advance(10 * 60_000);
    for (const [method, url] of [
      ['POST', '/auth/totp'],
      ['DELETE', '/auth/totp'],
      ['POST', '/auth/passkeys/options'],
      ['POST', '/auth/recovery-codes'],
    ] as const) {
      const answer = await home.send({ method, url });
      expect(`${url} ${answer.statusCode} ${answer.body}`).toContain('step-up-required');
    }
    expect((await home.post('/auth/step-up', { password: 'wrong' })).statusCode).toBe(403);
    expect((await home.post('/auth/step-up', { password })).statusCode).toBe(204);
    expect((await home.post('/auth/totp')).statusCode).toBe(200);
  });
});

describe('showing again who she is', () => {
  it('takes a factor, and never the password of who has one', async () => {
    const who = await at.person('practitioner');
    const home = await at.signIn(who);
    at.clock.advance(11 * 60_000);
    expect((await home.post('/auth/step-up', { password })).statusCode).toBe(403);
    expect((await home.post('/auth/step-up', { code: '000000' })).statusCode).toBe(403);
    const code = app(who.totp!);
    expect((await home.post('/auth/step-up', { code })).statusCode).toBe(204);
    expect((await home.post('/auth/step-up', { code })).statusCode).toBe(403);
    expect((await at.browser().post('/auth/step-up', { code })).statusCode).toBe(401);
  });

  it('is guessed ten times at an unattended desk, then the session is over', async () => {
    const who = await at.person('practitioner');
    const home = await at.signIn(who);
    const statuses = [];
    for (let n = 0; n < 10; n++)
      statuses.push((await home.post('/auth/step-up', { code: '000000' })).statusCode);
    expect(statuses).toEqual(Array<number>(10).fill(403));
    expect(await reaches(home)).toBe(401);
    // A password is guessed there no longer.
    const patient = await at.signIn(await at.person('patient'));
    for (let n = 0; n < 10; n++) await patient.post('/auth/step-up', { password: `guess ${n}` });
    expect(await reaches(patient)).toBe(401);
    // Whoever guessed did not make her wait at home, once she is asked for everything.
    at.clock.advance(60_000);
    expect(await reaches(await at.signIn(who, at.browser()))).toBe(200);
  });
});

describe('a forgotten password', () => {
  it('is set anew with a code by mail; every session and known browser is gone, and she is told', async () => {
    const who = await at.person('patient');
    const old = await at.signIn(who);
    const browser = at.browser();
    const step = await typed(browser, who);
    expect(step.json<ForgottenStep>()).toEqual({ status: 'new-password' });
    expect(await reaches(browser)).toBe(403);
    const weak = await browser.post('/auth/forgotten/password', { password: 'password1234' });
    expect(weak.statusCode).toBe(400);
    expect(await reaches(old)).toBe(200);
    const done = await browser.post('/auth/forgotten/password', { password: next });
    expect(done.json<SignInResponse>()).toMatchObject({ status: 'signed-in' });
    expect(await reaches(browser)).toBe(200);
    expect(await reaches(old)).toBe(401);
    const before = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(before.statusCode).toBe(401);
    const told = await at.access.notices.list(1, who.id, 10);
    expect(told.map((one) => one.kind)).toContain('recovery');
    // Done is done.
    const twice = await browser.post('/auth/forgotten/password', { password: `${next} again` });
    expect(twice.statusCode).toBe(401);
  });

  it('still asks for the second factor', async () => {
    const who = await at.person('practitioner');
    const browser = at.browser();
    const step = await typed(browser, who);
    expect(step.json<ForgottenStep>()).toEqual({ status: 'second-factor', methods: ['totp'] });
    const set = () => browser.post('/auth/forgotten/password', { password: next });
    expect((await set()).statusCode).toBe(401);
    // What the code opened is no half of a sign-in either.
    const code = app(who.totp!);
    expect((await browser.post('/auth/second-factor', { code })).statusCode).toBe(401);
    const guess = { code: '000000' };
    expect((await browser.post('/auth/forgotten/second-factor', guess)).statusCode).toBe(401);
    expect(await reaches(browser)).toBe(403);
    const shown = await browser.post('/auth/forgotten/second-factor', { code });
    expect(shown.json<ForgottenStep>()).toEqual({ status: 'new-password' });
    expect((await set()).json<SignInResponse>()).toMatchObject({ me: { mfa: true } });
    expect(await reaches(browser)).toBe(200);
  });

  it('says the same of everybody, and mails only who may come back this way', async () => {
    const known = await at.person('patient');
    const nurse = await at.person('nurse', { totp: false });
    const gone = await at.person('patient');
    await at.access.accounts.disable(1, gone.id);
    const people = [known, { email: 'ghost@x.example' }, nurse, gone];
    const shapes = [];
    for (const who of people) {
      const browser = at.browser({ ip: `198.51.100.${shapes.length + 1}` });
      const sent = await browser.post('/auth/forgotten', { email: who.email });
      const { ticket, ...rest } = sent.json<ForgottenSent>();
      const wrong = await browser.post('/auth/forgotten/code', {
        email: who.email,
        ticket,
        code: '000000',
      });
      shapes.push(JSON.stringify([sent.statusCode, ticket.length, rest, wrong.body]));
    }
    expect(new Set(shapes).size).toBe(1);
    expect(await mailed(known.email)).toMatch(/^\d{6}$/);
    for (const who of people.slice(1)) expect(await mailed(who.email)).toBeUndefined();
  });

  it('a code is good for its asker, its address and one try; five wrong ones end it', async () => {
    const who = await at.person('patient');
    const browser = at.browser();
    const { ticket } = await ask(browser, who);
    const code = (await mailed(who.email))!;
    const wrong = code === '111111' ? '222222' : '111111';
    const body = { email: who.email, ticket, code };
    const enter = (over: object) => browser.post('/auth/forgotten/code', { ...body, ...over });
    const other = await at.person('patient');
    expect((await enter({ email: other.email })).statusCode).toBe(401);
    expect((await enter({ ticket: 'x'.repeat(ticket.length) })).statusCode).toBe(401);
    for (let n = 0; n < 5; n++) expect((await enter({ code: wrong })).statusCode).toBe(401);
    expect((await enter({})).statusCode).toBe(401);
  });

  it('tells by no limit who has an account, nor who has a number', async () => {
    const who = await at.person('patient');
    const verified = { phone: at.clock.now() };
    await at.access.accounts.change(1, who.id, { personal: { phone: '+46701740606', verified } });
    const statuses = [];
    for (const email of [who.email, 'nobody@x.example']) {
      const browser = at.browser({ ip: `198.51.100.${20 + statuses.length}` });
      const ask = async (by: string) =>
        (await browser.post('/auth/forgotten', { email, by })).statusCode;
      statuses.push([await ask('email'), await ask('phone'), await ask('phone')]);
    }
    expect(statuses[0]).toEqual(statuses[1]);
  });

  it('is open in her own browser though strangers asked all they may', async () => {
    const who = await at.person('patient');
    const home = await at.signIn(who);
    for (let net = 0; net < 13; net++)
      await at.browser({ ip: `10.1.${net}.1` }).post('/auth/forgotten', { email: who.email });
    const asked = async (browser: Browser) =>
      (await browser.post('/auth/forgotten', { email: who.email })).statusCode;
    expect(await asked(at.browser({ ip: '10.2.0.1' }))).toBe(429);
    expect(await asked(home)).toBe(200);
  });

  it('goes to a number she has shown to be hers, and to no other', async () => {
    const who = await at.person('patient');
    const phone = '+46701740605';
    await at.access.accounts.change(1, who.id, { personal: { phone } });
    const browser = at.browser();
    const first = await browser.post('/auth/forgotten', { email: who.email, by: 'phone' });
    expect(first.statusCode).toBe(200);
    expect(await mailed(phone)).toBeUndefined();
    at.clock.advance(60_000);
    const verified = { phone: at.clock.now() };
    await at.access.accounts.change(1, who.id, { personal: { verified } });
    const sent = await browser.post('/auth/forgotten', { email: who.email, by: 'phone' });
    const { ticket } = sent.json<ForgottenSent>();
    const code = await mailed(phone);
    const body = { email: who.email, by: 'phone', ticket, code };
    const step = await browser.post('/auth/forgotten/code', body);
    expect(step.json<ForgottenStep>()).toEqual({ status: 'new-password' });
  });
});
