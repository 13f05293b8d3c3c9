/** The order in which changes are told: that of the transactions' numbers, however many digits they have. */
import { randomUUID } from 'node:crypto';
import { testDatabase } from '@afar/platform/testing';
import type { TestDatabase } from '@afar/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changesAfter } from './feed.ts';

let data: TestDatabase;
beforeAll(async () => {
  data = await testDatabase(['access', 'records']);
});
afterAll(() => data.drop());

it('transaction 9 before transaction 10', async () => {
  for (const xid of ['10', '9', '100', '99'])
    await data.ownerDb.query(
      `insert into records.change (xid, tenant, type, rid, version, verb, at)
       values ($1::xid8, 1, 'Patient', $2, 1, 'POST', 0)`,
      [xid, randomUUID()],
    );
  const { rows } = await data.db.query<{ xid: string }>(changesAfter, ['0', 0]);
  expect(rows.map(({ xid }) => xid)).toEqual(['9', '10', '99', '100']);
});
