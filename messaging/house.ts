/** What the use cases of the room stand on. */
import type { Access } from '@afar/access';
import type { Clock, Db, Delivery, Events, Jobs, KeyRing, Log, ObjectStore } from '@afar/platform';
import type { Records } from '@afar/records';

export interface House {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  jobs: Jobs;
  delivery: Delivery;
  objects: ObjectStore;
  log: Log;
  /** Without a slash at its end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
}
