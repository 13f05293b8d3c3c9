/** A hand in the trail: whatever is changed, removed, slipped in or cut off is found, and the entry named. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditEntry, stage, start, type Stage } from '../../testing.ts';
import type { AuditEntry } from '../entry.ts';

let at: Stage;
const dir = mkdtempSync(join(tmpdir(), 'afar-checkpoints-'));

beforeEach(async () => {
  at = await stage({ checkpointDir: dir });
});
afterEach(async () => {
  await at.close();
  rmSync(dir, { recursive: true, force: true });
});

const entry = (over: Partial<AuditEntry> = {}): AuditEntry => auditEntry(at.clock.now(), over);

const events = async (): Promise<{ id: string }[]> =>
  (await at.database.db.query<{ id: string }>('select id from access.audit_event order by at, id'))
    .rows;

describe('a hand in the database is found, and the entry named', () => {
  beforeEach(async () => {
    for (let n = 0; n < 5; n++) {
      await at.access.audit.append(entry());
      at.clock.advance(1_000);
    }
    await at.database.db.tx((tx) => at.access.audit.within(tx, entry({ verb: 'C' })));
    await at.access.settleAudit();
  });
  it('untouched it is whole', async () => {
    expect(await at.access.verifyAudit()).toEqual({ events: 6, links: 6, chains: 1 });
  });

  const owner = (sql: string, values?: unknown[]) => at.database.ownerDb.query(sql, values);

  it.each([
    ['who', `who = '${randomUUID()}'`],
    ['outcome', 'outcome = 8'],
    ['patients', 'patients = null'],
    ['origin', `origin = '\\x00'`],
    ['purpose', `purpose = 'ETREAT'`],
    ['action', `action = 'search-type'`],
  ])('a changed %s', async (_what, set) => {
    const third = (await events())[2]!;
    await owner(`update access.audit_event set ${set} where id = $1`, [third.id]);
    expect((await at.access.verifyAudit()).fault).toMatchObject({
      why: 'changed',
      event: third.id,
      at: start + 2_000,
    });
  });

  it('a removed event', async () => {
    const second = (await events())[1]!;
    await owner('delete from access.audit_event where id = $1', [second.id]);
    expect((await at.access.verifyAudit()).fault).toMatchObject({
      why: 'missing',
      event: second.id,
    });
  });

  it('an event of a write, changed', async () => {
    const last = (await events())[5]!;
    await owner(`update access.audit_event set rid = null where id = $1`, [last.id]);
    expect((await at.access.verifyAudit()).fault).toMatchObject({ why: 'changed', event: last.id });
  });

  it('an event slipped in', async () => {
    await owner(
      `insert into access.audit_event select tenant, at + 1, $1::uuid, request, who, role, origin, verb,
         action, type, rid, patients, purpose, outcome, params, body_hash, boot
       from access.audit_event limit 1`,
      [randomUUID()],
    );
    at.clock.advance(10 * 60_000);
    expect((await at.access.verifyAudit()).fault).toMatchObject({ why: 'unchained' });
  });

  it('a removed event and its digest with it', async () => {
    const third = (await events())[2]!;
    await owner('delete from access.audit_event where id = $1', [third.id]);
    await owner('delete from access.audit_link where n = 2');
    expect((await at.access.verifyAudit()).fault).toMatchObject({ why: 'missing link', n: 2 });
  });

  it('a link rewritten to fit', async () => {
    await owner(`update access.audit_link set digests = sha256(digests) where n = 1`);
    expect((await at.access.verifyAudit()).fault).toBeDefined();
  });

  it('an end cut off, against a checkpoint outside the database', async () => {
    await at.access.stop();
    const [file] = readdirSync(dir);
    const line = readFileSync(join(dir, file!), 'utf8');
    expect(JSON.parse(line)).toMatchObject({ n: 6 });
    await owner('delete from access.audit_link where n >= 4');
    await owner('delete from access.audit_event where at >= $1', [start + 4_000]);
    expect((await at.access.verifyAudit()).fault).toMatchObject({ why: 'checkpoint' });
    writeFileSync(join(dir, file!), line.replace('"n":6', '"n":4'));
    expect((await at.access.verifyAudit()).faults).toMatchObject([
      { why: 'checkpoint file', where: `${file}:1` },
    ]);
  });
});
