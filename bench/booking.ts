/**
 * `node bench/booking.ts`: bookings of a clinician, a patient, a room and an interpreter at once, on one embedded PostgreSQL.
 *
 * 12 connections, 1,200 bookings of 40 times each by 4 clinicians who share 2 rooms and 2 interpreters: with the actors locked in
 * id order as the product does it, and without locks, actors in the order of the request, by plain inserts and by ON CONFLICT DO
 * NOTHING. Figures: docs/decisions/0013-holds-series-waitlist.md.
 */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, everyTenant, openDb, within, type Db, type Queryable } from '@afar/platform';
import { loadConfig } from '../server/config.ts';
import { openDataFolder } from '../server/data-folder.ts';
import { openDatabase } from '../server/database.ts';
import { takeTime, type Claim } from '../visits/scheduling/take-time.ts';

const connections = 12;
const bookings = 1_200;
const hour = 3_600_000;

type Take = (sql: Queryable, source: string, claims: readonly Claim[]) => Promise<boolean>;

const insert = `insert into visits.busy (tenant, actor, lane, blocked, source)
  values (1, $1, 0, int8range($2, $3), $4)`;
const unlocked =
  (ending: string): Take =>
  async (sql, source, claims) => {
    for (const { actor, blocked } of claims) {
      const values = [actor, blocked.start, blocked.end, source];
      if (!(await sql.query({ text: insert + ending, values })).rowCount) return false;
    }
    return true;
  };

const ways: Record<string, Take> = {
  'locks in id order (the product)': async (sql, source, claims) =>
    (await takeTime(sql, { tenant: 1, source, now: 0 }, claims)) === undefined,
  'no locks, ON CONFLICT DO NOTHING': unlocked(' on conflict on constraint busy_alone do nothing'),
  'no locks, plain inserts': unlocked(''),
};

class Taken extends Error {}

async function run(db: Db, name: string, take: Take): Promise<void> {
  const ids = (n: number) => Array.from({ length: n }, () => randomUUID());
  const [clinicians, rooms, interpreters] = [ids(4), ids(2), ids(2)];
  const pick = (of: string[]): string => of[Math.floor(Math.random() * of.length)]!;
  let left = bookings;
  const tally = { won: 0, taken: 0, deadlocks: 0, timeouts: 0 };
  const times: number[] = [];
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const start = Math.floor(Math.random() * 40) * hour;
      const blocked = { start, end: start + hour };
      const claims = [pick(rooms), pick(clinicians), randomUUID(), pick(interpreters)]
        .toSorted(() => Math.random() - 0.5)
        .map((actor) => ({ actor, blocked, capacity: 1 }));
      const began = performance.now();
      try {
        await db.tx(async (sql) => {
          if (!(await take(sql, randomUUID(), claims))) throw new Taken();
        });
        tally.won++;
      } catch (error) {
        const { code, cause } = error as { code?: string; cause?: { code?: string } };
        if (code === '40P01') tally.deadlocks++;
        else if (cause?.code === '55P03') tally.timeouts++;
        else if (error instanceof Taken || code === '23P01') tally.taken++;
        else throw error;
      }
      times.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, () => within(1, work)));
  const seconds = (performance.now() - began) / 1_000;
  const sorted = times.toSorted((a, b) => a - b);
  const p = (share: number) => sorted[Math.floor(sorted.length * share)]!.toFixed(0);
  const { won, taken, deadlocks, timeouts } = tally;
  process.stdout.write(
    `${name}: ${seconds.toFixed(1)} s, ${won} booked, ${taken} taken, ${deadlocks} deadlocks, ${timeouts} lock timeouts, p50 ${p(0.5)} ms, p99 ${p(0.99)} ms\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'afar-bench-'));
chmodSync(folder, 0o711);
const config = loadConfig({ AFAR_DATA: join(folder, 'data') });
const log = createLog({ level: 'silent' });
const database = await openDatabase(config, openDataFolder(config.data), log);
try {
  await everyTenant(async () => {
    const db = openDb(database.urls.app, { max: connections, application: 'bench', log });
    for (const [name, take] of Object.entries(ways)) await run(db, name, take);
    await db.close();
  });
} finally {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}
