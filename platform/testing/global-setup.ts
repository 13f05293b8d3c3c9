/** One PostgreSQL for a run of the integration tests: the embedded one, or the server that AFAR_TEST_DATABASE_URL names. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { databasePasswords, type DatabasePasswords } from '../database/passwords.ts';
import { provision } from '../database/provision.ts';
import { createLog } from '../log.ts';
import { startCluster } from '../postgres/index.ts';

export interface TestServer {
  adminUrl: string;
  passwords: DatabasePasswords;
}

declare module 'vitest' {
  interface ProvidedContext {
    afarTestServer: TestServer;
  }
}

/** Speed over durability: a test server that loses power is thrown away. */
const fast = { fsync: 'off', full_page_writes: 'off', archive_mode: 'off', shared_buffers: '64MB' };

async function dropTestDatabases(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like 'afar\\_t\\_%' or datname like 'afar\\_tpl\\_%'`,
    );
    for (const { datname } of rows)
      await client.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await client.end();
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'afar-test-'));
  chmodSync(folder, 0o711);
  const passwords = databasePasswords(join(folder, 'keys'));
  const own = process.env.AFAR_TEST_DATABASE_URL;
  const cluster = own
    ? undefined
    : await startCluster({
        folder: join(folder, 'database'),
        adminPassword: passwords.admin,
        log: createLog({ level: 'silent' }),
        settings: fast,
      });
  const adminUrl = own ?? cluster!.adminUrl;
  await provision(adminUrl, passwords, 'afar_t_first', { takeOver: true });
  project.provide('afarTestServer', { adminUrl, passwords });
  return async () => {
    try {
      if (own) await dropTestDatabases(adminUrl);
    } finally {
      await cluster?.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  };
}
