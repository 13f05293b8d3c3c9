/** Puts the room together: how people come to the clinic: registration, verified addresses, dependants. */
import { everyTenant, type Migrations } from '@afar/platform';
import type { FastifyPluginAsync } from 'fastify';
import type { House } from './house.ts';
import { deskRoutes } from './routes-desk.ts';
import { patientRoutes } from './routes-patient.ts';
import { registerRoutes } from './routes-register.ts';

export type EnrolmentDeps = House;

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

const sweepMs = 30 * 60_000;
/** An invitation that nobody used is forgotten a month after it ended. */
const keepMs = 30 * 86_400_000;

export function createEnrolment(house: EnrolmentDeps): Enrolment {
  const { db, clock, log, mode, access } = house;
  let sweeper: NodeJS.Timeout | undefined;

  async function sweep(): Promise<void> {
    const now = clock.now();
    await db.query('delete from enrolment.proof where expires < $1', [now]);
    await db.query('delete from enrolment.invitation where expires < $1', [now - keepMs]);
  }

  return {
    plugin: (http) => {
      registerRoutes(http, house);
      patientRoutes(http, house);
      deskRoutes(http, house);
      return Promise.resolve();
    },
    start() {
      if (mode !== 'closed' && !access.codes.reaches('mail') && !access.codes.reaches('sms'))
        log.warn({}, 'nobody can register: neither AFAR_SMTP_URL nor AFAR_SMS_URL is set');
      sweeper = setInterval(() => {
        everyTenant(sweep).catch((error: unknown) =>
          log.warn({ err: error }, 'sweeping was put off'),
        );
      }, sweepMs);
      sweeper.unref();
      return Promise.resolve();
    },
    stop() {
      clearInterval(sweeper);
      return Promise.resolve();
    },
  };
}
