/** A record store of a test's own: real database, keys, access; every round trip counted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '@afar/access';
import type { Db, Sql } from '@afar/platform';
import { fixedClock, localKeyProvider, openDb, openEvents, openKeyRing } from '@afar/platform';
import { testDatabase, testLog } from '@afar/platform/testing';
import { createRecords } from '../create-records.ts';
import type { Records, SearchLimits } from '../types.ts';

export interface TestStore {
  records: Records;
  db: Db;
  /** Statements sent through the store's database since the last look. */
  roundTrips(): Sql[];
  clock: ReturnType<typeof fixedClock>;
  log: ReturnType<typeof testLog>;
  /** Another process over the same database: nothing in memory is shared. */
  another(searchLimits?: Partial<SearchLimits>): Promise<Records>;
  close(): Promise<void>;
}

/** 2026-11-21T12:00:00Z */
export const noon = Date.UTC(2026, 10, 21, 12);

export async function testStore(searchLimits?: Partial<SearchLimits>): Promise<TestStore> {
  const database = await testDatabase(['access', 'records']);
  const folder = await mkdtemp(join(tmpdir(), 'afar-records-search-'));
  const log = testLog();
  const clock = fixedClock(noon);
  const closers: (() => unknown)[] = [];

  async function open(counted: (sql: Sql) => void, searchLimits?: Partial<SearchLimits>) {
    const db = openDb(database.url, { application: 'test-records-search', home: () => 1 });
    closers.push(() => db.close());
    const counting: Db = {
      ...db,
      query(sql, values) {
        counted(typeof sql === 'string' ? { text: sql, values } : sql);
        return db.query(sql, values);
      },
      tx: (work, opts) => db.tx(work, opts),
      close: () => db.close(),
    };
    const keys = await openKeyRing({
      dir: join(folder, 'keys'),
      provider: localKeyProvider(join(folder, 'kek')),
      clock,
    });
    closers.push(() => keys.close());
    const events = await openEvents({ url: database.url, db, log });
    closers.push(() => events.close());
    const access = await createAccess({
      db,
      auditDb: database.auditDb,
      keys,
      clock,
      events,
      log,
      mode: 'demo',
      baseUrl: 'http://localhost:8150',
      secureCookies: false,
      tenantOf: () => 1,
    });
    await access.start();
    closers.push(() => access.stop());
    const records = await createRecords({
      db: counting,
      keys,
      clock,
      access,
      events,
      log,
      baseUrl: 'http://localhost:8150',
      ...(searchLimits && { searchLimits }),
    });
    await records.start();
    closers.push(() => records.stop());
    return { records, db };
  }

  let sent: Sql[] = [];
  const first = await open((sql) => sent.push(sql), searchLimits);
  return {
    ...first,
    clock,
    log,
    roundTrips() {
      const seen = sent;
      sent = [];
      return seen;
    },
    another: async (limits) => (await open(() => undefined, limits)).records,
    async close() {
      for (const close of closers.reverse()) await close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}
