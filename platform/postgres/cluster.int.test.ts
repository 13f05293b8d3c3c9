/** The embedded PostgreSQL under what happens to it: killed, orphaned, stopped, moved to awkward places; and what its log may say. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testLog } from '../testing/index.ts';
import { pruneArchive, startCluster, type Cluster } from './index.ts';
import { alive } from './process.ts';

let base: string;
let folder: string;
const running: Cluster[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'afar-cluster-'));
  chmodSync(base, 0o711);
  folder = join(base, 'database');
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
  rmSync(base, { recursive: true, force: true });
});

async function start(at = folder, watched = false): Promise<Cluster> {
  const cluster = await startCluster({
    folder: at,
    watched,
    adminPassword: 'only-for-this-test',
    log: testLog(),
  });
  running.push(cluster);
  return cluster;
}

async function query(cluster: Cluster, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: cluster.adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

describe('a new cluster', () => {
  it('has checksums, UTF-8, C order, an archive, durable commits, and no way in but the socket', async () => {
    const cluster = await start();
    const wanted = {
      data_checksums: 'on',
      server_encoding: 'UTF8',
      wal_level: 'replica',
      archive_mode: 'on',
      synchronous_commit: 'on',
      fsync: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      password_encryption: 'scram-sha-256',
      log_min_error_statement: 'panic',
      log_parameter_max_length_on_error: '0',
      log_error_verbosity: 'terse',
    };
    const rows = await query(
      cluster,
      `select name, setting from pg_settings where name = any($1)`,
      [Object.keys(wanted)],
    );
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual(wanted);
    const [database] = await query(
      cluster,
      `select datcollate from pg_database where datname = current_database()`,
    );
    expect(database).toEqual({ datcollate: 'C' });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'cluster')).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).filter((name) => name.includes('password'))).toEqual([]);
  });

  it('refuses a wrong password', async () => {
    const cluster = await start();
    const wrong = cluster.adminUrl.replace('only-for-this-test', 'guess');
    const client = new pg.Client({ connectionString: wrong });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('archives finished segments, and the archive stays within its bound', async () => {
    const cluster = await start();
    await query(cluster, 'create table t (n int)');
    for (let n = 0; n < 3; n++) {
      await query(cluster, `insert into t values (${n})`);
      await query(cluster, 'select pg_switch_wal()');
    }
    const segments = () =>
      readdirSync(cluster.archive).filter((name) => /^[0-9A-F]{24}$/.test(name));
    for (let wait = 0; segments().length < 3 && wait < 10_000; wait += 50) await sleep(50);
    const before = segments().sort();
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(pruneArchive(cluster.archive, 2)).toBe(before.length - 2);
    expect(segments().sort()).toEqual(before.slice(-2));
    const [stat] = await query(cluster, 'select failed_count::int as failed from pg_stat_archiver');
    expect(stat).toEqual({ failed: 0 });
  });

  it('logs no value that a statement, a parameter or an error carried', async () => {
    const cluster = await start();
    await query(cluster, 'create table person (name text primary key)');
    await query(cluster, 'insert into person values ($1)', ['Zebulon Quux']);
    for (const [text, values] of [
      [`insert into person values ('Zebulon Quux')`, []],
      ['insert into person values ($1)', ['Zebulon Quux']],
      [`select 'Zebulon Quux'::uuid`, []],
      ['select $1::int', ['Zebulon Quux']],
      [`do $$ begin raise warning 'Zebulon Quux'; end $$`, []],
      [`select Zebulon Quux from nowhere`, []],
    ] as [string, unknown[]][])
      await query(cluster, text, values).catch(() => undefined);
    await cluster.stop();
    expect(readFileSync(join(folder, 'postgres.log'), 'utf8')).not.toMatch(/zebulon/i);
  });
});

describe('after', () => {
  it('kill -9 of the postmaster: starts again with every answered row', async () => {
    const first = await start();
    await query(first, 'create table t (n int)');
    // Backends that are busy outlive a killed postmaster for a moment and hold its memory.
    const busy = new pg.Client({ connectionString: first.adminUrl });
    busy.on('error', () => undefined);
    await busy.connect();
    const sleeping = busy.query('select pg_sleep(20)').catch(() => undefined);
    for (let n = 0; n < 50; n++) await query(first, `insert into t values (${n})`);
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    expect(second.pid).not.toBe(first.pid);
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select count(*)::int as n from t')).toEqual([{ n: 50 }]);
    await sleeping;
    await busy.end().catch(() => undefined);
  });

  it('kill -9 of the postmaster under a running program: it comes up by itself, with every answered row', async () => {
    const cluster = await start(folder, true);
    await query(cluster, 'create table t (n int)');
    for (let round = 1; round <= 2; round++) {
      const { pid } = cluster;
      for (let n = 0; n < 10; n++) await query(cluster, `insert into t values (${n})`);
      process.kill(pid, 'SIGKILL');
      for (let wait = 0; cluster.pid === pid && wait < 20_000; wait += 50) await sleep(50);
      expect(cluster.pid).not.toBe(pid);
      expect(await query(cluster, 'select count(*)::int as n from t')).toEqual([{ n: 10 * round }]);
    }
    const { pid } = cluster;
    await cluster.stop();
    await sleep(700);
    expect(alive(pid)).toBe(false);
    expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('our own end: the orphan is adopted, and stopped by whoever adopted it', async () => {
    const first = await start();
    await query(first, 'create table t (n int)');
    const second = await start();
    expect(second).toMatchObject({ pid: first.pid, adopted: true });
    expect(await query(second, 'select count(*)::int as n from t')).toEqual([{ n: 0 }]);
    await second.stop();
    expect(alive(first.pid)).toBe(false);
    expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
  });

  it('a stop with open transactions: no process is left', async () => {
    const cluster = await start();
    const open = new pg.Client({ connectionString: cluster.adminUrl });
    open.on('error', () => undefined);
    await open.connect();
    await open.query('begin; create table half (n int)');
    await cluster.stop();
    expect(alive(cluster.pid)).toBe(false);
    await open.end().catch(() => undefined);
    const again = await start();
    expect(await query(again, `select to_regclass('half') as half`)).toEqual([{ half: null }]);
  });

  it('a crash in the middle of its making: made anew', async () => {
    mkdirSync(join(folder, 'cluster.new'), { recursive: true });
    const cluster = await start();
    expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('a stale pid file that names a process of another program: starts', async () => {
    const first = await start();
    await first.stop();
    const stale = join(folder, 'cluster', 'postmaster.pid');
    // Our own process lives, and is no PostgreSQL.
    const { uid, gid } = statSync(join(folder, 'cluster'));
    writeFileSync(stale, `${process.pid}\n${join(folder, 'cluster')}\n0\n5432\n.\n\n0 0\nready\n`);
    chownSync(stale, uid, gid);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

it.each(['a folder, with a comma', 'quote\'s "place"', `long-${'x'.repeat(120)}`])(
  'runs in %s',
  async (name) => {
    const odd = join(base, name);
    mkdirSync(odd, { mode: 0o711 });
    const cluster = await start(join(odd, 'database'));
    expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
  },
);

it.runIf(process.getuid?.() === 0)('runs below a folder that is closed to others', async () => {
  const closed = join(base, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const cluster = await start(join(closed, 'database'));
  expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
});
