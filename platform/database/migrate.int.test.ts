/** Migrations run once, in order, and never change; the roles hold what they were given and no more. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, testLog, type TestDatabase } from '../testing/index.ts';
import { migrate } from './migrate.ts';

let t: TestDatabase;
let dir: string;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.drop());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-migrations-'));
  return () => rmSync(dir, { recursive: true });
});

const put = (name: string, sql: string) => writeFileSync(join(dir, name), sql);
const run = (room: string) => migrate(t.urls.owner, [{ room, dir }], testLog());

describe('migrations', () => {
  it('run once, in order, however many processes start at a time', async () => {
    put('0001-first.sql', 'create table one.a (id int primary key)');
    put('0002-second.sql', 'insert into one.a values (1)');
    await Promise.all([run('one'), run('one'), run('one')]);
    put('0003-third.sql', 'insert into one.a values (2)');
    await run('one');
    expect((await t.db.query('select id from one.a order by id')).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ]);
  });

  it('refuse one that was changed after it ran', async () => {
    put('0001-first.sql', 'create table two.a (id int)');
    await run('two');
    put('0001-first.sql', 'create table two.a (id bigint)');
    await expect(run('two')).rejects.toThrow(/0001-first.sql was changed/);
  });

  it('refuse a number twice, and no gap in the numbers', async () => {
    put('0002-second.sql', 'select 1');
    put('0004-fourth.sql', 'select 1');
    await run('three');
    put('0004-other.sql', 'select 1');
    await expect(run('three')).rejects.toThrow(/expected a number of its own/);
  });

  it('leave nothing of one that fails', async () => {
    put('0001-half.sql', 'create table four.a (id int); select 1 / 0');
    await expect(run('four')).rejects.toThrow(/0001-half.sql failed/);
    await expect(t.ownerDb.query('select from four.a')).rejects.toThrow(/does not exist/);
    put('0001-half.sql', 'create table four.a (id int)');
    await run('four');
    expect((await t.ownerDb.query('select from four.a')).rowCount).toBe(0);
  });

  it('serve beside a database that is ahead, and say so', async () => {
    put('0001-first.sql', 'create table five.a (id int)');
    put('0002-second.sql', 'create table five.b (id int)');
    await run('five');
    rmSync(join(dir, '0002-second.sql'));
    const log = testLog();
    await migrate(t.urls.owner, [{ room: 'five', dir }], log);
    expect(log.text()).toContain('does not know');
  });
});

describe('the application role', () => {
  const denied = { code: '42501' };

  it('creates no table, no temporary table, no schema', async () => {
    for (const sql of [
      'create table public.mine (id int)',
      'create table platform.mine (id int)',
      'create temporary table mine (id int)',
      'create schema mine',
    ])
      await expect(t.db.query(sql)).rejects.toMatchObject(denied);
  });

  it('cannot rewrite the record of migrations', async () => {
    for (const sql of [
      `update platform.migration set sha256 = ''`,
      'delete from platform.migration',
      'truncate platform.migration',
      'drop table platform.meter',
    ])
      await expect(t.db.query(sql)).rejects.toMatchObject(denied);
  });

  it('is no superuser and becomes no other role', async () => {
    const { rows } = await t.db.query(
      `select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as too_much
       from pg_roles where rolname in ('afar_app', 'afar_audit', 'afar_house', 'afar_owner')`,
    );
    expect(rows.map((row) => row.too_much)).toEqual([false, false, false, false]);
    await expect(t.db.query('set role afar_owner')).rejects.toMatchObject(denied);
  });
});

describe('the audit role', () => {
  it('reads and writes nothing that it was not given', async () => {
    for (const sql of [
      'select * from platform.meter',
      `insert into platform.meter values (1, 'requests', 0, 1)`,
      'create table public.mine (id int)',
    ])
      await expect(t.auditDb.query(sql)).rejects.toMatchObject({ code: '42501' });
  });
});
