/** This room in a process of its own, to be killed: matches and delivers on somebody's test database. Settings come as JSON in the environment. */
import { createAccess } from '@afar/access';
import { localKeyProvider, openDb, openEvents, openKeyRing, systemClock } from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { createRecords } from '@afar/records';
import { createExchange } from '../create-exchange.ts';

export interface ChildSettings {
  app: string;
  audit: string;
  folder: string;
  baseUrl: string;
  leaseMs: number;
}

const settings = JSON.parse(process.env.AFAR_TEST_CHILD!) as ChildSettings;
const { folder, baseUrl, leaseMs } = settings;
const log = testLog();
const clock = systemClock;
const db = openDb(settings.app, { application: 'child', log, max: 6, home: () => 1 });
const auditDb = openDb(settings.audit, { application: 'child-audit', log, max: 2 });
const keys = await openKeyRing({
  dir: `${folder}/keys`,
  provider: localKeyProvider(`${folder}/kek`),
  clock,
});
const events = await openEvents({ url: settings.app, db, log });
const common = { db, keys, clock, events, log, baseUrl };
const access = await createAccess({
  ...common,
  auditDb,
  mode: 'demo',
  secureCookies: false,
  tenantOf: () => 1,
});
const records = await createRecords({ ...common, access });
const exchange = await createExchange({
  ...common,
  access,
  records,
  outbound: { allowHttp: true, allow: ['127.0.0.1'] },
  subscriptions: { turnMs: leaseMs, deliveryMs: leaseMs, paceMs: 0, backoffMs: 20 },
});
await access.start();
await records.start();
await exchange.start();
process.stdout.write('ready\n');
