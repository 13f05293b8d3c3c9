/** Puts the room together: its parts, its routes, its socket, what it does in the background. */
import type { Access, Caller } from '@afar/access';
import type {
  Clock,
  Db,
  Events,
  Jobs,
  KeyRing,
  Log,
  Migrations,
  ObjectStore,
} from '@afar/platform';
import type { Records } from '@afar/records';
import type { FastifyPluginAsync } from 'fastify';
import { visitsDefaults, type VisitsConfig } from './config.ts';
import type { ScheduleRule } from './contract.ts';
import type { MediaBackend } from './media.ts';

export interface VisitsDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  jobs: Jobs;
  objects: ObjectStore;
  log: Log;
  media: MediaBackend;
  /** Where browsers find this installation; its origin may open sockets. */
  baseUrl: string;
  config?: Partial<VisitsConfig>;
}

export interface Visits {
  /** Mounted at `/api`. */
  plugin: FastifyPluginAsync;
  schedules: {
    /**
     * Sets when a clinician can be booked and writes the FHIR Schedule beside it. Safe to repeat.
     * @throws Refusal 'invalid' with every fault, 'forbidden'
     */
    put(caller: Caller, rule: ScheduleRule): Promise<void>;
    get(caller: Caller, clinician: string): Promise<ScheduleRule | undefined>;
  };
  start(): Promise<void>;
  /** Closes every socket with 1001 and waits for what is under way. */
  stop(): Promise<void>;
}

export const visitsMigrations: Migrations = {
  room: 'visits',
  dir: `${import.meta.dirname}/migrations`,
};

/** Builds the visits room. Nothing runs before `start`. */
export async function createVisits(deps: VisitsDeps): Promise<Visits> {
  const config: VisitsConfig = { ...visitsDefaults, ...deps.config };
  deps.log.debug({ ice: config.stunUrls.length + config.turnUrls.length }, 'visits are set up');
  return {
    plugin: async () => undefined,
    schedules: {
      put: async () => undefined,
      get: async () => undefined,
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
}
