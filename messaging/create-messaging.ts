/** Puts the room together: secure threads between a patient and those who care for her. */
import { everyTenant, type Migrations } from '@afar/platform';
import type { FastifyPluginAsync } from 'fastify';
import { sweepFiles } from './files.ts';
import type { House } from './house.ts';
import { escalate } from './overdue.ts';
import { routes } from './routes.ts';

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

/** A promise is of hours: a minute late is told in time. */
const everyMs = 60_000;

export function createMessaging(house: MessagingDeps): Messaging {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const upkeep = async (): Promise<void> => {
    await escalate(house);
    await sweepFiles(house);
  };

  return {
    plugin: (app) => {
      routes(app, house);
      return Promise.resolve();
    },
    start() {
      timer = setInterval(() => {
        running = running
          .then(() => everyTenant(upkeep))
          .catch((error: unknown) =>
            house.log.warn({ err: error }, 'the upkeep of messages was put off'),
          );
      }, everyMs);
      timer.unref();
      return Promise.resolve();
    },
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
