/** The trail: one event for every request, durable before the answer, and chained. */
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '@afar/platform';
import { Unavailable } from '@afar/platform';
import { testDatabase } from '@afar/platform/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEntry, stage, type Stage } from '../testing.ts';
import { createAudit } from './audit.ts';
import type { AuditEntry } from './entry.ts';
import type { AuditReport } from './verify/faults.ts';

let at: Stage;
let down = false;

/** The audit connection, which a test may cut. */
const cuttable = (db: Db): Db => ({
  query: (sql, values) =>
    down ? Promise.reject(new Unavailable('cut by the test')) : db.query(sql, values),
  tx: (work, opts) => db.tx(work, opts),
  close: () => db.close(),
});

/** A room of each test's own: its chain begins with the test. */
function freshForEach(): void {
  beforeEach(async () => {
    at = await stage({ wrapAudit: cuttable });
  });
  afterEach(async () => {
    down = false;
    await at.close();
  });
}

/** One room for tests that only count events: emptied before each. */
function sharedByAll(): void {
  beforeAll(async () => {
    at = await stage({ wrapAudit: cuttable });
  });
  beforeEach(async () => {
    await at.database.ownerDb.query('truncate access.audit_event, access.audit_link');
  });
  afterAll(() => at.close());
}

const entry = (over: Partial<AuditEntry> = {}): AuditEntry => auditEntry(at.clock.now(), over);

/** Settles what has been committed, and says what is chained. */
async function chained(): Promise<AuditReport> {
  await at.access.settleAudit();
  return at.access.verifyAudit();
}

/** Transactions of this database that have written. */
const running = async (): Promise<number> =>
  (
    await at.database.db.query(
      'select from pg_stat_activity where datname = current_database() and backend_xid is not null',
    )
  ).rowCount;

interface Row {
  id: string;
  who: string;
  action: string;
  outcome: number;
  request: string;
}
const events = async (): Promise<Row[]> =>
  (await at.database.db.query<Row>('select * from access.audit_event order by at, id')).rows;

describe('every request leaves exactly one event', () => {
  sharedByAll();

  it.each([
    ['GET', '/api/probe', 401],
    ['GET', '/auth/me', 204],
    ['POST', '/auth/sign-in', 400],
    ['GET', '/api/nowhere', 404],
    ['GET', '/fhir/R4/Patient/x', 404],
    ['GET', '/oauth/jwks', 200],
    ['POST', '/oauth/token', 400],
    ['GET', '/.well-known/openid-configuration', 200],
    ['OPTIONS', '/api/probe', 404],
    ['HEAD', '/api/probe', 401],
  ] as const)('%s %s answered with %i', async (method, url, status) => {
    const answer = await at.http.inject({ method, url, headers: { host: 'localhost:8160' } });
    expect(answer.statusCode).toBe(status);
    const rows = await events();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      outcome: status < 400 ? 0 : 4,
      request: answer.headers['x-request-id'],
    });
  });

  it('an address that cannot be decoded, over a real socket', async () => {
    const address = await at.http.listen({ host: '127.0.0.1', port: 0 });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(new URL(address), { path: '/api/%zz/%E0%A4%A' }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(404);
    expect(await events()).toHaveLength(1);
  });

  it('none for the pages of the web app', async () => {
    await at.http.inject({ url: '/index.html' });
    expect(await events()).toEqual([]);
  });

  it('a hundred at once leave a hundred', async () => {
    await Promise.all(Array.from({ length: 100 }, () => at.http.inject({ url: '/api/probe' })));
    expect(await events()).toHaveLength(100);
    const { rows } = await at.database.db.query<{ n: number }>(
      'select count(*) as n from access.audit_link',
    );
    // Group commit: far fewer links than events.
    expect(rows[0]!.n).toBeLessThan(50);
  });

  it('says who, refused or not', async () => {
    const who = await at.person('patient');
    const browser = await at.signIn(who);
    await browser.get('/api/probe');
    await browser.send({
      method: 'POST',
      url: '/api/probe',
      headers: { origin: 'https://evil.example' },
    });
    const rows = (await events()).filter((row) => row.who === who.id);
    expect(new Set(rows.map((row) => `${row.action} ${row.outcome}`))).toEqual(
      new Set(['GET /api/probe 0', 'POST /api/probe 4', 'sign-in 0']),
    );
    expect(rows).toHaveLength(3);
  });
});

describe('when the trail cannot be written', () => {
  freshForEach();

  it('nothing leaves: 503, no body, no session', async () => {
    const who = await at.person('patient');
    const browser = await at.signIn(who);
    down = true;
    const read = await browser.get('/auth/me');
    expect(read.statusCode).toBe(503);
    expect(read.headers['retry-after']).toBeDefined();
    expect(read.body).not.toContain(who.name);
    expect(read.json()).toMatchObject({ resourceType: 'OperationOutcome' });
    const fresh = at.browser();
    const answer = await fresh.post('/auth/sign-in', { email: who.email, password: 'x' });
    expect(answer.statusCode).toBe(503);
    expect((await at.http.inject({ url: '/oauth/jwks' })).statusCode).toBe(503);
    down = false;
    expect((await browser.get('/auth/me')).statusCode).toBe(200);
    expect(await at.access.verifyAudit()).not.toHaveProperty('fault');
  });
});

describe('the database roles', () => {
  sharedByAll();

  it('the application cannot change or remove an event', async () => {
    await at.access.audit.append(entry());
    for (const table of ['audit_event', 'audit_event_default', 'audit_link', 'audit_event_202611'])
      for (const sql of [
        `update access.${table} set at = 0`,
        `delete from access.${table}`,
        `truncate access.${table}`,
      ])
        await expect(at.database.db.query(sql)).rejects.toMatchObject({ code: '42501' });
    expect(await events()).toHaveLength(1);
  });

  it('the audit role can only insert, and nothing elsewhere', async () => {
    for (const sql of [
      'select * from access.audit_event',
      'update access.audit_event set at = 0',
      'delete from access.audit_link',
      'select * from access.account',
      "insert into access.throttle values ('\\x00', 1, 1, 1)",
    ])
      await expect(at.database.auditDb.query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  it('events go into the partition of their month', async () => {
    await at.access.audit.append(entry());
    const { rows } = await at.database.db.query<{ part: string }>(
      'select tableoid::regclass::text as part from access.audit_event',
    );
    expect(rows).toEqual([{ part: 'access.audit_event_202611' }]);
  });
});

describe('within a write’s own transaction', () => {
  freshForEach();

  it('the event commits with the write, and is chained', async () => {
    await at.database.db.tx(async (tx) => {
      await at.access.audit.within(tx, entry({ verb: 'U', action: 'update' }));
      expect(await events()).toHaveLength(0);
    });
    expect(await events()).toHaveLength(1);
    await chained();
    at.clock.advance(10 * 60_000);
    const report = await at.access.verifyAudit();
    expect(report).toEqual({ events: 1, links: 1, chains: 1 });
  });

  it('no event remains of one that was rolled back', async () => {
    await expect(
      at.database.db.tx(async (tx) => {
        await at.access.audit.within(tx, entry());
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await at.access.settleAudit();
    expect(await events()).toHaveLength(0);
  });

  it('an event is not passed over by one that commits before it', async () => {
    let commit = (): void => undefined;
    const slow = at.database.db.tx(async (tx) => {
      await at.access.audit.within(tx, entry({ action: 'slow' }));
      await new Promise<void>((go) => (commit = go));
    });
    while ((await running()) === 0) await sleep(10);
    await at.database.db.tx((tx) => at.access.audit.within(tx, entry({ action: 'quick' })));
    await at.access.settleAudit();
    expect((await at.access.verifyAudit()).events).toBe(0);
    commit();
    await slow;
    await at.access.settleAudit();
    expect(await at.access.verifyAudit()).toMatchObject({ events: 2, links: 1 });
  });

  it('another database’s long transaction holds nothing up', async () => {
    const other = await testDatabase(['access']);
    try {
      await other.db.tx(async (tx) => {
        await tx.query('select pg_current_xact_id()');
        await at.database.db.tx((mine) => at.access.audit.within(mine, entry()));
        await at.access.settleAudit();
        expect((await at.access.verifyAudit()).events).toBe(1);
      });
    } finally {
      await other.drop();
    }
  });

  it('takes part in a statement of the caller’s own', async () => {
    const { text, values } = await at.access.audit.insertSql(entry({ action: 'create' }), 2);
    await at.database.db.query(`with audited as (${text}) select $1::int`, [1, ...values]);
    expect((await chained()).events).toBe(1);
  });

  it('what a killed process left unchained is chained by the next one', async () => {
    const dead = createAudit({
      db: at.database.db,
      auditDb: at.database.auditDb,
      keys: at.keys,
      clock: at.clock,
      log: at.log,
    });
    await at.database.auditDb.query('insert into access.audit_boot (boot, at) values ($1, $2)', [
      dead.boot,
      at.clock.now(),
    ]);
    for (let n = 0; n < 3; n++) await at.database.db.tx((tx) => dead.audit.within(tx, entry()));
    // Three days later: the link lies far from the events it covers.
    at.clock.advance(3 * 86_400_000);
    expect((await at.access.verifyAudit()).fault).toMatchObject({ why: 'unchained' });
    await at.access.settleAudit();
    expect(await at.access.verifyAudit()).toMatchObject({ events: 3 });
    expect(await at.access.verifyAudit()).not.toHaveProperty('fault');
    // A second pass finds nothing left to do.
    at.clock.advance(2 * 60_000);
    await at.access.settleAudit();
    expect((await at.access.verifyAudit()).events).toBe(3);
  });
});

describe('no PHI in the trail', () => {
  sharedByAll();

  it('addresses and browsers are sealed; what is no name and no id of ours is left out', async () => {
    await at.access.audit.append(
      entry({
        ip: '203.0.113.99',
        device: 'Karins iPhone',
        rid: '19121212-1212',
        type: 'Karin',
        patients: ['Karin', randomUUID()],
        params: [
          'name',
          'Karin Andersson 1912',
          'Karin-Andersson',
          'subject:Patient.name',
          'name:Karin',
          '_id',
        ],
        who: 'karin@clinic.example',
      }),
    );
    const { rows } = await at.database.ownerDb.query<{
      text: string;
      patients: string[];
      params: string[];
    }>('select e::text as text, patients, params from access.audit_event e');
    expect(rows[0]!.patients).toHaveLength(1);
    expect(rows[0]!.params).toEqual(['name', 'subject:Patient.name', '_id']);
    for (const word of ['203.0.113.99', 'Karin', '1212', 'clinic.example']) {
      expect(rows[0]!.text).not.toContain(word);
      expect(rows[0]!.text).not.toContain(Buffer.from(word).toString('hex'));
    }
  });
});
