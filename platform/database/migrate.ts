/** Forward-only migrations: each room's SQL files in order, each in one transaction, pinned by their SHA-256. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runMigrations, Logger } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '../log.ts';

/** A room's migrations: `<dir>/0001-what-it-does.sql`. The room's name is its schema. */
export interface Migrations {
  room: string;
  dir: string;
}

const platform: Migrations = {
  room: 'platform',
  dir: join(import.meta.dirname, '..', 'migrations'),
};
const fileName = /^(\d{4})-[a-z0-9-]+\.sql$/;

interface Step {
  name: string;
  text: string;
  sha256: string;
}

function stepsOf({ room, dir }: Migrations): Step[] {
  if (!/^[a-z][a-z_]*$/.test(room)) throw new Error(`"${room}" cannot name a schema`);
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  // Numbers may have gaps: work that goes on side by side takes its number beforehand.
  const numbers = names.map((name) => Number(fileName.exec(name)?.[1]));
  return names.map((name, at) => {
    if (!(numbers[at]! > (numbers[at - 1] ?? 0)))
      throw new Error(`${room}/migrations/${name}: expected a number of its own and a plain name`);
    const text = readFileSync(join(dir, name), 'utf8');
    return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

/** The room's schema, and what the application may do in it unless a migration takes it back. */
async function prepareSchema(client: pg.Client, room: string): Promise<void> {
  await client.query(`create schema if not exists ${room}`);
  await client.query(`grant usage on schema ${room} to afar_app`);
  const byDefault = `alter default privileges in schema ${room} grant`;
  await client.query(`${byDefault} select, insert, update, delete on tables to afar_app`);
  await client.query(`${byDefault} usage, select on sequences to afar_app`);
}

async function runRoom(client: pg.Client, { room, dir }: Migrations, log: Log): Promise<void> {
  const steps = stepsOf({ room, dir });
  await prepareSchema(client, room);
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'select name, sha256 from platform.migration where room = $1 order by name',
    [room],
  );
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const last = rows.at(-1)?.name ?? '';
  for (const { name, text, sha256 } of steps) {
    const before = applied.get(name);
    if (before === sha256) continue;
    if (before !== undefined)
      throw new Error(`${room}/migrations/${name} was changed after it ran: write a new one`);
    if (name < last)
      throw new Error(`${room}/migrations/${name} comes before ${last}, which has run already`);
    await client.query('begin');
    try {
      await client.query(text);
      await client.query(
        'insert into platform.migration (room, name, sha256, applied) values ($1, $2, $3, $4)',
        [room, name, sha256, Date.now()],
      );
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw new Error(`${room}/migrations/${name} failed: ${(error as Error).message}`, {
        cause: error,
      });
    }
    log.info({ room, migration: name }, 'migrated');
  }
  // A database ahead of this program is another version beside it [expand, then contract]: say so, go on.
  for (const name of applied.keys())
    if (!steps.some((step) => step.name === name))
      log.warn(
        { room, migration: name },
        'the database has a migration this version does not know',
      );
}

/** graphile-worker's own schema, under the same lock. */
async function migrateJobs(client: pg.Client, ownerUrl: string, log: Log): Promise<void> {
  await client.query(`create schema if not exists graphile_worker`);
  await client.query(`grant usage on schema graphile_worker to afar_app`);
  const byDefault = `alter default privileges in schema graphile_worker grant`;
  await client.query(`${byDefault} select, insert, update, delete on tables to afar_app`);
  await client.query(`${byDefault} usage, select on sequences to afar_app`);
  const logger = new Logger(() => (_level, message) => log.debug({}, message));
  await runMigrations({ connectionString: ownerUrl, logger });
  // Its tables have row-level security on and no policy: only their owner would see a row.
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class c where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
     and not exists (select from pg_policy where polrelid = c.oid and polname = 'afar_app')`,
  );
  for (const { relname } of rows)
    await client.query(
      `create policy afar_app on graphile_worker.${pg.escapeIdentifier(relname)} to afar_app using (true)`,
    );
}

/**
 * Brings the database up to this program's version: the platform's own schema, the job queue's, then each room's in the order given.
 * Processes that start together take turns by an advisory lock.
 * @throws Error when a migration that ran was changed, came late, or fails (its transaction is rolled back)
 */
export async function migrate(ownerUrl: string, rooms: Migrations[], log: Log): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'afar-migrate' });
  // Without it a connection lost in mid-migration would end the process instead of failing the query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(4197003)`);
    // A migration waits at most this long for a lock that running requests hold, then fails and is tried again at the next start.
    await client.query(`set lock_timeout = '10s'`);
    await client.query(`create schema if not exists platform`);
    await client.query(
      `create table if not exists platform.migration (
         room text not null, name text not null, sha256 text not null, applied bigint not null,
         primary key (room, name))`,
    );
    await runRoom(client, platform, log);
    await migrateJobs(client, ownerUrl, log);
    for (const room of rooms) await runRoom(client, room, log);
    // Tables made a moment ago must not stand open until somebody thinks of them.
    await client.query(`select platform.guard_tenants()`);
  } finally {
    await client.end();
  }
}
