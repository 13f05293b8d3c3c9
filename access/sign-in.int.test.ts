/** Signing in: password, second factor, lock-out, sessions and their ends, against a real database. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Me, SessionList, SignInResponse } from './contract.ts';
import { password, stage, type Browser, type Stage } from './testing.ts';
import { totpCode } from './totp.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());
beforeEach(() => at.clock.advance(60_000));

const minute = 60_000;

describe('password and second factor', () => {
  it('a patient signs in with her password and is told who she is', async () => {
    const who = await at.person('patient');
    const browser = at.browser();
    const answer = await browser.post('/auth/sign-in', {
      email: who.email.toUpperCase(),
      password,
    });
    expect(answer.statusCode).toBe(200);
    const body = answer.json<SignInResponse>();
    expect(body).toMatchObject({
      status: 'signed-in',
      me: { accountId: who.id, role: 'patient', name: who.name, email: who.email, demo: true },
    });
    const me = (await browser.get('/auth/me')).json<Me>();
    expect(me).toMatchObject({ locale: 'en-GB', zone: 'Europe/Stockholm', mfa: true });
    expect(me.expiresAt).toBe(at.clock.now() + 24 * 60 * minute);
    expect((await browser.get('/api/probe')).json()).toEqual({ role: 'patient' });
  });

  it('the session cookie is out of scripts’ reach and stays on this site', async () => {
    const who = await at.person('patient');
    const answer = await at.browser().post('/auth/sign-in', { email: who.email, password });
    const [session] = answer.cookies.filter((one) => one.name === 'afar_session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(session!.maxAge).toBeUndefined();
  });

  it('staff reach nothing with a password alone, and everything of theirs with a code', async () => {
    const who = await at.person('practitioner');
    const browser = at.browser();
    const first = await browser.post('/auth/sign-in', { email: who.email, password });
    expect(first.json()).toEqual({ status: 'second-factor', methods: ['totp'] });
    const refused = await browser.get('/api/probe');
    expect(refused.statusCode).toBe(403);
    expect(refused.json()).toMatchObject({
      issue: [{ details: { coding: [{ code: 'second-factor-required' }] } }],
    });
    expect((await browser.get('/auth/me')).statusCode).toBe(204);
    expect((await browser.get('/auth/sessions')).statusCode).toBe(401);
    const code = totpCode(who.totp!, at.clock.now());
    const second = await browser.post('/auth/second-factor', { code });
    expect(second.json()).toMatchObject({ status: 'signed-in', me: { mfa: true } });
    expect((await browser.get('/api/probe')).json()).toEqual({ role: 'practitioner' });
  });

  it('staff who have no second factor at all reach nothing', async () => {
    const who = await at.person('nurse', { totp: false });
    const browser = await at.signIn(who);
    expect((await browser.get('/auth/me')).json()).toMatchObject({ mfa: false });
    expect((await browser.get('/api/probe')).statusCode).toBe(403);
    expect((await browser.post('/api/probe')).statusCode).toBe(403);
  });

  it('a code works once, in any browser', async () => {
    const who = await at.person('nurse');
    const code = totpCode(who.totp!, at.clock.now());
    await at.signIn(who);
    const thief = at.browser();
    await thief.post('/auth/sign-in', { email: who.email, password });
    expect((await thief.post('/auth/second-factor', { code })).statusCode).toBe(401);
    at.clock.advance(30_000);
    expect((await thief.post('/auth/second-factor', { code })).statusCode).toBe(401);
    // An older code that was never shown is refused as well once a later one was accepted.
    const older = totpCode(who.totp!, at.clock.now() - 30_000);
    expect((await thief.post('/auth/second-factor', { code: older })).statusCode).toBe(401);
    const fresh = totpCode(who.totp!, at.clock.now());
    expect((await thief.post('/auth/second-factor', { code: fresh })).statusCode).toBe(200);
  });

  it('two browsers that show one code at once: one gets in', async () => {
    const who = await at.person('nurse');
    const browsers = [at.browser(), at.browser(), at.browser()];
    for (const one of browsers) await one.post('/auth/sign-in', { email: who.email, password });
    const code = totpCode(who.totp!, at.clock.now());
    const answers = await Promise.all(
      browsers.map((one) => one.post('/auth/second-factor', { code })),
    );
    expect(answers.map((one) => one.statusCode).toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
  });

  it('the session gets a new name with the second factor', async () => {
    const who = await at.person('auditor');
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: who.email, password });
    const before = browser.cookies.get('afar_session')!;
    await browser.post('/auth/second-factor', { code: totpCode(who.totp!, at.clock.now()) });
    const after = browser.cookies.get('afar_session')!;
    expect(after).not.toBe(before);
    browser.cookies.set('afar_session', before);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it('a password that was shown waits five minutes for its code', async () => {
    const who = await at.person('auditor');
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: who.email, password });
    at.clock.advance(5 * minute);
    const code = totpCode(who.totp!, at.clock.now());
    expect((await browser.post('/auth/second-factor', { code })).statusCode).toBe(401);
  });

  it('a code without a password before it is refused', async () => {
    const answer = await at.browser().post('/auth/second-factor', { code: '123456' });
    expect(answer.statusCode).toBe(401);
  });

  it('wrong password, unknown and disabled account answer alike', async () => {
    const who = await at.person('patient');
    const gone = await at.person('patient');
    await at.access.accounts.disable(1, gone.id);
    const answers = [
      await at.browser().post('/auth/sign-in', { email: who.email, password: 'wrong' }),
      await at.browser().post('/auth/sign-in', { email: 'nobody@x.example', password: 'wrong' }),
      await at.browser().post('/auth/sign-in', { email: gone.email, password }),
    ];
    expect(answers.map((one) => one.statusCode)).toEqual([401, 401, 401]);
    expect(new Set(answers.map((one) => one.body)).size).toBe(1);
    expect(answers.flatMap((one) => one.cookies)).toEqual([]);
  });
});

describe('guessing', () => {
  const guess = (ip: string, email: string) =>
    at.browser({ ip }).post('/auth/sign-in', { email, password: 'a guess' });

  it('twenty guesses meet 429, and the victim still signs in from her own browser', async () => {
    const victim = await at.person('patient');
    const home = await at.signIn(victim);
    await home.post('/auth/sign-out');
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++)
      statuses.push((await guess(`198.51.100.${i}`, victim.email)).statusCode);
    expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(statuses.slice(6)).toEqual(Array<number>(14).fill(429));
    // From a strange browser even the right password waits.
    const strange = await at.browser().post('/auth/sign-in', { email: victim.email, password });
    expect(strange.statusCode).toBe(429);
    expect(Number(strange.headers['retry-after'])).toBeGreaterThan(0);
    await at.signIn(victim, home);
    expect((await home.get('/api/probe')).statusCode).toBe(200);
  });

  it('twenty guesses at once are counted like one after another', async () => {
    const victim = await at.person('patient');
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => guess(`198.51.100.${100 + i}`, victim.email)),
    );
    const tried = answers.filter((one) => one.statusCode === 401).length;
    expect(tried).toBeLessThanOrEqual(6);
    expect(answers.filter((one) => one.statusCode === 429)).toHaveLength(20 - tried);
  });

  it('an account that does not exist is throttled like one that does', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++)
      statuses.push((await guess(`192.0.2.${i}`, 'ghost@x.example')).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
  });

  it('one source that tries many accounts is stopped', async () => {
    const ip = '198.51.100.77';
    const statuses: number[] = [];
    for (let i = 0; i < 34; i++) statuses.push((await guess(ip, `spray${i}@x.example`)).statusCode);
    expect(statuses.slice(0, 30)).toEqual(Array<number>(30).fill(401));
    expect(statuses.at(-1)).toBe(429);
    expect((await guess('198.51.100.78', 'spray99@x.example')).statusCode).toBe(401);
  });

  it('waits grow, and end', async () => {
    const victim = await at.person('patient');
    for (let i = 0; i < 6; i++) await guess(`198.51.101.${i}`, victim.email);
    const wait = async (): Promise<number> => {
      const answer = await guess('198.51.101.99', victim.email);
      return answer.statusCode === 429 ? Number(answer.headers['retry-after']) : 0;
    };
    expect(await wait()).toBe(2);
    at.clock.advance(2_000);
    expect(await wait()).toBe(0);
    expect(await wait()).toBe(4);
    at.clock.advance(4_000);
    const right = await at.browser().post('/auth/sign-in', { email: victim.email, password });
    expect(right.statusCode).toBe(200);
  });

  it('another person’s known browser is a stranger', async () => {
    const victim = await at.person('patient');
    const attacker = await at.person('patient');
    const browser = await at.signIn(attacker);
    for (let i = 0; i < 6; i++) await guess(`198.51.102.${i}`, victim.email);
    const answer = await browser.post('/auth/sign-in', { email: victim.email, password: 'x' });
    expect(answer.statusCode).toBe(429);
  });

  it('codes are guessed five times at most for one password shown', async () => {
    const who = await at.person('practitioner');
    const browser = at.browser();
    await browser.post('/auth/sign-in', { email: who.email, password });
    for (let i = 0; i < 5; i++)
      expect((await browser.post('/auth/second-factor', { code: '000000' })).statusCode).toBe(401);
    const code = totpCode(who.totp!, at.clock.now());
    expect((await browser.post('/auth/second-factor', { code })).statusCode).not.toBe(200);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });
});

describe('a session ends', () => {
  it('when she signs out, for everyone who holds the cookie', async () => {
    const browser = await at.signIn(await at.person('patient'));
    const copy = browser.cookies.get('afar_session')!;
    expect((await browser.post('/auth/sign-out')).statusCode).toBe(204);
    expect(browser.cookies.has('afar_session')).toBe(false);
    browser.cookies.set('afar_session', copy);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it.each([
    ['administrator', 30],
    ['practitioner', 60],
  ] as const)('when an %s is idle for %i minutes', async (role, idle) => {
    const browser = await at.signIn(await at.person(role));
    at.clock.advance((idle - 1) * minute);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    await expect
      .poll(
        async () => (await browser.get('/auth/sessions')).json<SessionList>().sessions[0]?.lastSeen,
      )
      .toBe(at.clock.now());
    at.clock.advance((idle - 1) * minute);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    at.clock.advance((idle + 1) * minute);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it('at the absolute limit, however busy', async () => {
    const browser = await at.signIn(await at.person('auditor'));
    // That she was seen is written behind the answer.
    const noted = () =>
      vi.waitFor(async () => {
        const seen = 'select from access.session where last_seen = $1';
        expect((await at.database.ownerDb.query(seen, [at.clock.now()])).rowCount).toBe(1);
      });
    for (let hour = 0; hour < 7; hour++) {
      for (let n = 0; n < 3; n++) {
        at.clock.advance(20 * minute);
        expect((await browser.get('/api/probe')).statusCode).toBe(200);
        await noted();
      }
    }
    for (let n = 0; n < 2; n++) {
      at.clock.advance(29 * minute);
      expect((await browser.get('/api/probe')).statusCode).toBe(200);
      await noted();
    }
    at.clock.advance(2 * minute);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it('at once when the account is disabled', async () => {
    const who = await at.person('practitioner');
    const browser = await at.signIn(who);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    await at.access.accounts.disable(1, who.id);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it('when the status column alone is changed behind the program', async () => {
    const who = await at.person('practitioner');
    const browser = await at.signIn(who);
    await at.database.ownerDb.query(`update access.account set status = 'disabled' where id = $1`, [
      who.id,
    ]);
    expect((await browser.get('/api/probe')).statusCode).toBe(401);
  });

  it('in another browser when she says so', async () => {
    const who = await at.person('patient');
    const lost = await at.signIn(who, at.browser({ agent: 'Lost Phone', ip: '192.0.2.44' }));
    const home = await at.signIn(who, at.browser({ agent: 'Home' }));
    const { sessions } = (await home.get('/auth/sessions')).json<SessionList>();
    expect(sessions).toHaveLength(2);
    const phone = sessions.find((one) => one.device === 'Lost Phone')!;
    expect(phone).toMatchObject({ ip: '192.0.2.44', current: false });
    const ended = await home.send({ method: 'DELETE', url: `/auth/sessions/${phone.id}` });
    expect(ended.statusCode).toBe(204);
    expect((await lost.get('/api/probe')).statusCode).toBe(401);
    expect((await home.get('/api/probe')).statusCode).toBe(200);
  });

  it('not by another person’s hand', async () => {
    const victim = await at.signIn(await at.person('patient'));
    const { sessions } = (await victim.get('/auth/sessions')).json<SessionList>();
    const attacker = await at.signIn(await at.person('patient'));
    const answer = await attacker.send({
      method: 'DELETE',
      url: `/auth/sessions/${sessions[0]!.id}`,
    });
    expect(answer.statusCode).toBe(404);
    expect((await victim.get('/api/probe')).statusCode).toBe(200);
  });

  it('everywhere else when the password changes', async () => {
    const who = await at.person('patient');
    const old = await at.signIn(who);
    const home = await at.signIn(who);
    const next = 'seven green kettles sing';
    const change = (current: string, to: string) =>
      home.send({
        method: 'PATCH',
        url: '/auth/me',
        payload: { password: { current, next: to } },
      });
    expect((await change('wrong', next)).statusCode).toBe(403);
    expect((await change(password, 'short')).statusCode).toBe(400);
    expect((await change(password, next)).statusCode).toBe(200);
    expect((await old.get('/api/probe')).statusCode).toBe(401);
    expect((await home.get('/api/probe')).statusCode).toBe(200);
    const again = await at.browser().post('/auth/sign-in', { email: who.email, password });
    expect(again.statusCode).toBe(401);
    const fresh = await at.browser().post('/auth/sign-in', { email: who.email, password: next });
    expect(fresh.statusCode).toBe(200);
  });
});

describe('guessing the password of somebody who is signed in', () => {
  const change = (browser: Browser, current: string) =>
    browser.send({
      method: 'PATCH',
      url: '/auth/me',
      payload: { password: { current, next: 'nine dry larks over green tin' } },
    });

  it('meets 429 like guessing at the door, at once or one after another', async () => {
    const victim = await at.signIn(await at.person('patient'));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => change(victim, `guess ${i}`)),
    );
    const tried = answers.filter((one) => one.statusCode === 403).length;
    expect(tried).toBeGreaterThan(0);
    expect(tried).toBeLessThanOrEqual(11);
    expect(answers.filter((one) => one.statusCode === 429)).toHaveLength(20 - tried);
    const right = await change(victim, password);
    expect(right.statusCode).toBe(429);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
    at.clock.advance(60_000);
    expect((await change(victim, password)).statusCode).toBe(200);
  });

  it('a stolen cookie in another browser waits sooner, and leaves hers alone', async () => {
    const who = await at.person('patient');
    const home = await at.signIn(who);
    const thief = at.browser({ ip: '198.51.103.1' });
    const session = [...home.cookies].find(([name]) => name.includes('session'))!;
    thief.cookies.set(...session);
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) statuses.push((await change(thief, `guess ${i}`)).statusCode);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 403, 429, 429]);
    expect((await change(home, password)).statusCode).toBe(200);
  });
});

describe('her own settings', () => {
  it('change language and zone, and travel with the next request', async () => {
    const browser = await at.signIn(await at.person('patient'));
    const payload = { locale: 'sv', zone: 'America/New_York' };
    const answer = await browser.send({ method: 'PATCH', url: '/auth/me', payload });
    expect(answer.json()).toMatchObject(payload);
    expect((await browser.get('/auth/me')).json()).toMatchObject(payload);
  });

  it('refuse what is no zone and no language', async () => {
    const browser = await at.signIn(await at.person('patient'));
    for (const payload of [
      { zone: 'Mars/Olympus' },
      { locale: 'not a locale' },
      { role: 'system' },
    ]) {
      const answer = await browser.send({ method: 'PATCH', url: '/auth/me', payload });
      expect(answer.statusCode === 200 ? answer.json<Me>().role : 400).toBe(
        'role' in payload ? 'patient' : 400,
      );
    }
  });
});
