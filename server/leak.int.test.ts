/** A stolen data folder tells nothing: a day at the demo clinic, then every table and every byte searched for it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, databaseUrl } from '@afar/platform';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compose, type App } from './compose.ts';
import { loadConfig } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { openDatabase } from './database.ts';
import { playADay, wordsOfTheDay, type DemoFile } from './leak/testing/a-day.ts';
import { exemptFiles, leakScan, summary, type LeakScan } from './leak/scan.ts';
import { scanTables } from './leak/scan-tables.ts';
import { scanFiles } from './leak/scan-files.ts';
import { createMatcher } from './leak/matcher.ts';
import { openLog } from './open-log.ts';

const silent = createLog({ level: 'silent' });
let data: string;
let scan: LeakScan;
let adminUrl: string;
let database: Awaited<ReturnType<typeof openDatabase>> | undefined;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'afar-leak-'));
  const config = loadConfig({
    AFAR_DATA: data,
    AFAR_PORT: '0',
    AFAR_MODE: 'demo',
    AFAR_LOG: 'file',
    AFAR_LOG_LEVEL: 'debug',
    AFAR_ROLES: 'api,worker',
  });
  const log = openLog(config);
  const app: App = await compose(config, log);
  try {
    const demo = JSON.parse(readFileSync(join(data, 'demo-accounts.json'), 'utf8')) as DemoFile;
    await playADay(app.http, demo);
    // Statistics hold samples of columns; a checkpoint and a full log are what a thief would find in the files.
    await app.db.query('analyze');
  } finally {
    await app.close();
    log.flush();
  }
  // The same folder once more, without the server: the last of the log has been written.
  database = await openDatabase(config, openDataFolder(data), silent);
  adminUrl = databaseUrl(database.adminUrl, { database: 'afar' });
  scan = await leakScan({ ownerUrl: database.urls.owner, adminUrl, data, more: wordsOfTheDay() });
}, 300_000);

afterAll(async () => {
  await database?.stop();
  rmSync(data, { recursive: true, force: true });
});

it('has searched all there is', () => {
  expect(scan.needles).toBeGreaterThan(900);
  expect(scan.tables).toBeGreaterThan(25);
  expect(scan.rows).toBeGreaterThan(5_000);
  expect(scan.bytes).toBeGreaterThan(20e6);
  expect(existsSync(join(data, 'afar.log'))).toBe(true);
});

it('finds nothing of any demo patient or of the day, in any table or file', () => {
  expect(summary(scan.findings)).toEqual([]);
});

it('would have found it: one text planted in a table, in every encoding, and in the files it lies in', async () => {
  const text = 'Wilhelmina Roosje Ostrander';
  const needle = { text, from: 'planted' };
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('create table public.planted (kind text, body text, bytes bytea)');
    const bytes = Buffer.from(text);
    const rows: [string, string | null, Buffer | null][] = [
      ['clear', `so ${text} said`, null],
      ['hex', bytes.toString('hex'), null],
      ...[1, 2, 3].map((pad): [string, string, null] => [
        `base64 ${pad}`,
        Buffer.from(`${'.'.repeat(pad)}${text}, she said`).toString('base64'),
        null,
      ]),
      ['utf-16le', null, Buffer.from(text, 'utf16le')],
      ['utf-16be', null, Buffer.from(text, 'utf16le').swap16()],
      ['bytes', null, bytes],
      // Long enough for PostgreSQL to compress it, in the row and out of it.
      ['compressed in the row', `${text} ${'and then she said so again, '.repeat(200)}`, null],
      [
        'compressed elsewhere',
        `${text} ${Array.from({ length: 4_000 }, (_, at) => at * 7919).join()}`,
        null,
      ],
    ];
    for (const row of rows)
      await client.query('insert into public.planted values ($1, $2, $3)', row);
    await client.query('checkpoint');

    const matcher = createMatcher([needle]);
    const tables = await scanTables(adminUrl, [], matcher);
    const found = tables.findings.filter((one) => one.where.startsWith('public.planted'));
    expect(found.length).toBeGreaterThanOrEqual(rows.length);

    const files = scanFiles(data, exemptFiles, matcher);
    const shapes = new Set(files.findings.map((one) => one.encoding));
    expect(shapes).toEqual(new Set(['clear', 'hex', 'base64', 'utf-16le', 'utf-16be']));
    const places = files.findings.map((one) => one.where).join('\n');
    expect(places).toMatch(/base\/\d+\/\d+ at/);
    expect(places).toMatch(/base\/\d+\/\d+, inflated/);
    expect(places).toMatch(/pg_wal\//);
  } finally {
    await client.query('drop table if exists public.planted');
    await client.end();
  }
}, 120_000);
