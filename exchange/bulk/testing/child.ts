/** A worker of bulk jobs in a process of its own, to be killed. Settings come as JSON in the environment. */
import { createAccess } from '@afar/access';
import {
  createJobs,
  diskObjects,
  localKeyProvider,
  openDb,
  openEvents,
  openKeyRing,
  systemClock,
} from '@afar/platform';
import { testLog } from '@afar/platform/testing';
import { createRecords } from '@afar/records';
import { createOutbound } from '../../outbound/index.ts';
import { createBulk } from '../index.ts';
import type { Limits } from '../index.ts';

export interface ChildSettings {
  app: string;
  audit: string;
  /** Of the keys. */
  folder: string;
  files: string;
  limits: Partial<Limits>;
}

const settings = JSON.parse(process.env.AFAR_TEST_CHILD!) as ChildSettings;
const { folder, files, limits } = settings;
const log = testLog();
const clock = systemClock;
const db = openDb(settings.app, { application: 'child', log, max: 6, home: () => 1 });
const auditDb = openDb(settings.audit, { application: 'child-audit', log, max: 2 });
const provider = localKeyProvider(`${folder}/kek`);
const keys = await openKeyRing({ dir: `${folder}/keys`, provider, clock });
const events = await openEvents({ url: settings.app, db, log });
const common = { db, keys, clock, events, log, baseUrl: 'http://localhost:8140' };
const access = await createAccess({
  ...common,
  auditDb,
  mode: 'demo',
  secureCookies: false,
  tenantOf: () => 1,
});
const records = await createRecords({ ...common, access });
const jobs = createJobs({ url: settings.app, log });
const bulk = createBulk({
  ...common,
  access,
  records,
  jobs,
  objects: diskObjects(files),
  outbound: createOutbound(),
  limits,
});
await jobs.start();
setInterval(() => void bulk.worker.sweep(), 50);
process.stdout.write('ready\n');
