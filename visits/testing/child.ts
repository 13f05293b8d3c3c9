/** This room in a process of its own, to be killed: looks after results on somebody's test database. Settings come as JSON in the environment. */
import { createAccess } from '@afar/access';
import {
  createJobs,
  diskObjects,
  fixedClock,
  gateways,
  localKeyProvider,
  openDb,
  openEvents,
  openKeyRing,
} from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { createRecords } from '@afar/records';
import { createVisits, peerToPeer } from '../index.ts';

export interface ChildSettings {
  app: string;
  audit: string;
  folder: string;
  baseUrl: string;
  /** ms since epoch: the clock stands there. */
  now: number;
}

const settings = JSON.parse(process.env.AFAR_TEST_CHILD!) as ChildSettings;
const { folder, baseUrl } = settings;
const log = testLog();
const clock = fixedClock(settings.now);
const db = openDb(settings.app, { application: 'child', log, max: 6, home: () => 1 });
const auditDb = openDb(settings.audit, { application: 'child-audit', log, max: 2 });
const provider = localKeyProvider(`${folder}/kek`);
const keys = await openKeyRing({ dir: `${folder}/keys`, provider, clock });
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
const visits = await createVisits({
  ...common,
  access,
  records,
  jobs: createJobs({ url: settings.app, log }),
  objects: diskObjects(`${folder}/objects`),
  delivery: gateways({}),
  media: { two: peerToPeer({ stunUrls: [], turnUrls: [] }, clock) },
});
await access.start();
await records.start();
await visits.start();
process.stdout.write('ready\n');
