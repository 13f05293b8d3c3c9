/** Puts the room together: subscriptions, GraphQL, bulk data, and the way out to servers of others that its parts share. */
import { randomUUID } from 'node:crypto';
import type { Access } from '@afar/access';
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
import { createBulk } from './bulk/index.ts';
import type { Limits as BulkLimits } from './bulk/index.ts';
import { createGraphql } from './graphql/index.ts';
import { createOutbound, type OutboundSettings } from './outbound/index.ts';
import { createSubscriptions } from './subscriptions/create-subscriptions.ts';
import { defaultLimits, type Limits } from './subscriptions/limits.ts';

export interface ExchangeDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  log: Log;
  /** Without a slash at its end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  /** Which servers of others are called. */
  outbound?: OutboundSettings;
  subscriptions?: Partial<Limits>;
  /** Where bulk data works and keeps its files; absent: it is not there. */
  bulk?: { jobs: Jobs; objects: ObjectStore; limits?: Partial<BulkLimits> };
}

export interface Exchange {
  /** Mounted at `/api/subscriptions`: the socket. */
  sockets: FastifyPluginAsync;
  /** Mounted at `/fhir/R4/bulk`: how far exports and imports are, and their files. */
  files: FastifyPluginAsync;
  /** @param background also match, deliver and work off jobs in this process */
  start(opts?: { background?: boolean }): Promise<void>;
  /** Closes sockets with 1001 and waits for what is under way. */
  stop(): Promise<void>;
}

export const exchangeMigrations: Migrations = {
  room: 'exchange',
  dir: `${import.meta.dirname}/migrations`,
};

/** Registers types and operations with the record store. Nothing runs before `start`. */
export async function createExchange(deps: ExchangeDeps): Promise<Exchange> {
  const outbound = createOutbound(deps.outbound);
  const subscriptions = createSubscriptions({
    ...deps,
    outbound,
    limits: { ...defaultLimits, ...deps.subscriptions },
    self: randomUUID(),
  });
  createGraphql(deps);
  const bulk = deps.bulk && createBulk({ ...deps, ...deps.bulk, outbound });
  return {
    sockets: subscriptions.plugin,
    files: bulk?.plugin ?? (() => Promise.resolve()),
    async start({ background = true } = {}) {
      subscriptions.start(background);
      if (background) bulk?.start();
    },
    async stop() {
      bulk?.stop();
      await subscriptions.stop();
    },
  };
}
