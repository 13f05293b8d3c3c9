/** The rooms put together on a database, without HTTP: what the server, the commands and the tests share. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAccess, readProfiles, type Access } from '@afar/access';
import {
  createJobs,
  createMeter,
  databasePasswords,
  databaseUrl,
  diskObjects,
  durableWrite,
  everyTenant,
  openDb,
  openEvents,
  openKeyRing,
  openReplicas,
  openTenants,
  systemClock,
  vapidKeys,
  type Clock,
  type Db,
  type Jobs,
  type KeyRing,
  type Log,
  type Replicas,
  type RunningEvents,
  type RunningMeter,
  type Tenants,
} from '@afar/platform';
import { createEnrolment, type Enrolment } from '@afar/enrolment';
import { createMessaging, type Messaging } from '@afar/messaging';
import { Refusal } from '@afar/fhir';
import { createExchange, createOutbound, type Exchange } from '@afar/exchange';
import { createRecords, type Records } from '@afar/records';
import { createSharing, type Sharing } from '@afar/sharing';
import { createTerminology } from '@afar/terminology';
import { createVisits, type Visits } from '@afar/visits';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { Database } from './database.ts';
import { openDelivery, outboxOf, pushBy } from './delivery.ts';
import { certificateOf } from './http/certificate.ts';
import { kekProviders } from './kek.ts';
import { openMedia, type Media } from './media.ts';

/** The first clinic: there from the start, and the base address is hers. */
export const firstTenant = 1;

export interface House {
  db: Db;
  auditDb: Db;
  keys: KeyRing;
  clock: Clock;
  events: RunningEvents;
  jobs: Jobs;
  meter: RunningMeter;
  tenants: Tenants;
  access: Access;
  records: Records;
  visits: Visits;
  media: Media;
  exchange: Exchange;
  sharing: Sharing;
  enrolment: Enrolment;
  messaging: Messaging;
  /** Ends connections and timers; the rooms are stopped before by whoever started them. */
  close(): Promise<void>;
}

export interface HouseOptions {
  config: Config;
  baseUrl: string;
  /** Further origins of this installation: its addresses on the network. */
  origins?: string[];
  folder: DataFolder;
  database: Database;
  log: Log;
  clock?: Clock;
  /** See `Overrides` of compose.ts. */
  unaudited?: true;
}

/** Mixed into every password hash; a copy of the database alone cannot be tried against word lists. */
function pepperOf(folder: DataFolder): Buffer {
  const file = join(folder.keys, 'pepper');
  if (!existsSync(file)) durableWrite(file, randomBytes(32), 0o600);
  return readFileSync(file);
}

/** A replica knows the roles of its primary, and their passwords. */
function replicasOf(
  { replicaUrls }: Config,
  folder: DataFolder,
  db: Db,
  log: Log,
  home: () => number | undefined,
): Replicas | undefined {
  if (replicaUrls.length === 0) return undefined;
  const password = databasePasswords(folder.keys).app;
  const urls = replicaUrls.map((url) => databaseUrl(url, { user: 'afar_app', password }));
  return openReplicas(urls, db, { log, home });
}

/** The tenant a request is for; the door has turned away what is for nobody (compose.ts). */
const tenantBy =
  (tenants: Tenants) =>
  (host: string): number => {
    const tenant = tenants.of(host);
    if (tenant === undefined) throw new Refusal('not-found');
    return tenant;
  };

/** Whose chart something is in, as the person who asks may see it. */
const ownerIn =
  (records: Records): Parameters<Access['askRecords']>[0] =>
  async (caller, type, id) => {
    try {
      return (await records.read(caller, type, id)).owner;
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };

/** Opens connections, keys and ports, and makes each room. Nothing runs in the background yet but the event connection. */
export function openHouse(opts: HouseOptions): Promise<House> {
  // What the rooms begin by themselves (timers, listeners to events) is the house's own work, over every tenant.
  return everyTenant(() => open(opts));
}

async function open(opts: HouseOptions): Promise<House> {
  const { config, baseUrl, folder, database, log, clock = systemClock } = opts;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    let tenants: Tenants | undefined;
    const home = () => tenants?.only();
    const db = openDb(database.urls.app, { max: config.dbPool, application: 'afar', log, home });
    closers.push(() => db.close());
    const auditDb = openDb(database.urls.audit, { max: 4, application: 'afar-audit', log });
    closers.push(() => auditDb.close());
    const replicas = replicasOf(config, folder, db, log, home);
    closers.push(() => replicas?.close());
    const keys = await openKeyRing({
      dir: folder.keys,
      ...kekProviders(config),
      lifetimeMs: config.kekLifetimeMs,
      clock,
      log,
    });
    closers.push(() => keys.close());
    const events = await openEvents({ url: database.urls.app, db, log });
    closers.push(() => events.close());
    tenants = await openTenants({ db, events, clock, log, baseUrl });
    closers.push(() => tenants?.close());
    const tenantOf = tenantBy(tenants);
    const baseUrlOf = tenants.baseUrl;
    const jobs = createJobs({ url: database.urls.app, log });
    closers.push(() => jobs.stop());
    const meter = createMeter({ db, clock, log });
    closers.push(() => meter.close());

    const outbox = config.mode === 'demo' ? outboxOf(folder, keys, clock, firstTenant) : undefined;
    const { allow, allowHttp, ca } = config.outbound;
    const outbound = {
      allow,
      allowHttp,
      ...(ca !== undefined && { ca: [readFileSync(ca, 'utf8')] }),
    };
    const vapid = () => vapidKeys(join(folder.keys, 'vapid'), () => keys.tenant(firstTenant));
    const delivery = openDelivery(
      config,
      outbox,
      config.delivery.push ? { keys: vapid, post: pushBy(outbound), baseUrl } : undefined,
    );
    closers.push(() => delivery.close());
    const access = await createAccess({
      jobs,
      delivery,
      breachedFile: folder.breached,
      db,
      auditDb,
      keys,
      clock,
      events,
      log,
      ...(opts.unaudited && { unaudited: true as const }),
      mode: config.mode,
      baseUrl,
      baseUrlOf,
      secureCookies: baseUrl.startsWith('https:'),
      tenantOf,
      pepper: pepperOf(folder),
      checkpointDir: folder.audit,
      outbound: createOutbound(outbound),
      clientRegistration: config.clientRegistration,
      licences: config.licences,
      ...(config.rolesFile !== undefined && {
        profiles: readProfiles(readFileSync(config.rolesFile, 'utf8')),
      }),
    });
    const records = await createRecords({
      db,
      ...(replicas && { replicas }),
      keys,
      clock,
      access,
      events,
      log,
      baseUrl,
      baseUrlOf,
      meter,
      unknownProfiles: config.unknownProfiles,
    });
    records.virtual('AuditEvent', access.auditEvents);
    access.askRecords(ownerIn(records));
    const terminology = createTerminology({ db, records, clock, log });
    closers.push(() => terminology.stop());
    const exchange = await createExchange({
      db,
      keys,
      clock,
      access,
      records,
      events,
      log,
      baseUrl,
      baseUrlOf,
      outbound,
      bulk: { jobs, objects: diskObjects(folder.objects) },
    });
    const media = await openMedia({
      config,
      baseUrl,
      folder: folder.media,
      certificate: () => certificateOf(config, folder.keys, clock.now()),
      clock,
      log,
    });
    closers.push(() => media.stop());
    const objects = diskObjects(folder.objects);
    const visits = await createVisits({
      db,
      tenantOf,
      keys,
      clock,
      access,
      records,
      events,
      jobs,
      objects,
      delivery,
      log,
      media: media.engines,
      baseUrl,
      baseUrlOf,
      config: {
        origins: opts.origins ?? [],
        mostBookingsAhead: config.bookingsAhead,
        recordingDays: config.recordingDays,
        // A demo clinic lets everybody in at once.
        ...(config.mode === 'demo' && { arriveEarlyMinutes: 30 * 24 * 60 }),
      },
    });
    const shared = {
      db,
      keys,
      clock,
      access,
      records,
      events,
      jobs,
      delivery,
      log,
      baseUrl,
      baseUrlOf,
      tenantOf,
    };
    const sharing = createSharing(shared);
    const enrolment = createEnrolment({
      ...shared,
      mode: config.delivery.registration,
      majority: config.delivery.majority,
      ...(outbox && { outbox }),
    });
    const messaging = createMessaging({ ...shared, objects });
    return {
      db,
      auditDb,
      keys,
      clock,
      events,
      jobs,
      meter,
      tenants,
      access,
      records,
      visits,
      media,
      exchange,
      sharing,
      enrolment,
      messaging,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
