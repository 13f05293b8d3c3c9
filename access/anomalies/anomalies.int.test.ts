/** What stands out is told once, the neighbour below is silent, and whoever is held up waits until an auditor lifts it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../audit/entry.ts';
import { auditEntry, stage, type Browser, type Person, type Stage } from '../testing.ts';
import type { RuleName } from './rules.ts';

let at: Stage;
let auditor: Person;
let desk: Browser;
const hour = 3_600_000;

beforeAll(async () => {
  at = await stage();
  auditor = await at.person('auditor');
});
afterAll(() => at.close());
beforeEach(async () => {
  // A new hour for each test: noon, so that nothing is at night.
  at.clock.set(Math.ceil(at.clock.now() / (24 * hour)) * 24 * hour + 12 * hour);
  desk = await at.signIn(auditor);
});

const many = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
const settle = () => at.access.settleOversight();
const append = (who: string, over: Partial<AuditEntry> = {}) =>
  at.access.audit.append(auditEntry(at.clock.now(), { who, ...over }));

/** Alerts about a person. */
async function told(who: string): Promise<{ rule: RuleName; count: number }[]> {
  await settle();
  const { rows } = await at.database.db.query<{ rule: RuleName; count: number }>(
    'select rule, count from access.anomaly where tenant = 1 and who = $1 order by at, rule',
    [who],
  );
  return rows;
}

describe('500 distinct patients within a sliding hour', () => {
  it('499 are silent, however often they are seen; the 500th is told, once, to the auditors', async () => {
    const who = randomUUID();
    const patients = many(499);
    for (let n = 0; n < 3; n++) await append(who, { patients, action: 'search-type' });
    expect(await told(who)).toEqual([]);
    await append(who, { patients: many(1) });
    expect(await told(who)).toEqual([{ rule: 'many-patients', count: 500 }]);
    await append(who, { patients: many(3) });
    expect(await told(who)).toHaveLength(1);
    const notices = await at.access.notices.list(1, auditor.id, 50);
    expect(notices.filter(({ about }) => about.who === who)).toMatchObject([
      { kind: 'anomaly', about: { rule: 'many-patients', count: 500, throttled: 1 } },
    ]);
    const { rows } = await at.database.db.query(
      `select from access.audit_event where action = 'anomaly' and request like 'anomaly:many-patients:%' and at >= $1`,
      [at.clock.now()],
    );
    expect(rows).toHaveLength(1);
  });

  it('what is an hour old no longer counts; what comes late counts where it belongs', async () => {
    const who = randomUUID();
    await append(who, { patients: many(250) });
    at.clock.advance(hour);
    await append(who, { patients: many(250) });
    // An event of before, appended after: its patients fell out with the rest.
    await append(who, { at: at.clock.now() - hour, patients: many(10) });
    expect(await told(who)).toEqual([]);
    await append(who, { patients: many(250) });
    expect(await told(who)).toEqual([{ rule: 'many-patients', count: 500 }]);
  });

  it('counts over processes, and over one that was killed before it had counted', async () => {
    const who = randomUUID();
    await append(who, { patients: many(200) });
    await settle();
    const other = await stage({ database: at.database, keys: at.keys });
    other.clock.set(at.clock.now());
    await other.access.audit.append(auditEntry(at.clock.now(), { who, patients: many(200) }));
    await other.access.settleOversight();
    // As a killed process leaves it: in the trail, told to nobody.
    await other.access.audit.append(auditEntry(at.clock.now(), { who, patients: many(99) }));
    await at.database.ownerDb.query(
      'delete from access.signal where who = $1 and ctid in (select ctid from access.signal where who = $1 limit 50)',
      [who],
    );
    const boot = randomUUID();
    await at.database.ownerDb.query('insert into access.audit_feed (boot, at) values ($1, $2)', [
      boot,
      at.clock.now() - 60_000,
    ]);
    await other.close();
    const next = await stage({ database: at.database, keys: at.keys });
    next.clock.set(at.clock.now());
    await next.access.settleOversight();
    expect(await told(who)).toEqual([]);
    await next.access.audit.append(auditEntry(at.clock.now(), { who, patients: many(1) }));
    await next.access.settleOversight();
    expect(await told(who)).toEqual([{ rule: 'many-patients', count: 500 }]);
    await next.close();
  });
});

describe('whoever is held up', () => {
  it('gets 429 until an auditor lifts it; afterwards the count begins anew', async () => {
    const nurse = await at.person('nurse');
    const browser = await at.signIn(nurse);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    await append(nurse.id, { patients: many(500) });
    await settle();
    const refused = await browser.get('/api/probe');
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3_000);
    expect((await browser.get('/auth/me')).statusCode).toBe(200);

    const page = (await desk.get('/api/auditor/anomalies')).json<{
      rows: { id: string; who: { id: string; name?: string }; throttledUntil?: number }[];
    }>();
    const mine = page.rows.find((row) => row.who.id === nurse.id)!;
    expect(mine).toMatchObject({ who: { name: nurse.name } });
    expect(mine.throttledUntil).toBe(at.clock.now() + hour);
    const lift = `/api/auditor/anomalies/${mine.id}/lift`;
    expect((await browser.post(lift)).statusCode).toBe(429);
    at.clock.advance(11 * 60_000);
    expect((await desk.post(lift)).json()).toMatchObject({
      issue: [{ details: { coding: [{ code: 'step-up-required' }] } }],
    });
    const fresh = await at.signIn(auditor);
    expect((await fresh.post(lift)).statusCode).toBe(204);
    expect((await browser.get('/api/probe')).statusCode).toBe(200);
    await append(nurse.id, { patients: many(499) });
    expect(await told(nurse.id)).toHaveLength(1);
    await append(nurse.id, { patients: many(1) });
    expect(await told(nurse.id)).toHaveLength(2);
  });

  it('goes on after an hour by herself', async () => {
    const nurse = await at.person('nurse');
    const browser = await at.signIn(nurse);
    await append(nurse.id, { patients: many(500) });
    await settle();
    expect((await browser.get('/api/probe')).statusCode).toBe(429);
    at.clock.advance(hour + 1);
    expect((await (await at.signIn(nurse)).get('/api/probe')).statusCode).toBe(200);
  });

  it('only an auditor decides, and on what there is', async () => {
    const admin = await at.signIn(await at.person('administrator'));
    const path = `/api/auditor/anomalies/${randomUUID()}`;
    expect((await admin.post(`${path}/lift`)).statusCode).toBe(403);
    expect((await admin.post(`${path}/acknowledge`)).statusCode).toBe(403);
    expect((await desk.post(`${path}/acknowledge`)).statusCode).toBe(404);
    const nurse = await at.signIn(await at.person('nurse'));
    expect((await nurse.get('/api/auditor/anomalies')).statusCode).toBe(403);
  });
});

describe('the other rules: told at the threshold, silent one below', () => {
  it.each<[RuleName, number, (n: number) => Partial<AuditEntry>]>([
    ['break-glass-burst', 5, () => ({ purpose: 'ETREAT', patients: many(1) })],
    ['refusals', 50, () => ({ outcome: 4 })],
    ['exports', 20, () => ({ action: 'everything', patients: [] })],
    ['places', 3, (n) => ({ ip: `${20 + n}.7.1.1`, patients: [] })],
    ['night', 60, () => ({ patients: many(1), at: at.clock.now() - 13 * hour })],
  ])('%s at %i', async (rule, threshold, make) => {
    const who = randomUUID();
    for (let n = 1; n < threshold; n++) await append(who, make(n));
    expect(await told(who)).toEqual([]);
    await append(who, make(threshold));
    expect(await told(who)).toEqual([{ rule, count: threshold }]);
    await append(who, make(threshold + 1));
    expect(await told(who)).toHaveLength(1);
  });

  it('a clinic sets its own', async () => {
    const put = (payload: object) =>
      desk.send({ method: 'PUT', url: '/api/auditor/rules/refusals', payload });
    const rule = { enabled: true, threshold: 2, windowMs: 60_000, throttleMs: 60_000 };
    expect((await put({ ...rule, threshold: 0 })).statusCode).toBe(400);
    expect((await put(rule)).json()).toMatchObject({ refusals: rule });
    at.clock.advance(11_000);
    const who = randomUUID();
    await append(who, { outcome: 4 });
    expect(await told(who)).toEqual([]);
    await append(who, { outcome: 4 });
    expect(await told(who)).toEqual([{ rule: 'refusals', count: 2 }]);
    await put({ ...rule, enabled: false });
    at.clock.advance(11_000);
    const other = randomUUID();
    for (let n = 0; n < 3; n++) await append(other, { outcome: 4 });
    expect(await told(other)).toEqual([]);
  });
});

it('who was in a record is kept by day and person, and told from the trail', async () => {
  const nurse = await at.person('nurse', { name: 'Ines Almeida' });
  const [patient, another] = many(2) as [string, string];
  const you = randomUUID();
  await append(nurse.id, {
    patients: [patient, another],
    action: 'search-type',
    type: 'Observation',
  });
  at.clock.advance(2 * hour);
  await append(nurse.id, { patients: [patient], type: 'Condition', purpose: 'ETREAT' });
  await append(nurse.id, { patients: [another], type: 'Immunization' });
  await append(nurse.id, { patients: [patient], outcome: 4, type: 'Procedure' });
  await append(you, { patients: [patient], role: 'patient' });
  await settle();
  const { entries } = await at.access.readers.of(1, patient, you);
  expect(entries).toHaveLength(2);
  expect(entries.find(({ reader }) => reader.id === nurse.id)).toMatchObject({
    reader: { kind: 'staff', name: 'Ines Almeida', role: 'practitioner' },
    emergency: true,
    first: at.clock.now() - 2 * hour,
    last: at.clock.now(),
    what: [
      { action: 'read', type: 'Condition', count: 1 },
      { action: 'search-type', type: 'Observation', count: 1 },
    ],
  });
  expect(entries.find(({ reader }) => reader.id === you)?.reader.kind).toBe('you');
  expect((await at.access.readers.of(2, patient, you)).entries).toEqual([]);
});
