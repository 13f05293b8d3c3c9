/** Puts the room together: its parts, its routes, its socket, what it does in the background. */
import type { Access, Caller } from '@afar/access';
import type {
  Clock,
  Db,
  Delivery,
  Events,
  Jobs,
  KeyRing,
  Log,
  Migrations,
  ObjectStore,
} from '@afar/platform';
import type { Records } from '@afar/records';
import type { FastifyPluginAsync } from 'fastify';
import { adoptFromChanges } from './adopt.ts';
import { visitsDefaults, type VisitsConfig } from './config.ts';
import type { OnDemandSettings, ScheduleRule } from './contract.ts';
import { clinicianDirectory } from './directory.ts';
import { createQualifications } from './licensing/qualifications.ts';
import { endpoints } from './endpoint.ts';
import type { House } from './house.ts';
import type { MediaEngines } from './media/port.ts';
import { socketRoute } from './room/socket.ts';
import { createSwitchboard } from './room/switchboard.ts';
import { scheduleRoutes } from './routes-schedule.ts';
import { visitRoutes } from './routes-visit.ts';
import { putService, readSettings } from './on-demand/service.ts';
import { partsOf } from './parts.ts';
import { putSchedule, scheduleOf } from './scheduling/schedules.ts';
import { slotProvider } from './scheduling/slot-provider.ts';
import { startUpkeep } from './upkeep.ts';

export interface VisitsDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  jobs: Jobs;
  objects: ObjectStore;
  delivery: Delivery;
  log: Log;
  media: MediaEngines;
  /** Whose clinic a host name is; asked only where nobody has signed in. Default: 1. */
  tenantOf?: (host: string) => number;
  /** Where browsers find this installation; its origin may open sockets. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
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
  /** Being seen without an appointment. Safe to repeat. @throws Refusal 'invalid' with every fault */
  openOnDemand(tenant: number, settings: OnDemandSettings): Promise<void>;
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
  const house: House = { ...deps, config, directory: clinicianDirectory(deps) };
  const board = createSwitchboard(house);
  const qualifications = createQualifications(house);
  deps.records.virtual('Slot', slotProvider(house));
  const parts = partsOf(house);
  const stops: (() => void | Promise<void>)[] = [];
  return {
    plugin: async (app) => {
      const on = endpoints(app, house);
      scheduleRoutes(
        on,
        house,
        (req) => req.caller?.tenant ?? (deps.tenantOf ?? (() => 1))(req.host),
      );
      visitRoutes(on, house);
      for (const part of parts) await part.routes?.(on, app);
      await socketRoute(app, house, board);
    },
    schedules: {
      put: async (caller, rule) => {
        await putSchedule(house, caller, rule);
      },
      get: async (caller, clinician) => (await scheduleOf(house.db, caller.tenant, clinician))?.own,
    },
    openOnDemand: async (tenant, settings) => {
      await putService(house, tenant, readSettings(settings));
    },
    start: async () => {
      stops.push(adoptFromChanges(house), startUpkeep(house));
      board.start();
      qualifications.start();
      for (const part of parts) await part.start?.();
      deps.log.info({ many: deps.media.many?.engine ?? 'none' }, 'visits are open');
    },
    stop: async () => {
      await board.stop();
      await qualifications.stop();
      for (const part of parts.toReversed()) await part.stop?.();
      for (const stop of stops.splice(0)) await stop();
    },
  };
}
