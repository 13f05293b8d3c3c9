/** Events of write transactions are chained in the order of their commits, all of them, however long the numbers of transactions get. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditEntry, stage, type Stage } from '../testing.ts';
import { createAudit } from './audit.ts';
import { insertOf, rowOf } from './row.ts';

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.close());

/** Events as a transaction of that number would have left them. */
async function left(xid: string, boot: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const row = rowOf(auditEntry(at.clock.now(), {}), Buffer.from('origin'));
    const { text, values } = insertOf({ ...row, id: randomUUID() }, boot);
    const numbered = text.replace('pg_current_xact_id()', `'${xid}'::xid8`);
    await at.database.ownerDb.query({ name: `left ${xid}`, text: numbered, values });
  }
}

it('transaction 9 before transaction 10, a page full of the latter or not', async () => {
  const { linker, boot } = createAudit({
    db: at.database.db,
    auditDb: at.database.auditDb,
    keys: at.keys,
    clock: at.clock,
    log: at.log,
  });
  await left('9', boot, 3);
  // A page of the linker is 500.
  await left('10', boot, 500);
  await linker.flush();
  const { rows } = await at.database.db.query<{ covered: number }>(
    `select count(*)::int as covered from access.audit_event e
     where e.boot = $1 and exists (select from access.audit_link l where e.id = any(l.events))`,
    [boot],
  );
  expect(rows[0]!.covered).toBe(503);
});
