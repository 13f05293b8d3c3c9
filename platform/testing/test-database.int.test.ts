/** The test database itself: apart from others, restricted like the real one, and not forgiving. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDb } from '../database/open-db.ts';
import { testDatabase, type TestDatabase } from './index.ts';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());

it('is a copy of its own', async () => {
  const other = await testDatabase();
  await other.db.query(`insert into platform.meter values (1, 'requests', 0, 1)`);
  expect((await t.db.query('select from platform.meter')).rowCount).toBe(0);
  await other.drop();
});

it('is opened with the real roles', async () => {
  const who = async (db: TestDatabase['db']) =>
    (await db.query<{ who: string }>('select current_user as who')).rows[0]!.who;
  expect([await who(t.db), await who(t.auditDb), await who(t.ownerDb)]).toEqual([
    'afar_app',
    'afar_audit',
    'afar_owner',
  ]);
});

it('drop fails when the test left a connection open', async () => {
  const leaky = await testDatabase();
  const forgotten = openDb(leaky.url, { application: 'forgotten', max: 1 });
  await forgotten.query('select 1');
  await expect(leaky.drop()).rejects.toThrow(/forgotten/);
  await forgotten.close();
});
