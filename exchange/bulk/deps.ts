/** What the bulk jobs are made of, and their limits. */
import type { Access } from '@afar/access';
import type { Clock, Db, Events, Jobs, KeyRing, Log, ObjectStore } from '@afar/platform';
import type { Records } from '@afar/records';
import type { Outbound } from '../outbound/index.ts';

export interface BulkDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Pick<Access, 'audit' | 'standIn'>;
  records: Records;
  jobs: Jobs;
  objects: ObjectStore;
  events: Pick<Events, 'subscribe'>;
  outbound: Outbound;
  log: Log;
  /** Without a slash at the end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  limits?: Partial<Limits>;
}

export interface Limits {
  /** Resources looked at by one statement: a page in memory. */
  page: number;
  /** A file ends after so many resources, or bytes, whichever comes first. */
  fileResources: number;
  fileBytes: number;
  /** How long files stay, ms from the end of the job. */
  keepMs: number;
  /** Jobs of one caller that run at one time. */
  running: number;
  /** How often a status may be asked for, ms; the answer says `Retry-After`. */
  pollMs: number;
  /** A worker that was not heard of for so long is dead, ms. */
  leaseMs: number;
  /** How long one turn of a worker lasts: others wait, ms. */
  turnMs: number;
  /** Patients of one export that names them, or of a group. */
  patients: number;
  /** Bytes of one line, and of one input, of an import. */
  lineBytes: number;
  inputBytes: number;
  /** Waiting for 64 KiB of an input takes no longer than this, ms: who drips is not waited for. */
  paceMs: number;
}

export const defaultLimits: Limits = {
  page: 500,
  fileResources: 10_000,
  fileBytes: 32 * 1024 * 1024,
  keepMs: 24 * 3_600_000,
  running: 3,
  // 1 s: what a script asks in a loop costs a row update each.
  pollMs: 1_000,
  // 30 s: a page with its file takes well under a second; a database that restarts takes some.
  leaseMs: 30_000,
  turnMs: 5_000,
  patients: 50_000,
  lineBytes: 2 * 1024 * 1024,
  inputBytes: 4 * 1024 ** 3,
  // 20 s for 64 KiB: a tenth of what a slow line brings.
  paceMs: 20_000,
};

export interface Bulk extends BulkDeps {
  limits: Limits;
}
