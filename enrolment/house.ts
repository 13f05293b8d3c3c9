/** What the use cases of the room stand on. */
import type { Access } from '@afar/access';
import type { Clock, Db, Events, Jobs, KeyRing, Log, Outbox } from '@afar/platform';
import type { Records } from '@afar/records';

export interface House {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  jobs: Jobs;
  log: Log;
  /** Without a slash at its end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  tenantOf(host: string): number;
  /** Who may open an account as a patient. */
  mode: 'open' | 'invite' | 'closed';
  /** Years: a parent's access to a child ends at this age. */
  majority: number;
  /** The demo's messages, shown to the machine itself. */
  outbox?: Outbox;
}
