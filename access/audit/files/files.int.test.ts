/** Months leave the database by an exported file, six years later, by the owner's hand; files prove themselves. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntry, stage, type Browser, type Person, type Stage } from '../../testing.ts';
import type { AuditEntry } from '../entry.ts';

let at: Stage;
let auditor: Person;
let desk: Browser;
const dir = mkdtempSync(join(tmpdir(), 'afar-files-'));
const patient = randomUUID();
const september = Date.UTC(2020, 8, 15);

beforeAll(async () => {
  at = await stage({ checkpointDir: dir });
  const { clock } = at;
  const now = clock.now();
  // As it was then: the month had its own partition, its links their instants.
  clock.set(september);
  await at.database.db.query('select access.ensure_audit_months($1, 0)', [september]);
  for (let n = 0; n < 5; n++) {
    await append({ patients: [patient] });
    clock.advance(60_000);
  }
  await at.database.db.tx((tx) =>
    at.access.audit.within(tx, auditEntry(clock.now(), { verb: 'C', action: 'create' })),
  );
  await at.access.settleAudit();
  clock.set(now);
  auditor = await at.person('auditor');
  desk = await at.signIn(auditor);
});
afterAll(async () => {
  await at.close();
  rmSync(dir, { recursive: true, force: true });
});

const append = (over: Partial<AuditEntry> = {}) =>
  at.access.audit.append(auditEntry(at.clock.now(), over));
const evidence = (payload: object) => desk.post('/api/auditor/evidence', payload);
const verifyText = async (text: string) => {
  const file = join(dir, 'evidence.ndjson');
  writeFileSync(file, text);
  return at.access.custody.verifyFile(file);
};

describe('evidence', () => {
  it('of a patient and a span is signed, proves each event, and says nothing of others', async () => {
    const from = september - 1_000;
    const answer = await evidence({ from, to: september + 3_600_000, patient });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('application/x-ndjson');
    const report = await verifyText(answer.body);
    expect(report).toMatchObject({ events: 5, signed: true, faults: [] });
    expect(report.head).toMatchObject({ kind: 'evidence', by: auditor.id, asked: { patient } });
    const lines = answer.body.trim().split('\n');
    const told = lines.filter((line) => line.includes('"row"')).map((line) => JSON.parse(line));
    for (const { event, row } of told as {
      event: { resourceType: string };
      row: { patients: string[] };
    }[]) {
      expect(event.resourceType).toBe('AuditEvent');
      expect(row.patients).toEqual([patient]);
    }
    const { rows } = await at.database.db.query<{ params: string[] }>(
      `select params from access.audit_event where action = 'evidence' and who = $1`,
      [auditor.id],
    );
    expect(rows[0]!.params).toEqual(['from', 'to', 'patient']);
  });

  it.each<[string, (lines: string[]) => void]>([
    [
      'an event changed',
      (lines) => lines.splice(1, 1, lines[1]!.replace('"outcome":0', '"outcome":8')),
    ],
    ['an event left out', (lines) => lines.splice(1, 1)],
    [
      'a link changed',
      (lines) =>
        lines.splice(
          2,
          1,
          // Another digit, whatever it was: one link in 256 begins with any two that one could think of.
          lines[2]!.replace(/(?<="digests":")./, (digit) => (digit === '0' ? '1' : '0')),
        ),
    ],
    ['the end cut off', (lines) => lines.pop()],
    [
      'another span in the head',
      (lines) => lines.splice(0, 1, lines[0]!.replace('"from":', '"from":1')),
    ],
  ])('%s is found', async (_what, change) => {
    const { body } = await evidence({ from: september - 1_000, to: september + 3_600_000 });
    const lines = body.trim().split('\n');
    change(lines);
    const report = await verifyText(lines.join('\n') + '\n');
    expect(report.signed).toBe(false);
    expect(report.faults).not.toEqual([]);
  });

  it('is for auditors with a fresh proof, and of a quarter at most', async () => {
    const span = { from: september, to: september + 1_000 };
    expect((await evidence({ ...span, to: september + 100 * 86_400_000 })).statusCode).toBe(400);
    const admin = await at.signIn(await at.person('administrator'));
    expect((await admin.post('/api/auditor/evidence', span)).statusCode).toBe(403);
    at.clock.advance(11 * 60_000);
    expect((await evidence(span)).body).toContain('step-up-required');
    at.clock.advance(60_000);
    desk = await at.signIn(auditor);
  });
});

describe('a month', () => {
  const drop = (month: number) => at.access.custody.dropMonth(at.database.ownerDb, month);

  it('is not dropped before it is exported', async () => {
    await expect(drop(202009)).rejects.toThrow('not exported');
  });

  it('is exported sealed, and the file proves itself', async () => {
    const made = await at.access.custody.exportMonth(1, 202009);
    expect(made).toMatchObject({ events: 6, links: 6 });
    expect(readFileSync(made.file, 'utf8')).not.toContain(patient);
    expect(await at.access.custody.verifyFile(made.file)).toMatchObject({
      events: 6,
      signed: true,
      faults: [],
    });
    const lines = readFileSync(made.file, 'utf8').split('\n');
    const changed = join(dir, 'changed.sealed');
    writeFileSync(changed, [lines[0]!.replace('202009', '202010'), ...lines.slice(1)].join('\n'));
    await expect(at.access.custody.verifyFile(changed)).rejects.toThrow('changed, or from another');
    await expect(at.access.custody.exportMonth(1, 202611)).rejects.toThrow('has not ended');
  });

  it('goes six years after its end, by the owner alone; the rest verifies without it', async () => {
    await expect(at.access.custody.dropMonth(at.database.db, 202009)).rejects.toMatchObject({
      code: '42501',
    });
    await expect(drop(202611)).rejects.toThrow('kept for six years');
    expect(await drop(202009)).toBe(6);
    const { rows } = await at.database.db.query('select from access.audit_event where at < $1', [
      september + 86_400_000,
    ]);
    expect(rows).toHaveLength(0);
    const report = await at.access.verifyAudit();
    expect(report.fault).toBeUndefined();
    expect(report.dropped).toBe(6);
    const { rows: told } = await at.database.db.query(
      `select action from access.audit_event where action in ('audit-export', 'audit-drop') order by at, action`,
    );
    expect(told.map((row) => row.action)).toEqual(['audit-drop', 'audit-export']);
  });

  it('is not dropped by writing that it was', async () => {
    const now = at.clock.now();
    await append();
    await at.database.ownerDb.query(
      `insert into access.audit_dropped (month, at, events, signature) values (202611, $1, 1, 'AAAA')`,
      [now],
    );
    await at.database.ownerDb.query('delete from access.audit_event where at = $1', [now]);
    const { faults } = await at.access.verifyAudit();
    expect(faults?.map(({ why }) => why)).toEqual(
      expect.arrayContaining(['dropped', 'missing']) as string[],
    );
  });
});

it('neither application nor audit role can change what was kept', async () => {
  const tables = [
    'audit_event',
    'audit_link',
    'audit_export',
    'audit_dropped',
    'audit_verification',
  ];
  for (const db of [at.database.db, at.database.auditDb])
    for (const table of tables)
      for (const sql of [
        `update access.${table} set at = 0`,
        `delete from access.${table}`,
        `truncate access.${table}`,
        `alter table access.${table} add column x int`,
        `drop table access.${table}`,
      ])
        await expect(db.query(sql)).rejects.toMatchObject({ code: '42501' });
});
