/** The tables are as docs/schema.md says, on every PostgreSQL; and nobody but the owner may change their shape. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase, type TestDatabase } from '@afar/platform/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rooms } from './database.ts';
import { schemaPage } from './schema-page.ts';

const file = join(import.meta.dirname, '..', 'docs', 'schema.md');
const names = rooms.map((one) => one.room);
let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase(names);
});
afterAll(() => t.drop());

it('docs/schema.md is what the migrations make (AFAR_TEST_WRITE=1 writes it anew)', async () => {
  const page = await schemaPage(t.ownerDb, ['platform', ...names]);
  if (process.env.AFAR_TEST_WRITE) writeFileSync(file, page);
  expect(page).toBe(readFileSync(file, 'utf8'));
});

it('every table and schema belongs to the owner role', async () => {
  const { rows } = await t.db.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and pg_get_userbyid(c.relowner) <> 'afar_owner'`,
    [['platform', 'graphile_worker', ...names]],
  );
  expect(rows).toEqual([]);
});

/** Found by the hash of a random secret, or read in the order of one sequence, before or without a tenant. */
const foundWithoutTenant = new Set([
  'access.session',
  'access.guest',
  'access.device',
  'access.oauth',
  'records.change',
  'exchange.binding_token',
  'visits.ticket',
  'visits.room_message',
]);

it('a tenant leads the key of every table that holds rows of tenants', async () => {
  const { rows } = await t.db.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
     join pg_index i on i.indrelid = c.oid and i.indisprimary
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and i.indkey[0] <> a.attnum`,
    [['platform', ...names]],
  );
  expect(rows.map((row) => row.name).filter((name) => !foundWithoutTenant.has(name))).toEqual([]);
});

it('the audit role can do nothing but INSERT in any table', async () => {
  const { rows } = await t.ownerDb.query(
    `select n.nspname || '.' || c.relname as name, g.privilege_type as may
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
     where r.rolname = 'afar_audit' and c.relkind in ('r', 'p', 'v') and g.privilege_type <> 'INSERT'`,
  );
  expect(rows).toEqual([]);
});

it('the application role cannot change or remove what the audit trail holds', async () => {
  for (const sql of [
    `update access.audit_event set outcome = 0`,
    'delete from access.audit_event',
    'truncate access.audit_event',
    'drop table access.audit_event',
    'alter table access.audit_event disable trigger all',
  ])
    await expect(t.db.query(sql)).rejects.toMatchObject({ code: '42501' });
  await expect(t.auditDb.query('select * from access.audit_event')).rejects.toMatchObject({
    code: '42501',
  });
});
