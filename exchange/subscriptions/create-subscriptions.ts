/** Puts the subscriptions together: type, operations, socket, and what runs in the background. */
import { everyTenant } from '@afar/platform';
import type { FastifyPluginAsync } from 'fastify';
import websocket from '@fastify/websocket';
import { createCourier } from './courier.ts';
import { channel, type House } from './house.ts';
import { subscriptionOperations } from './operations.ts';
import { become } from './lifecycle.ts';
import { subscriptionProvider } from './provider.ts';
import { columns, openRow, type Row } from './rows.ts';
import { createSockets } from './sockets.ts';
import { createWatcher } from './watcher.ts';

/** 1 s: what a lost hint delays. */
const pollMs = 1_000;
/** Once a minute: nothing here is waited for. */
const sweepMs = 60_000;

export interface Subscriptions {
  /** Mounted at `/api/subscriptions`: the socket. */
  plugin: FastifyPluginAsync;
  /** @param background match and deliver in this process; sockets are served in any case */
  start(background: boolean): void;
  stop(): Promise<void>;
}

/** Runs work again and again when woken, never twice at once. */
function again(house: House, what: string, work: () => Promise<void>) {
  let asked = false;
  let running: Promise<void> | undefined;
  const wake = (): void => {
    asked = true;
    running ??= (async () => {
      try {
        while (asked) {
          asked = false;
          // A request may be what woke it; what waits is every tenant's.
          await everyTenant(work);
        }
      } catch (error) {
        house.log.warn({ err: error, what }, 'work on subscriptions was put off');
      } finally {
        running = undefined;
      }
    })();
  };
  return { wake, done: () => running ?? Promise.resolve() };
}

export function createSubscriptions(house: House): Subscriptions {
  house.records.virtual('Subscription', subscriptionProvider(house));
  for (const operation of subscriptionOperations(house)) house.records.operation(operation);
  const watcher = createWatcher(house);
  const courier = createCourier(house);
  const sockets = createSockets(house);
  const watching = again(house, 'matching', watcher.look);
  const carrying = again(house, 'delivery', courier.look);
  const telling = again(house, 'sockets', sockets.look);
  const stops: (() => void)[] = [];
  let inBackground = false;

  async function sweep(): Promise<void> {
    const now = house.clock.now();
    await house.db.query('delete from exchange.binding_token where expires < $1', [now]);
    await house.db.query('delete from exchange.subscription_event where at < $1', [
      now - house.limits.keepMs,
    ]);
    const { rows } = await house.db.query<Row>(
      `select ${columns} from exchange.subscription where ends <= $1 and status in ('requested', 'active') limit 100`,
      [now],
    );
    for (const row of rows)
      await become(house, await openRow(house.keys, row), 'off', 'its time has ended');
  }

  const every = (ms: number, work: () => void): void => {
    const timer = setInterval(work, ms);
    timer.unref();
    stops.push(() => clearInterval(timer));
  };

  return {
    plugin: async (app) => {
      if (!app.hasDecorator('websocketServer'))
        await app.register(websocket, {
          options: { maxPayload: 64 * 1024, perMessageDeflate: false },
        });
      sockets.route(app);
    },
    start(background) {
      inBackground = background;
      const wake = () => {
        if (background) carrying.wake();
        telling.wake();
      };
      stops.push(house.events.subscribe(channel, wake, wake));
      stops.push(house.access.onEnded(sockets.ended, () => sockets.ended()));
      every(pollMs, wake);
      if (!background) return;
      stops.push(house.records.onChange(() => watcher.idle || watching.wake()));
      stops.push(house.events.subscribe(channel, watching.wake, watching.wake));
      every(pollMs, watching.wake);
      every(sweepMs, () => {
        sweep().catch((error: unknown) =>
          house.log.warn({ err: error }, 'old events were not swept'),
        );
      });
      watching.wake();
      carrying.wake();
    },
    async stop() {
      for (const stop of stops.splice(0)) stop();
      await sockets.stop();
      await Promise.all([watching.done(), carrying.done(), telling.done()]);
      if (!inBackground) return;
      await courier.release();
      await watcher.release();
    },
  };
}
