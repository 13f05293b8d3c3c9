/** Jobs commit with their cause, run, and keep no error text of theirs in a table. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJobs, type Jobs } from './jobs.ts';
import { testDatabase, testLog, type TestDatabase } from './testing/index.ts';

let t: TestDatabase;
let jobs: Jobs;
const log = testLog();
const ran: unknown[] = [];

beforeAll(async () => {
  t = await testDatabase();
  jobs = createJobs({ url: t.url, log });
  jobs.define('note', (payload) => {
    ran.push(payload);
    return Promise.resolve();
  });
  jobs.define('fail', () => Promise.reject(new Error('Zebulon Quux could not be reached')));
  await jobs.start();
});
afterAll(async () => {
  await jobs.stop();
  await t.drop();
});

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let wait = 0; !(await what()); wait += 20) {
    if (wait > 8_000) throw new Error('it did not happen');
    await sleep(20);
  }
}

it('runs a job of a committed transaction, as the application role', async () => {
  await t.db.tx((tx) => jobs.add(tx, 'note', { id: 'a' }));
  await until(() => ran.length === 1);
  expect(ran).toEqual([{ id: 'a' }]);
});

it('runs nothing of a transaction that was rolled back', async () => {
  const failed = t.db.tx(async (tx) => {
    await jobs.add(tx, 'note', { id: 'never' });
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  await t.db.tx((tx) => jobs.add(tx, 'note', { id: 'b' }));
  await until(() => ran.length === 2);
  expect(ran.at(-1)).toEqual({ id: 'b' });
});

it('replaces a waiting job that has the same key', async () => {
  const runAt = new Date(Date.now() + 3_600_000);
  await jobs.add(t.db, 'note', { id: 'first' }, { key: 'k', runAt });
  await jobs.add(t.db, 'note', { id: 'second' }, { key: 'k', runAt });
  const { rows } = await t.db.query(
    `select payload from graphile_worker._private_jobs where key = 'k'`,
  );
  expect(rows).toEqual([{ payload: { id: 'second' } }]);
});

it('keeps the message of a failed job out of the table', async () => {
  await jobs.add(t.db, 'fail', { id: 'x' }, { maxAttempts: 1 });
  const failedRow = () =>
    t.db.query<{ last_error: string | null }>(
      `select last_error from graphile_worker._private_jobs where last_error is not null`,
    );
  await until(async () => (await failedRow()).rowCount > 0);
  const { rows } = await failedRow();
  expect(rows[0]!.last_error).toContain('task fail failed');
  expect(rows[0]!.last_error).not.toContain('Zebulon');
});
