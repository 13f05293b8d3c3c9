/** The demo panel: there on this machine in demo mode, and nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { password, stage, type Person, type Stage } from '../testing.ts';

let at: Stage;
let doctor: Person;

beforeAll(async () => {
  at = await stage();
  doctor = await at.person('practitioner');
});
afterAll(() => at.close());

describe('the demo panel', () => {
  const local = () => at.browser({ ip: '127.0.0.1' });

  it('signs in as anyone, from this machine', async () => {
    const browser = local();
    const { accounts } = (await browser.get('/auth/demo')).json<{
      accounts: { email: string }[];
    }>();
    expect(accounts.map((one) => one.email)).toContain(doctor.email);
    const answer = await browser.post('/auth/demo', { email: doctor.email });
    expect(answer.json()).toMatchObject({ status: 'signed-in', me: { mfa: true } });
    expect((await browser.get('/api/probe')).json()).toEqual({ role: 'practitioner' });
  });

  it.each<[string, string, Record<string, string>]>([
    ['another machine', '203.0.113.9', {}],
    [
      'another machine that claims to be this one',
      '203.0.113.9',
      { 'x-forwarded-for': '127.0.0.1' },
    ],
    ['behind a proxy on this machine', '127.0.0.1', { 'x-forwarded-for': '203.0.113.9' }],
    ['behind another proxy', '127.0.0.1', { forwarded: 'for=203.0.113.9' }],
    ['a name made to point here', '127.0.0.1', { host: 'evil.example' }],
    ['a look-alike name', '127.0.0.1', { host: 'localhost.evil.example' }],
    ['a look-alike address', '127.0.0.1', { host: '127.evil.example' }],
  ])('does not exist for %s', async (_what, ip, headers) => {
    const browser = at.browser({ ip });
    expect((await browser.send({ url: '/auth/demo', headers })).statusCode).toBe(404);
    const payload = { email: doctor.email };
    const answer = await browser.send({ method: 'POST', url: '/auth/demo', headers, payload });
    expect(answer.statusCode).toBe(404);
    expect(answer.cookies).toEqual([]);
  });

  it('does not exist in production, and cookies there are bound to TLS and host', async () => {
    const production = await stage({
      database: at.database,
      mode: 'production',
      secureCookies: true,
      keys: at.keys,
    });
    try {
      const browser = production.browser({ ip: '127.0.0.1' });
      expect((await browser.get('/auth/demo')).statusCode).toBe(404);
      const email = doctor.email;
      expect((await browser.post('/auth/demo', { email })).statusCode).toBe(404);
      const who = await production.person('patient');
      const answer = await browser.post('/auth/sign-in', { email: who.email, password });
      const session = answer.cookies.find((one) => one.name === '__Host-afar_session');
      expect(session).toMatchObject({
        secure: true,
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
      });
      expect((await browser.get('/auth/me')).json()).toMatchObject({ demo: false });
    } finally {
      await production.close();
    }
  });
});
