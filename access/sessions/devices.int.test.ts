/** Devices: named by her, ended from afar, and told to forget what they kept. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DeviceList } from '../contract.ts';
import { password, stage, type Browser, type Stage } from '../testing.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());
beforeEach(() => at.clock.advance(60_000));

const list = async (browser: Browser) =>
  (await browser.get('/auth/devices')).json<DeviceList>().devices;

async function two() {
  const who = await at.person('patient');
  const phone = await at.signIn(who, at.browser({ agent: 'Phone', ip: '192.0.2.44' }));
  at.clock.advance(1000);
  const home = await at.signIn(who, at.browser({ agent: 'Laptop' }));
  return { who, phone, home };
}

it('are listed with where and when, keep the name she gives them, and are hers alone', async () => {
  const { who, phone, home } = await two();
  const [first, second] = await list(home);
  expect(first).toMatchObject({ browser: 'Laptop', current: true, signedIn: true });
  expect(second).toMatchObject({ browser: 'Phone', ip: '192.0.2.44', current: false });
  const url = `/auth/devices/${second!.id}`;
  const rename = (browser: Browser, name: string) =>
    browser.send({ method: 'PATCH', url, payload: { name } });
  expect((await rename(home, 'Kitchen phone')).statusCode).toBe(204);
  const stranger = await at.signIn(await at.person('patient'));
  expect((await rename(stranger, 'Mine')).statusCode).toBe(404);
  expect((await stranger.send({ method: 'DELETE', url })).statusCode).toBe(404);
  await phone.post('/auth/sign-out');
  expect((await list(home))[1]).toMatchObject({ name: 'Kitchen phone', signedIn: false });
  await at.signIn(who, phone);
  expect((await list(phone))[0]).toMatchObject({ name: 'Kitchen phone', current: true });
  // A name is personal: it lies sealed.
  const { rows } = await at.database.ownerDb.query<{ row: string }>(
    'select d::text || encode(d.sealed, $1) as row from access.device d',
    ['escape'],
  );
  expect(rows.map((one) => one.row).join('\n')).not.toMatch(/Kitchen|Phone/);
});

it('one that is taken away is out at its next request, wipes itself, and is a stranger again', async () => {
  const { who, phone, home } = await two();
  const { id } = (await list(home)).find((one) => !one.current)!;
  const gone = await home.send({ method: 'DELETE', url: `/auth/devices/${id}` });
  expect(gone.statusCode).toBe(204);
  // Weeks later, whatever it asks for first.
  at.clock.advance(30 * 86_400_000);
  await at.database.ownerDb.query('select 1');
  const kept = new Map(phone.cookies);
  for (const url of ['/api/probe', '/auth/me', '/api/nowhere', '/fhir/R4/metadata']) {
    phone.cookies.clear();
    for (const one of kept) phone.cookies.set(...one);
    const answer = await phone.get(url);
    expect(`${url} ${answer.statusCode}`).toBe(`${url} 401`);
    expect(answer.headers['clear-site-data']).toBe('"cache", "storage"');
    expect(answer.body).toContain('device-revoked');
    expect(phone.cookies.has('afar_session')).toBe(false);
  }
  // Said once: without its cookie it is nobody.
  expect((await phone.get('/auth/me')).statusCode).toBe(204);
  for (let n = 0; n < 6; n++)
    await at
      .browser({ ip: `192.0.2.${n}` })
      .post('/auth/sign-in', { email: who.email, password: 'x' });
  const again = await phone.post('/auth/sign-in', { email: who.email, password });
  expect(again.statusCode).toBe(429);
});

it('a new session in a browser that was signed out wipes it all the same', async () => {
  const { who, phone, home } = await two();
  expect((await home.send({ method: 'DELETE', url: '/auth/devices' })).statusCode).toBe(204);
  expect((await home.get('/api/probe')).statusCode).toBe(200);
  const answer = await phone.post('/auth/sign-in', { email: who.email, password });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['clear-site-data']).toBe('"cache", "storage"');
  expect((await phone.get('/api/probe')).statusCode).toBe(200);
});

it('a cookie that never was wipes nothing', async () => {
  const browser = at.browser();
  browser.cookies.set('afar_session', 'x'.repeat(43));
  const answer = await browser.get('/api/probe');
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['clear-site-data']).toBeUndefined();
  // Nor does a session that ended by itself: what was typed there is hers.
  const idle = await at.signIn(await at.person('patient'));
  at.clock.advance(61 * 60_000);
  const late = await idle.get('/api/probe');
  expect(late.statusCode).toBe(401);
  expect(late.headers['clear-site-data']).toBeUndefined();
});

it('a sign-in from a browser she never used is told to her, the first one is not', async () => {
  const { who, home } = await two();
  const told = async () => (await at.access.notices.list(1, who.id, 10)).map((one) => one.about);
  expect(await told()).toEqual([{ browser: 'Laptop', ip: '203.0.113.5' }]);
  await home.post('/auth/sign-out');
  await at.signIn(who, home);
  expect(await told()).toHaveLength(1);
});

it('X-Forwarded-For changes neither the source that is counted nor the place that is shown', async () => {
  const who = await at.person('patient');
  const statuses: number[] = [];
  for (let n = 0; n < 20; n++) {
    const answer = await at.browser().send({
      method: 'POST',
      url: '/auth/sign-in',
      headers: {
        'x-forwarded-for': `10.0.0.${n}`,
        'x-real-ip': `10.0.1.${n}`,
        forwarded: 'for=10.0.2.1',
      },
      payload: { email: `spoof${n}@x.example`, password: 'a guess' },
      remoteAddress: '198.51.100.250',
    });
    statuses.push(answer.statusCode);
  }
  const { rows } = await at.database.ownerDb.query<{ failures: number }>(
    'select failures from access.throttle order by failures desc limit 1',
  );
  expect(rows[0]!.failures).toBe(20);
  const home = await at.signIn(who);
  await home.send({ url: '/api/probe', headers: { 'x-forwarded-for': '10.9.9.9' } });
  expect((await list(home))[0]!.ip).toBe('203.0.113.5');
});

it('are a hundred at most: one who forgets her cookies each time fills no table', async () => {
  const { who, home } = await two();
  await at.database.ownerDb.query(
    `insert into access.device (hash, tenant, account, created, last_seen)
     select sha256(n::text::bytea), 1, $1, 0, n from generate_series(1, 120) n`,
    [who.id],
  );
  await at.signIn(who, at.browser({ agent: 'Another' }));
  const { rows } = await at.database.ownerDb.query<{ n: number }>(
    'select count(*)::int as n from access.device where account = $1',
    [who.id],
  );
  expect([rows[0]!.n, (await list(home)).some((one) => one.current)]).toEqual([100, true]);
});
