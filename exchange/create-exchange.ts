/** Puts the room together: subscriptions, and the way out to servers of others that its parts share. */
import { randomUUID } from 'node:crypto';
import type { Access } from '@afar/access';
import type { Clock, Db, Events, KeyRing, Log, Migrations } from '@afar/platform';
import type { Records } from '@afar/records';
import type { FastifyPluginAsync } from 'fastify';
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
  /** Which servers of others are called. */
  outbound?: OutboundSettings;
  subscriptions?: Partial<Limits>;
}

export interface Exchange {
  /** Mounted at `/api/subscriptions`: the socket. */
  sockets: FastifyPluginAsync;
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
  return {
    sockets: subscriptions.plugin,
    async start({ background = true } = {}) {
      subscriptions.start(background);
    },
    async stop() {
      await subscriptions.stop();
    },
  };
}
