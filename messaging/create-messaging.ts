/** Puts the room together: secure threads between a patient and those who care for her. */
import type { Migrations } from '@afar/platform';
import type { FastifyPluginAsync } from 'fastify';
import type { House } from './house.ts';

export type MessagingDeps = House;

export interface Messaging {
  /** Mounted at `/api`. */
  plugin: FastifyPluginAsync;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const messagingMigrations: Migrations = {
  room: 'messaging',
  dir: `${import.meta.dirname}/migrations`,
};

export function createMessaging(_house: MessagingDeps): Messaging {
  return {
    plugin: () => Promise.resolve(),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}
