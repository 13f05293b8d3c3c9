/** Puts the room together: how people come to the clinic: registration, verified addresses, dependants. */
import type { Access } from '@afar/access';
import type { Clock, Db, Events, KeyRing, Log, Migrations, Outbox } from '@afar/platform';
import type { Records } from '@afar/records';
import type { FastifyPluginAsync } from 'fastify';

export interface EnrolmentDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  log: Log;
  /** Without a slash at its end. */
  baseUrl: string;
  tenantOf(host: string): number;
  /** Who may open an account as a patient. */
  mode: 'open' | 'invite' | 'closed';
  /** Years: a parent's access to a child ends at this age. */
  majority: number;
  /** The demo's messages, shown to the machine itself. */
  outbox?: Outbox;
}

export interface Enrolment {
  /** Mounted at `/api`. */
  plugin: FastifyPluginAsync;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const enrolmentMigrations: Migrations = {
  room: 'enrolment',
  dir: `${import.meta.dirname}/migrations`,
};

export function createEnrolment(_deps: EnrolmentDeps): Enrolment {
  return {
    plugin: () => Promise.resolve(),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}
