/** Puts the room together: what lets others into a chart beside care: break-glass, share links, what is dispensed on them; and who has been there. */
import type { Access } from '@afar/access';
import type { Clock, Db, Delivery, Events, Jobs, KeyRing, Log, Migrations } from '@afar/platform';
import type { Records } from '@afar/records';
import type { FastifyPluginAsync } from 'fastify';
import { breakGlassRoutes } from './break-glass/routes.ts';
import { dispenseRoutes } from './dispense/routes.ts';
import { followMakers } from './links/makers.ts';
import { linkRoutes } from './links/routes.ts';
import { reachRoutes } from './reach/routes.ts';
import { readersRoutes } from './readers/routes.ts';
import { createUnreviewed } from './readers/unreviewed.ts';

export interface SharingDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  jobs: Jobs;
  delivery: Delivery;
  log: Log;
  /** Without a slash at its end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  tenantOf(host: string): number;
}

export interface Sharing {
  /** Mounted at `/api`. */
  plugin: FastifyPluginAsync;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const sharingMigrations: Migrations = {
  room: 'sharing',
  dir: `${import.meta.dirname}/migrations`,
};

export function createSharing(deps: SharingDeps): Sharing {
  const unreviewed = createUnreviewed(deps);
  let unfollow = () => undefined as void;
  return {
    plugin: (http) => {
      breakGlassRoutes(http, deps);
      linkRoutes(http, deps);
      dispenseRoutes(http, deps);
      reachRoutes(http, deps);
      readersRoutes(http, deps);
      return Promise.resolve();
    },
    start() {
      unreviewed.start();
      unfollow = followMakers(deps);
      return Promise.resolve();
    },
    stop() {
      unreviewed.stop();
      unfollow();
      return Promise.resolve();
    },
  };
}
