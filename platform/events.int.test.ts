/** Events reach every process, and a subscriber hears when it may have missed some. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDb } from './database/open-db.ts';
import { openEvents, type RunningEvents } from './events.ts';
import { testDatabase, testLog, type TestDatabase } from './testing/index.ts';

let t: TestDatabase;
let here: RunningEvents;
let there: RunningEvents;

beforeAll(async () => {
  t = await testDatabase();
  here = await openEvents({ url: t.url, db: t.db, log: testLog() });
  there = await openEvents({ url: t.url, db: t.db, log: testLog() });
});
afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await t.drop();
});

async function until(what: () => boolean): Promise<void> {
  for (let wait = 0; !what(); wait += 10) {
    if (wait > 8_000) throw new Error('it did not happen');
    await sleep(10);
  }
}

it('reach subscribers of their channel in both processes, and no others', async () => {
  const heard: string[] = [];
  const stop = [
    here.subscribe('slots', (p) => heard.push(`here ${String(p.id)}`)),
    there.subscribe('slots', (p) => heard.push(`there ${String(p.id)}`)),
    there.subscribe('other', () => heard.push('wrong')),
  ];
  await here.publish('slots', { id: 1 });
  await until(() => heard.length === 2);
  for (const one of stop) one();
  await here.publish('slots', { id: 2 });
  await sleep(50);
  expect(heard.sort()).toEqual(['here 1', 'there 1']);
});

it('survive a listener that throws', async () => {
  let heard = 0;
  const stop = [
    here.subscribe('brittle', () => {
      throw new Error('listener');
    }),
    here.subscribe('brittle', () => heard++),
  ];
  await there.publish('brittle', {});
  await until(() => heard > 0);
  expect(heard).toBe(1);
  for (const one of stop) one();
});

it('reconnect after a cut, and tell the subscriber of the gap', async () => {
  let gaps = 0;
  let heard = 0;
  const stop = here.subscribe(
    'after',
    () => heard++,
    () => gaps++,
  );
  const admin = openDb(t.urls.admin, { max: 1 });
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'afar-events' and datname = current_database()`,
  );
  await admin.close();
  await until(() => gaps === 1);
  await there.publish('after', {});
  await until(() => heard > 0);
  expect([gaps, heard]).toEqual([1, 1]);
  stop();
});

it('refuse contents', async () => {
  await expect(here.publish('big', { text: 'x'.repeat(7_000) })).rejects.toThrow(RangeError);
});
