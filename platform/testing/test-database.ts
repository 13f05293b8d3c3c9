/** A database of a test's own: a copy of one that is migrated once, opened with the real, restricted roles. */
import { createHash, randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { migrate } from '../database/migrate.ts';
import { openDb } from '../database/open-db.ts';
import { provision, restrictDatabase, type DatabaseUrls } from '../database/provision.ts';
import type { DatabasePasswords } from '../database/passwords.ts';
import type { Db } from '../database/sql.ts';
import { databaseUrl } from '../database/url.ts';
import { createLog } from '../log.ts';
import type { TestServer } from './global-setup.ts';

export interface TestDatabase {
  /** The application's role; work that declares no tenant is tenant 1's. */
  db: Db;
  /** INSERT on the audit tables only. */
  auditDb: Db;
  /** The migrations' role: for looking behind the application's back. */
  ownerDb: Db;
  /** The application's connection string. */
  url: string;
  urls: DatabaseUrls & { admin: string };
  /** What a data folder's keys/database.json must say for a server on this database. */
  passwords: DatabasePasswords;
  /** Closes the three, and fails when a connection of the test's own is still open. */
  drop(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');
const templates = new Map<string, Promise<string>>();

async function asAdmin<T>(server: TestServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The template's name says what went into it, so that changed migrations make another. */
function templateName(rooms: string[]): string {
  const hash = createHash('sha256').update(rooms.join());
  for (const room of ['platform', ...rooms])
    for (const file of globSync(`${room}/migrations/*.sql`, { cwd: root }).sort())
      hash.update(file).update(readFileSync(join(root, file)));
  return `afar_tpl_${hash.digest('hex').slice(0, 16)}`;
}

async function template(server: TestServer, rooms: string[]): Promise<string> {
  const name = templateName(rooms);
  await asAdmin(server, async (client) => {
    // Test files run side by side: one makes it, the others wait.
    await client.query(`select pg_advisory_lock(4197010)`);
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount) return;
    const making = `${name}_new`;
    await client.query(`drop database if exists ${making} with (force)`);
    const urls = await provision(server.adminUrl, server.passwords, making, { takeOver: true });
    const migrations = rooms.map((room) => ({ room, dir: join(root, room, 'migrations') }));
    await migrate(urls.owner, migrations, createLog({ level: 'silent' }));
    await client.query(`alter database ${making} rename to ${name}`);
  });
  return name;
}

/** Connections of others to the database, after those just closed had a moment to go. */
async function leaks(client: pg.Client, database: string): Promise<string[]> {
  for (let wait = 0; ; wait += 50) {
    const { rows } = await client.query<{ who: string }>(
      `select usename || ' (' || application_name || ') ' || state as who
       from pg_stat_activity where datname = $1`,
      [database],
    );
    if (rows.length === 0 || wait > 1_000) return rows.map((row) => row.who);
    await sleep(50);
  }
}

/**
 * A fresh database with the migrations of the platform and the given rooms, in order.
 * Call `drop` in `afterAll`; close what you opened on `url` before.
 */
export async function testDatabase(rooms: string[] = []): Promise<TestDatabase> {
  const server = inject('afarTestServer');
  const key = rooms.join();
  if (!templates.has(key)) templates.set(key, template(server, rooms));
  const from = await templates.get(key)!;
  const name = `afar_t_${randomBytes(8).toString('hex')}`;
  await asAdmin(server, async (client) => {
    // One copy at a time: a template that is being copied cannot be opened or copied by another.
    await client.query(`select pg_advisory_lock(4197010)`);
    await client.query(`create database ${name} template ${from}`);
    await restrictDatabase(client, name);
  });
  const as = (user: string, password: string) =>
    databaseUrl(server.adminUrl, { user, password, database: name });
  const urls = {
    owner: as('afar_owner', server.passwords.owner),
    app: as('afar_app', server.passwords.app),
    audit: as('afar_audit', server.passwords.audit),
    admin: databaseUrl(server.adminUrl, { database: name }),
  };
  // Tests share their machine: what waits for a connection is given longer than a request would be.
  const acquireMs = 20_000;
  const db = openDb(urls.app, { application: 'test-app', acquireMs, home: () => 1 });
  const auditDb = openDb(urls.audit, { application: 'test-audit', max: 4, acquireMs });
  const ownerDb = openDb(urls.owner, { application: 'test-owner', max: 2, acquireMs });
  return {
    db,
    auditDb,
    ownerDb,
    url: urls.app,
    urls,
    passwords: server.passwords,
    async drop() {
      await Promise.all([db.close(), auditDb.close(), ownerDb.close()]);
      await asAdmin(server, async (client) => {
        const left = await leaks(client, name);
        await client.query(`drop database ${name} with (force)`);
        if (left.length) throw new Error(`connections left open: ${left.join(', ')}`);
      });
    },
  };
}
