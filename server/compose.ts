/** The server put together: database, rooms, HTTP, in the order they start; and the reverse when it ends. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  announceDrain,
  createHttp,
  createShedding,
  drainHttp,
  everyTenant,
  sheddingDoor,
  systemClock,
  undeclared,
  within,
  type Clock,
  type Db,
  type FullLog,
} from '@afar/platform';
import type { Access } from '@afar/access';
import type { Exchange } from '@afar/exchange';
import websocket from '@fastify/websocket';
import type { Records } from '@afar/records';
import type { Visits } from '@afar/visits';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from './config.ts';
import { claimFolder, openDataFolder } from './data-folder.ts';
import { openDatabase } from './database.ts';
import { firstTenant, openHouse, type House } from './house.ts';
import { mediaOrigins } from './media-config.ts';
import { certificateOf, networkAddresses } from './http/certificate.ts';
import { createDoors } from './http/doors.ts';
import { isVital } from './http/vital.ts';
import { cutSuspended } from './http/open-sockets.ts';
import { addProbes } from './http/probes.ts';
import { addSecurityTxt } from './http/security-txt.ts';
import { renderError } from './http/render-error.ts';
import { openWebFiles } from './http/web-files.ts';
import { startPausable } from './paused-jobs.ts';
import { seedDemo } from './seed.ts';
import { createUsage } from './usage.ts';

export interface App {
  http: FastifyInstance;
  access: Access;
  records: Records;
  visits: Visits;
  exchange: Exchange;
  db: Db;
  house: House;
  /** Where browsers find it. */
  baseUrl: string;
  /** Its addresses on the network, when it listens on more than loopback. */
  networkUrls: string[];
  /** The demo accounts' file, in demo mode. */
  demoAccounts: string | undefined;
  listen(): Promise<void>;
  /** Drains and stops everything, the embedded PostgreSQL included. Safe to call twice. */
  close(): Promise<void>;
  /** For a forced end: tells the embedded PostgreSQL to end at once, and waits for nothing. It recovers at the next start. */
  abandon(): void;
}

export interface Overrides {
  clock?: Clock;
  /** Keeps no trail of requests: to measure what the trail costs (bench/access.ts). Not in production. */
  unaudited?: true;
  /** Called with a word before each slow step of the start. */
  onStep?: (step: string) => void;
  /** Ends the start between two steps. */
  signal?: AbortSignal;
  /** Told of every address there is, as it is registered: for tests that walk them all. */
  onRoute?: (route: { method: string | string[]; url: string }) => void;
}

const webFolder = join(import.meta.dirname, '..', 'web', 'dist');

/** Bytes of one message on a socket: a session description with all its candidates fits many times. */
const socketBytes = 64 * 1024;

/** A port that is free now. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Builds the whole server. Nothing listens before `listen`; on failure nothing it started is left. */
export async function compose(
  config: Config,
  log: FullLog,
  { clock = systemClock, onStep = () => undefined, signal, onRoute, unaudited }: Overrides = {},
): Promise<App> {
  const step = (word?: string) => {
    signal?.throwIfAborted();
    if (word) onStep(word);
  };
  const closers: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= (async () => {
      for (const one of closers.splice(0).reverse())
        try {
          await one();
        } catch (error) {
          log.error({ err: error }, 'a part did not stop cleanly');
        }
    })());
  try {
    const folder = openDataFolder(config.data);
    // With a database of one's own several processes share the folder; the embedded one has one master.
    if (config.databaseUrl === undefined) closers.push(claimFolder(folder.path, 'an Afar server'));
    step('Starting the database');
    const database = await openDatabase(config, folder, log);
    closers.push(() => database.stop());

    const tls = await certificateOf(config, folder.keys, clock.now());
    const scheme = tls ? 'https' : 'http';
    const port = config.port || (await freePort(config.host));
    const baseUrl = config.baseUrl ?? `${scheme}://localhost:${port}`;
    const networkUrls = ['0.0.0.0', '::'].includes(config.host)
      ? networkAddresses().map((address) => `${scheme}://${address}:${port}`)
      : [];
    const house = await openHouse({
      config,
      baseUrl,
      origins: networkUrls,
      folder,
      database,
      log,
      clock,
      ...(unaudited && config.mode === 'demo' && { unaudited }),
    });
    closers.push(() => house.close());
    signal?.throwIfAborted();
    const { access, records, visits, exchange, sharing, enrolment, messaging, jobs } = house;

    const usage = createUsage(house.meter);
    closers.push(() => usage.close());
    const http = await mount(config, house, log, {
      tls,
      onRoute,
      onAnswered: (tenant, reply, bytes) => usage.answered(tenant, reply.elapsedTime, bytes),
    });
    // What runs in the background is the house's own work, over every tenant; a room takes up one tenant's by its caller.
    await everyTenant(async () => {
      await access.start();
      closers.push(() => everyTenant(() => access.stop()));
      await records.start();
      closers.push(() => everyTenant(() => records.stop()));
      await visits.start();
      if (config.roles.has('api')) house.media.start();
      await sharing.start();
      await enrolment.start();
      await messaging.start();
      await exchange.start({ background: config.roles.has('worker') });
    });
    let socketsStopped: Promise<unknown> | undefined;
    const stopSockets = () =>
      (socketsStopped ??= everyTenant(() =>
        Promise.all([
          visits.stop(),
          exchange.stop(),
          sharing.stop(),
          enrolment.stop(),
          messaging.stop(),
        ]),
      ));
    closers.push(stopSockets);
    await http.ready();
    if (config.mode === 'production') await refuseDemo(house.db);
    const demoAccounts =
      config.mode === 'demo' && config.roles.has('api')
        ? await within(firstTenant, () => seedDemo({ house, http, folder, baseUrl, log, step }))
        : undefined;
    if (config.roles.has('worker'))
      closers.push(await startPausable(jobs, access, () => house.tenants.only(), log));
    // Last started, first stopped: no new requests, sockets closed, requests in flight finished, then the rooms.
    closers.push(async () => {
      announceDrain(http);
      await sleep(config.drainNoticeMs);
      const drained = drainHttp(http, config.drainMs);
      await stopSockets();
      await drained;
      await http.close();
    });
    return {
      http,
      access,
      records,
      visits,
      exchange,
      db: house.db,
      house,
      baseUrl,
      networkUrls,
      demoAccounts,
      async listen() {
        // Each request declares its own tenant: nothing may come with the socket.
        await undeclared(() => http.listen({ host: config.host, port, backlog: 511 }));
      },
      close,
      abandon: database.abandon,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function mount(
  config: Config,
  { access, records, visits, exchange, sharing, enrolment, messaging, db, clock, tenants }: House,
  log: FullLog,
  opts: {
    tls: { cert: string; key: string } | undefined;
    onRoute: Overrides['onRoute'];
    onAnswered: (tenant: number, reply: FastifyReply, bytes: number) => void;
  },
): Promise<FastifyInstance> {
  const { tls, onRoute, onAnswered } = opts;
  const web = openWebFiles(config.roles.has('web') ? webFolder : '', mediaOrigins(config.media));
  if (config.roles.has('web') && !web.built)
    log.warn({}, 'the web app is not built: only the API is served');
  const doors = createDoors(config.rates, log);
  const http = createHttp({
    log,
    ...(tls && { tls }),
    renderError,
    trustProxy: config.trustProxy,
    tenantOf: tenants.of,
    admit: doors.bySource,
    ...(config.mostAtOnce > 0 && {
      shed: sheddingDoor(createShedding({ most: config.mostAtOnce }), isVital, log),
    }),
    onAnswered: (request, reply, bytes) => {
      if (request.tenant !== undefined) onAnswered(request.tenant, reply, bytes);
    },
    async notFound(request: FastifyRequest, reply: FastifyReply) {
      if (await web.serve(request, reply)) return reply;
      throw Object.assign(new Error('no such address'), { statusCode: 404 });
    },
  });
  if (onRoute) http.addHook('onRoute', onRoute);
  const stopCutting = cutSuspended(http, tenants);
  http.addHook('onClose', (_http, done) => {
    stopCutting();
    done();
  });
  addProbes(http, db);
  addSecurityTxt(http, clock, config.securityContact);
  if (config.roles.has('api')) {
    await http.register(access.plugin);
    doors.hook(http);
    await http.register(records.plugin, { prefix: '/fhir/R4' });
    await http.register(exchange.files, { prefix: '/fhir/R4/bulk' });
    await http.register(sharing.plugin, { prefix: '/api' });
    await http.register(enrolment.plugin, { prefix: '/api' });
    await http.register(messaging.plugin, { prefix: '/api' });
    // Sockets share one listener for upgrades; its hooks are for these routes alone.
    await http.register(async (scope) => {
      await scope.register(websocket, {
        options: { maxPayload: socketBytes, perMessageDeflate: false, clientTracking: true },
      });
      await scope.register(visits.plugin, { prefix: '/api' });
      await scope.register(exchange.sockets, { prefix: '/api/subscriptions' });
    });
  }
  return http;
}

/** A database that was once filled with the demo clinic has accounts whose passwords lie in a file. */
async function refuseDemo(db: Db): Promise<void> {
  const { rows } = await db.query(`select from platform.mark where name = 'demo'`);
  if (rows.length)
    throw new Error(
      'this database holds the demo clinic: production mode needs a database of its own',
    );
}
