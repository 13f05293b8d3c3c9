/** A process of its own that creates one patient: what its system calls are is looked at from outside (sync-order.int.test.ts). */
import { createAccess, systemCaller } from '@afar/access';
import { localKeyProvider, openDb, openEvents, openKeyRing, systemClock } from '@afar/platform';
import type { Log } from '@afar/platform';
import { createRecords } from '../index.ts';

const [url, auditUrl, folder] = process.argv.slice(2) as [string, string, string];
const silent = () => undefined;
const log: Log = { info: silent, warn: silent, error: silent, debug: silent, child: () => log };

const db = openDb(url, { max: 2, home: () => 1 });
const auditDb = openDb(auditUrl, { max: 1 });
const provider = localKeyProvider(`${folder}/kek`);
const keys = await openKeyRing({ dir: `${folder}/keys`, provider, clock: systemClock });
const events = await openEvents({ url, db, log });
const baseUrl = 'http://localhost:8170';
const shared = { db, keys, clock: systemClock, events, log, baseUrl };
const access = await createAccess({
  ...shared,
  auditDb,
  mode: 'demo',
  secureCookies: false,
  tenantOf: () => 1,
});
const records = await createRecords({ ...shared, access });
const { id } = await records.create(systemCaller(1, systemClock, 'one-create'), {
  resourceType: 'Patient',
  gender: 'female',
});
process.stdout.write(id);
await events.close();
await db.close();
await auditDb.close();
keys.close();
