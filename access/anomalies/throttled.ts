/** Who is held up: one look in memory at each request, the table asked every few seconds and at each alert. */
import { Refusal } from '@afar/fhir';
import { everyTenant, type Db, type Events, type Log } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import { listThrottled } from './store.ts';

const channel = 'access.throttled';

// 3 s: an alert of another process counts here within that, should its event be lost.
const everyMs = 3_000;

export interface Throttled {
  /** ms since epoch until when; undefined: she is not held up. */
  until(tenant: number, who: string): number | undefined;
  /** Asks the table now. */
  refresh(): Promise<void>;
  /** Tells every process to ask now. */
  tell(): Promise<void>;
  /** Refuses with 429 those who are held up, wherever a chart could be reached. */
  hook(http: FastifyInstance): void;
  start(): void;
  stop(): void;
}

/** Signing out, and hearing why. */
const open = /^\/(?:auth|oauth|\.well-known)(?:\/|$)|^\/api\/notices(?:\/|$)/;

export function createThrottled(deps: {
  db: Db;
  events: Events;
  clock: { now(): number };
  log: Log;
}): Throttled {
  const { db, events, clock, log } = deps;
  let held = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;

  const until = (tenant: number, who: string): number | undefined => {
    const ends = held.get(`${tenant} ${who}`);
    return ends !== undefined && ends > clock.now() ? ends : undefined;
  };

  async function refresh(): Promise<void> {
    const rows = await everyTenant(() => listThrottled(db, clock.now()));
    held = new Map(rows.map((row) => [`${row.tenant} ${row.who}`, row.until]));
  }
  const safely = (): void => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'who is held up was not read'));
  };

  return {
    until,
    refresh,
    async tell() {
      try {
        await events.publish(channel, {});
      } catch (error) {
        log.warn({ err: error }, 'other processes were not told who is held up');
      }
    },
    hook(http) {
      http.addHook('onRequest', (req, _reply, done) => {
        const { caller } = req;
        if (held.size === 0 || !caller) return done();
        const ends = until(caller.tenant, caller.id);
        if (ends === undefined || open.test(req.routeOptions.url ?? '')) return done();
        const seconds = Math.max(1, Math.ceil((ends - clock.now()) / 1000));
        done(
          new Refusal('throttled', {
            detail: 'held up by an alert',
            diagnostics: 'Access is held up until an auditor has looked at it',
            headers: { 'retry-after': String(seconds) },
          }),
        );
      });
    },
    start() {
      unsubscribe = events.subscribe(channel, safely, safely);
      timer = setInterval(safely, everyMs);
      timer.unref();
      safely();
    },
    stop() {
      clearInterval(timer);
      unsubscribe?.();
    },
  };
}
