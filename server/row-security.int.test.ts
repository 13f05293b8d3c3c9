/** Row-level security behind every statement: a query that forgot its tenant gives no row of another, and none at all without one. */
import { everyTenant, openDb, undeclared, within, type Db } from '@afar/platform';
import { testDatabase, type TestDatabase } from '@afar/platform/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rooms } from './database.ts';

let t: TestDatabase;
/** As a server with several tenants opens it: work that declares none has no home. */
let db: Db;
beforeAll(async () => {
  t = await testDatabase(rooms.map((one) => one.room));
  db = openDb(t.url, { application: 'test-row-security', max: 4 });
  await t.db.query('select records.ensure_months($1, 2)', [Date.now()]);
  await t.db.query('select access.ensure_audit_months($1, 2)', [Date.now()]);
  await t.db.query('select platform.guard_tenants()');
  // Equal rows in both.
  await everyTenant(async () => {
    for (const tenant of [1, 2]) {
      await db.query(`insert into platform.meter values ($1, 'requests', 0, 1)`, [tenant]);
      await db.query(`insert into records.token values ($1, 7, 0, $2)`, [tenant, rid]);
      await db.query(`insert into records.alias values ($1, 'Patient', 5, $2)`, [tenant, rid]);
    }
  });
});
afterAll(async () => {
  await db.close();
  await t.drop();
});

const rid = '00000000-0000-4000-8000-000000000001';
const seen = async (table: string): Promise<number[]> => {
  // On purpose without `tenant =`.
  const { rows } = await db.query<{ tenant: number }>(
    `select tenant from ${table} order by tenant`,
  );
  return rows.map((row) => row.tenant);
};

it('is forced on every table that has tenants, partitions and all', async () => {
  const { rows } = await t.ownerDb.query<{ name: string; open: boolean }>(
    `select c.oid::regclass::text as name,
       not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy where polrelid = c.oid)) as open
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`,
  );
  expect(rows.length).toBeGreaterThan(40);
  expect(rows.filter((row) => row.open)).toEqual([]);
});

it('no role of the application owns a table or may pass row security by', async () => {
  const { rows } = await t.ownerDb.query<{ rolname: string }>(
    `select rolname from pg_roles r where rolname in ('afar_app', 'afar_house', 'afar_audit')
     and (rolsuper or rolbypassrls or exists (select from pg_class where relowner = r.oid))`,
  );
  expect(rows).toEqual([]);
});

describe.each(['platform.meter', 'records.token', 'records.alias'])('%s', (table) => {
  it('shows each tenant its own, nobody nothing, the house and the owner all', async () => {
    expect(await within(1, () => seen(table))).toEqual([1]);
    expect(await within(2, () => seen(table))).toEqual([2]);
    expect(await within(3, () => seen(table))).toEqual([]);
    expect(await undeclared(() => seen(table))).toEqual([]);
    expect(await everyTenant(() => seen(table))).toEqual([1, 2]);
    const { rowCount } = await t.ownerDb.query(`select from ${table}`);
    expect(rowCount).toBe(2);
  });

  it('lets a tenant change and remove its own alone, and write none of another', async () => {
    const other = await within(1, () => db.query(`delete from ${table} where tenant = 2`));
    expect(other.rowCount).toBe(0);
    await expect(within(1, () => db.query(`update ${table} set tenant = 2`))).rejects.toMatchObject(
      { code: '42501' },
    );
    await expect(
      within(1, () => db.query(`insert into ${table} select * from ${table}`)),
    ).rejects.toMatchObject({ code: '23505' });
    expect(await everyTenant(() => seen(table))).toEqual([1, 2]);
  });
});

it('a new row of another tenant is refused', async () => {
  await expect(
    within(1, () => db.query(`insert into platform.meter values (2, 'requests', 3600000, 1)`)),
  ).rejects.toMatchObject({ code: '42501' });
});

it('holds while connections go from tenant to tenant: statements in line, single ones, transactions', async () => {
  const text = 'select tenant from platform.meter';
  const one = async (n: number): Promise<boolean> => {
    const tenant = 1 + (n % 2);
    return within(tenant, async () => {
      const line = db.query<{ tenant: number }>({ name: 'rls.line', text, inLine: true });
      const single = db.query<{ tenant: number }>({ name: 'rls.single', text });
      const tx = db.tx(async (on) => on.query<{ tenant: number }>({ name: 'rls.tx', text }));
      const all = await Promise.all([line, single, tx]);
      return all.every(({ rows }) => rows.length === 1 && rows[0]!.tenant === tenant);
    });
  };
  const right = await Promise.all(Array.from({ length: 60 }, (_, n) => one(n)));
  expect(right.every(Boolean)).toBe(true);
});

it('a transaction that is rolled back leaves the connection its tenant', async () => {
  const small = openDb(t.url, { application: 'test-row-security', max: 1 });
  try {
    const broken = within(2, () =>
      small.tx(async (tx) => {
        await tx.query('select 1 / 0');
      }),
    );
    await expect(broken).rejects.toThrow(/division by zero/);
    const { rows } = await within(1, () =>
      small.query<{ tenant: number }>('select tenant from platform.meter'),
    );
    expect(rows).toEqual([{ tenant: 1 }]);
  } finally {
    await small.close();
  }
});

it('a partition named by a statement is guarded like its table', async () => {
  const { rows } = await t.ownerDb.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'records.history'::regclass limit 1`,
  );
  const name = rows[0]!.name;
  await t.ownerDb.query(
    `insert into records.history values (2, 'Patient', $1, 1, $2, 'PUT', false, 0, 0, null, '', '{}', '')`,
    [rid, Date.now()],
  );
  const { rows: kept } = await t.ownerDb.query<{ name: string }>(
    'select tableoid::regclass::text as name from records.history',
  );
  expect(await within(1, () => seen(kept[0]!.name))).toEqual([]);
  expect(await within(1, () => seen(name))).toEqual([]);
  expect(await within(2, () => seen(kept[0]!.name))).toEqual([2]);
});
