/** A worker as a process of its own, for tests that kill it: reminders alone, mail by a real SMTP server, a clock that stands still. */
import { createAccess } from '@afar/access';
import {
  createJobs,
  diskObjects,
  everyTenant,
  fixedClock,
  gateways,
  localKeyProvider,
  openDb,
  openEvents,
  openKeyRing,
} from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { createRecords } from '@afar/records';
import { join } from 'node:path';
import { visitsDefaults } from '../config.ts';
import { clinicianDirectory } from '../directory.ts';
import type { House } from '../house.ts';
import { peerToPeer } from '../index.ts';
import { look, remindersPart } from '../reminders/part.ts';

export interface WorkerAsk {
  url: string;
  auditUrl: string;
  folder: string;
  smtp: string;
  baseUrl: string;
  /** ms since epoch. */
  at: number;
}

async function work(ask: WorkerAsk): Promise<void> {
  const { url, auditUrl, folder, smtp, baseUrl, at } = ask;
  const log = testLog();
  const clock = fixedClock(at);
  const db = openDb(url, { application: 'test-worker', max: 6, home: () => 1 });
  const auditDb = openDb(auditUrl, { application: 'test-worker-audit', max: 1, log });
  const provider = localKeyProvider(join(folder, 'kek'));
  const keys = await openKeyRing({ dir: join(folder, 'keys'), provider, clock });
  const events = await openEvents({ url, db, log });
  const jobs = createJobs({ url, log });
  const delivery = gateways({ smtp: { url: smtp, from: 'Afar <clinic@example.org>' } });
  const base = { db, keys, clock, events, log, baseUrl, jobs, delivery };
  const access = await createAccess({
    ...base,
    auditDb,
    mode: 'demo',
    secureCookies: false,
    tenantOf: () => 1,
  });
  const records = await createRecords({ ...base, access });
  const house: House = {
    ...base,
    access,
    records,
    objects: diskObjects(join(folder, 'objects')),
    media: { two: peerToPeer({ stunUrls: [], turnUrls: [] }, clock) },
    config: visitsDefaults,
    directory: clinicianDirectory({ records, clock }),
  };
  await remindersPart(house).start?.();
  await look(house);
  await jobs.start();
  process.send?.('ready');
}

const ask = process.env.AFAR_TEST_WORKER;
if (ask !== undefined) await everyTenant(() => work(JSON.parse(ask) as WorkerAsk));
