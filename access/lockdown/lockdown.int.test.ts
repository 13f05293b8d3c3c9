/** Lockdown: one engages, two lift; what is refused and what goes on, in two processes; writes under way; restarts; a table that cannot be read. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Db } from '@afar/platform';
import { callerFor, systemCaller } from '../caller.ts';
import { stage, type Browser, type Person, type Stage } from '../testing.ts';
import type { LockdownState } from './contract.ts';
import { everywhere } from './flag.ts';

let at: Stage;
let other: Stage;
let broken = false;
let people: Record<'one' | 'two' | 'auditor' | 'patient', Person>;
let one: Browser;
let two: Browser;
let patient: Browser;
/** The same cookies at the other process. */
let patientThere: Browser;

/** The process's database, as it is when it cannot be reached. */
const failing = (db: Db): Db =>
  new Proxy(db, {
    get: (target, name) =>
      name === 'query' && broken
        ? () => Promise.reject(new Error('no connection'))
        : (Reflect.get(target, name) as unknown),
  });

beforeAll(async () => {
  at = await stage({ lockdownHeardMs: 1_100 });
  const { database, keys, clock } = at;
  other = await stage({ database, keys, clock, db: failing(database.db), lockdownHeardMs: 1 });
  people = {
    one: await at.person('administrator'),
    two: await at.person('administrator'),
    auditor: await at.person('auditor'),
    patient: await at.person('patient'),
  };
  one = await at.signIn(people.one);
  two = await at.signIn(people.two);
  patient = await at.signIn(people.patient);
  patientThere = other.browser();
  for (const [name, value] of patient.cookies) patientThere.cookies.set(name, value);
});
afterAll(async () => {
  await other.close();
  await at.close();
});

const reason = 'Ransom note on a workstation';
const engage = (by: Browser, mode: string) => by.post('/api/lockdown', { mode, reason });
const state = async (who: Browser) => (await who.get('/api/lockdown')).json<LockdownState>();
const statusOf = async (who: Browser) => [
  (await who.get('/api/probe')).statusCode,
  (await who.post('/api/probe')).statusCode,
];

it('read-only: one person, at once and everywhere; reads and signing in go on', async () => {
  expect((await engage(patient, 'read-only')).statusCode).toBe(403);
  at.clock.advance(11 * 60_000);
  expect((await engage(one, 'read-only')).json()).toMatchObject({
    issue: [{ details: { coding: [{ code: 'step-up-required' }] } }],
  });
  one = await at.signIn(people.one);
  expect((await engage(one, 'half')).statusCode).toBe(400);
  expect((await engage(one, 'read-only')).json()).toMatchObject({
    mode: 'read-only',
    settled: true,
  });
  for (const who of [patient, patientThere]) {
    const refused = await who.post('/api/probe');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30']);
    expect(refused.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ details: { coding: [{ code: 'read-only' }] } }],
    });
    expect((await who.get('/api/probe')).statusCode).toBe(200);
  }
  expect((await other.signIn(people.patient)).cookies.size).toBeGreaterThan(0);
  // Everybody learns that it is so, and since when; why is for those who answer for it.
  expect(await state(patient)).toEqual({
    mode: 'read-only',
    since: at.clock.now(),
    scope: 'clinic',
  });
  expect(await state(one)).toMatchObject({ reason });
  expect(() => at.access.lockdown.requireWritable(1)).toThrow(/read-only/);
  expect(() => at.access.lockdown.requireWritable(2)).not.toThrow();
  for (const who of [people.two, people.auditor])
    expect((await at.access.notices.list(1, who.id, 1))[0]).toMatchObject({
      kind: 'lockdown',
      about: { state: 'read-only' },
    });
  // Nothing of the reason is in the clear.
  const { rows } = await at.database.ownerDb.query<{ text: string }>(
    `select encode(sealed, 'escape') as text from access.lockdown`,
  );
  expect(rows[0]!.text).not.toContain('Ransom');
});

it('lifting takes two: not the same person twice, not by asking twice', async () => {
  two = await at.signIn(people.two);
  // What else waits for a second administrator waits until it is lifted: nobody is let in meanwhile.
  let ran = 0;
  const { approvals } = at.access;
  approvals.register('else', {
    read: () => ({}),
    about: () => ({}),
    run: () => Promise.resolve({ rid: String(++ran) }),
  });
  const asker = callerFor('administrator', { id: people.one.id });
  const { id } = await approvals.ask(asker, 'else', {});
  expect((await two.post(`/api/office/approvals/${id}/approve`)).statusCode).toBe(503);
  expect([ran, (await approvals.list(1, 1))[0]!.state]).toEqual([0, 'open']);
  const ask = await one.post('/api/lockdown/lift');
  expect([ask.statusCode, ask.json()]).toEqual([202, { lifted: false }]);
  expect((await state(two)).lifting).toMatchObject({ mine: false });
  expect((await one.post('/api/lockdown/lift')).statusCode).toBe(403);
  expect((await patient.post('/api/probe')).statusCode).toBe(503);
  expect((await two.post('/api/lockdown/lift')).json()).toEqual({ lifted: true });
  expect((await patient.post('/api/probe')).statusCode).toBe(200);
  expect((await two.post('/api/lockdown/lift')).statusCode).toBe(409);
});

it('closed: sessions and tokens are over within 5 s in every process, for good', async () => {
  let asked = 0;
  const stop = other.access.onEnded(
    () => undefined,
    () => asked++,
  );
  expect((await engage(one, 'closed')).statusCode).toBe(200);
  expect(await statusOf(patient)).toEqual([503, 503]);
  expect(await statusOf(patientThere)).toEqual([503, 503]);
  // What stays open without asking was made to ask, and nobody is there any more.
  expect(asked).toBe(1);
  stop();
  const { rows } = await at.database.ownerDb.query<{ account: string }>(
    'select account from access.session',
  );
  expect(rows).toEqual([{ account: people.one.id }]);
  // A closed clinic is not opened by reading only.
  await one.post('/api/lockdown', { mode: 'read-only', reason });
  expect((await state(one)).mode).toBe('closed');
  // Started again it is as it was.
  const { database, keys, clock } = at;
  const again = await stage({ database, keys, clock });
  expect((await again.browser().get('/api/probe')).statusCode).toBe(503);
  expect(await state(again.browser())).toMatchObject({ mode: 'closed' });
  // Administrators sign in; nobody else gets further than that.
  at.clock.advance(31_000);
  const secondOne = await at.signIn(people.two, again.browser());
  const back = await at.signIn(people.patient, again.browser());
  expect((await back.get('/api/lockdown')).statusCode).toBe(200);
  expect((await back.post('/api/lockdown/lift')).statusCode).toBe(401);
  expect((await one.post('/api/lockdown/lift')).statusCode).toBe(202);
  expect((await secondOne.post('/api/lockdown/lift')).statusCode).toBe(200);
  await again.close();
  await at.access.lockdown.flag.look();
  expect(await statusOf(patient)).toEqual([401, 401]);
});

it('what was being written ends before the switch answers', async () => {
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const began = Promise.withResolvers<void>();
  const writing = at.database.db.tx(async (tx) => {
    await tx.query('select pg_current_xact_id()');
    began.resolve();
    await held;
  });
  await began.promise;
  let done = false;
  const engaging = other.access.lockdown
    .engage(callerFor('administrator', { id: people.one.id }), {
      tenant: 1,
      mode: 'read-only',
      reason,
    })
    .then((settled) => (done = settled));
  await expect.poll(() => other.access.lockdown.flag.lockOf(1)).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(done).toBe(false);
  finish();
  await writing;
  expect(await engaging).toBe(true);
});

it('operators count as one, and two of them are two', async () => {
  const operator = systemCaller(1, at.clock, 'lockdown');
  const { lockdown } = at.access;
  expect(await lockdown.lift(operator, 1, 1000)).toBe(false);
  await expect(lockdown.lift(operator, 1, 1000)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(lockdown.lift(operator, 1)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await lockdown.lift(operator, 1, 1001)).toBe(true);
  // Everything: locked by the machine, and no clinic of another house lifts it.
  await lockdown.engage(operator, { tenant: everywhere, mode: 'read-only', reason });
  expect(lockdown.flag.lockOf(7)?.mode).toBe('read-only');
  expect(await lockdown.lift(operator, everywhere, 1000)).toBe(false);
  expect(await lockdown.lift(operator, everywhere, 1001)).toBe(true);
  expect(lockdown.flag.lockOf(1)).toBeUndefined();
});

it('unknown for 5 s counts as locked', async () => {
  await other.access.lockdown.flag.look();
  broken = true;
  expect(other.access.lockdown.flag.idle).toBe(true);
  const now = performance.now();
  const real = performance.now.bind(performance);
  performance.now = () => real() + 6_000;
  try {
    expect(performance.now()).toBeGreaterThan(now + 5_000);
    expect((await other.browser().get('/api/probe')).statusCode).toBe(503);
    broken = false;
    expect((await other.browser().get('/api/probe')).statusCode).toBe(401);
  } finally {
    performance.now = real;
    broken = false;
  }
});
