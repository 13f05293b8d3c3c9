/** What is metered adds up by tenant and hour, and is not lost while the database is away. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixedClock } from './clock.ts';
import { createMeter } from './meter.ts';
import { testDatabase, testLog, type TestDatabase } from './testing/index.ts';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

it('adds up over flushes, processes and hours', async () => {
  const clock = fixedClock(Date.UTC(2026, 10, 21, 9, 59));
  const one = createMeter({ db: t.db, clock, log: testLog() });
  const other = createMeter({ db: t.db, clock, log: testLog() });
  one.add(1, 'requests', 2);
  one.add(1, 'requests', 3);
  one.add(2, 'egress_bytes', 10);
  await one.flush();
  other.add(1, 'requests', 4);
  clock.advance(120_000);
  other.add(1, 'requests', 7);
  await other.close();
  one.add(1, 'cpu_us', 1.6);
  await one.close();
  const { rows } = await t.ownerDb.query(
    'select tenant, metric, hour, amount from platform.meter order by tenant, metric, hour',
  );
  const nine = Date.UTC(2026, 10, 21, 9);
  const ten = Date.UTC(2026, 10, 21, 10);
  expect(rows).toEqual([
    { tenant: 1, metric: 'cpu_us', hour: ten, amount: 2 },
    { tenant: 1, metric: 'requests', hour: nine, amount: 9 },
    { tenant: 1, metric: 'requests', hour: ten, amount: 7 },
    { tenant: 2, metric: 'egress_bytes', hour: nine, amount: 10 },
  ]);
});

it('keeps its counts when they cannot be written', async () => {
  let down = true;
  const db = {
    query: <R extends object>(...args: Parameters<typeof t.db.query<R>>) =>
      down ? Promise.reject(new Error('down')) : t.db.query<R>(...args),
  };
  const meter = createMeter({ db, clock: fixedClock(0), log: testLog() });
  meter.add(9, 'requests', 5);
  await expect(meter.flush()).rejects.toThrow('down');
  meter.add(9, 'requests', 1);
  down = false;
  await meter.close();
  const { rows } = await t.ownerDb.query('select amount from platform.meter where tenant = 9');
  expect(rows).toEqual([{ amount: 6 }]);
});
