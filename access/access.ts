/** The room put together: what other rooms hold of access, and the factory that makes it. */
import { join } from 'node:path';
import {
  everyTenant,
  type Clock,
  type Db,
  type Delivery,
  type Events,
  type Jobs,
  type KeyRing,
  type Log,
  type Migrations,
} from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { createAccounts, type Accounts } from './accounts/accounts.ts';
import { createApprovals, type Approvals } from './approvals/approvals.ts';
import { registerUserKinds } from './approvals/user-kinds.ts';
import type { Factors } from './accounts/factors.ts';
import { createAudit } from './audit/audit.ts';
import { createOversight, type Oversight } from './anomalies/oversight.ts';
import { createCustody, type Custody, type VerifyCall } from './audit/custody.ts';
import type { Audit } from './audit/entry.ts';
import { hookEvidence } from './audit/evidence.ts';
import { createReaders, type Readers } from './audit/readers.ts';
import { auditEvents, type AuditEvents } from './audit/provider.ts';
import type { AuditReport } from './audit/verify/faults.ts';
import { authenticator, hookCaller } from './authenticate.ts';
import type { Caller } from './caller.ts';
import type { Me } from './contract.ts';
import { createAllowances, type Allowances } from './codes/allowance.ts';
import { createCodes, type Codes } from './codes/codes.ts';
import { createExternal } from './external/external.ts';
import { createApps, type Apps } from './oauth/apps.ts';
import { createClients, type Clients } from './oauth/clients.ts';
import type { Outward } from './oauth/outward.ts';
import { auditorRoutes, displayNames } from './routes/auditor.ts';
import { createContacts, type Contacts } from './contacts/contacts.ts';
import { createNoticeMail } from './notices/mail.ts';
import { createNotices, type Notices } from './notices/notices.ts';
import { createPost, type Post } from './post/post.ts';
import { createProfiles, type Profile } from './profiles.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { contactRoutes } from './routes/contacts.ts';
import { noticeRoutes } from './routes/notices.ts';
import { officeRoutes } from './routes/office.ts';
import { roleRoutes } from './routes/roles.ts';
import { cookies as cookiesFor } from './sessions/cookies.ts';
import { createDesk } from './sessions/desk.ts';
import { sameOrigin } from './sessions/same-origin.ts';
import { createEndings, type Endings } from './sessions/endings.ts';
import { createSafeguards, type LicenceSettings, type Safeguards } from './safeguards.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import { createStandIn, type StandIn } from './stand-in.ts';

export interface AccessDeps {
  db: Db;
  /** Connected as afar_audit: may only INSERT into the audit tables. */
  auditDb: Db;
  keys: KeyRing;
  clock: Clock;
  events: Events;
  log: Log;
  mode: 'demo' | 'production';
  /** Public address without a trailing slash, such as `http://localhost:8080`. */
  baseUrl: string;
  secureCookies: boolean;
  tenantOf(host: string): number;
  /** To measure what the trail costs: requests leave no event. No setting leads here. */
  unaudited?: true;
  /** A tenant's own public address; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  /** Of whom a verified licence is asked; default: of nobody. */
  licences?: LicenceSettings;
  /** How long a lockdown waits until every process has heard of it, ms: shorter in tests of one process. */
  lockdownHeardMs?: number;
  /** Secret mixed into every password hash, kept outside the database; changing it voids passwords. */
  pepper?: Buffer;
  /** The operator's list of breached passwords, where one was loaded. */
  breachedFile?: string;
  /** Both are there when messages can leave: codes, mail about notices. */
  jobs?: Jobs;
  delivery?: Delivery;
  /** The guarded way out, for keys and sign-ins that others publish; absent: nothing is fetched. */
  outbound?: Outward;
  /** Whether API clients may register themselves, with a token an administrator gave; default: no. */
  clientRegistration?: boolean;
  /** Roles by configuration (profiles.ts). */
  profiles?: readonly Profile[];
  /** Folder for signed audit checkpoints, outside the database; absent: none are written. */
  checkpointDir?: string;
}

export interface Access {
  /** Hooks and routes; register once on the root instance, before every other room's plugin. */
  plugin: FastifyPluginAsync;
  audit: Audit;
  /** Undefined when the request carries no valid session or token. */
  authenticate(req: FastifyRequest): Promise<Caller | undefined>;
  accounts: Accounts;
  clients: Clients;
  sessions: Sessions;
  /**
   * A session for a patient who has just shown an address and chosen a password, or for whom the house made her account.
   * @throws Refusal `not-found` for whoever is no active patient
   */
  enter(req: FastifyRequest, reply: FastifyReply, tenant: number, account: string): Promise<Me>;
  /** Second factors: her own to keep, and the office's to take away. */
  factors: Factors;
  /** What people should know of their account or chart. */
  notices: Notices;
  /** By which ways people want to be told, and pushes to their browsers. */
  contacts: Contacts;
  /** Six digits that verify an address. */
  codes: Codes;
  /** Messages to people, sealed until they left. */
  post: Post;
  /** So many in a window: limits for what strangers may ask for. */
  allowances: Allowances;
  /** What needs two people: a kind is registered once, asked by one, decided by another. */
  approvals: Approvals;
  /**
   * Hears, in every process, whose sessions ended and who was disabled: what was let in once and stays open must
   * `authenticate` again. `onGap`: some may have been missed. Returns the way to stop.
   */
  onEnded: Endings['hear'];
  /** Who may practise where; entering and deciding on licences. */
  licences: Safeguards['licences'];
  /** The switch, and what must not happen while it is on. */
  lockdown: Safeguards['lockdown'];
  /** Sessions of those who came by a share link. */
  guests: Safeguards['guests'];
  /** How apps ask the record store whose chart something is in: told once, when there is a store. */
  askRecords: Apps['askRecords'];
  /** A caller for work that somebody ordered and does not wait for: see stand-in.ts. */
  standIn: StandIn;
  /** For `records.virtual('AuditEvent', access.auditEvents)`. */
  auditEvents: AuditEvents;
  /** Reads the trail; `faults` names each bad entry, `fault` the earliest. */
  verifyAudit(call?: VerifyCall): Promise<AuditReport>;
  /** Signed heads, looks through the trail, and its files. */
  custody: Custody;
  /** Who was in a patient's record. */
  readers: Readers;
  /** What stands out in the trail: raised, looked at, lifted. */
  anomalies: Oversight['anomalies'];
  /** Counts what was appended so far for the rules; the background does it each second. */
  settleOversight(): Promise<void>;
  /** Chains what writes have left behind so far; the background does it twice a second. */
  settleAudit(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const accessMigrations: Migrations = {
  room: 'access',
  dir: join(import.meta.dirname, 'migrations'),
};

/** Old sessions, tokens and counts are swept this often; none of them is valid any more by then. */
const sweepMs = 10 * 60_000;
/** Partitions are made this many months ahead: a program that runs on without a restart has a place to write. */
const monthsAhead = 3;

export async function createAccess(deps: AccessDeps): Promise<Access> {
  const { db, clock, log, baseUrl, tenantOf } = deps;
  const { baseUrlOf = () => baseUrl } = deps;
  const trail = createAudit(deps);
  const { audit, origins } = trail;
  const endings = createEndings(deps);
  const post = createPost(deps);
  const allowances = createAllowances(deps);
  const codes = createCodes({ ...deps, post, allowances });
  const profiles = createProfiles(deps.profiles);
  const accounts = createAccounts({ ...deps, endings });
  const contacts = createContacts({ ...deps, accounts, baseUrlOf, reaches: post.reaches });
  const wantsMessages: Parameters<typeof createNoticeMail>[0]['wantsMessages'] = (on, account) =>
    contacts.wants(on, account, 'messages:mail');
  const mail = createNoticeMail({ accounts, allowances, post, baseUrlOf, wantsMessages });
  const notices = createNotices({ ...deps, mail, push: contacts.pushNotice });
  const approvals = createApprovals({ ...deps, audit, notices });
  const clients = createClients(deps);
  const sessions = createSessions({ ...deps, origins, endings });
  const cookies = cookiesFor(deps.secureCookies);
  const apps = createApps({ ...deps, audit, accounts, approvals, clients, endings });
  const standIn = createStandIn({ accounts, clients, appGrants: apps.appGrants, profiles, clock });
  const desk = createDesk({
    ...deps,
    accounts,
    codes,
    cookies,
    notices,
    sessions,
    baseUrlOf,
  });
  const { devices, factors, opening } = desk;
  const external = createExternal({ ...deps, accounts, approvals, notices, opening });
  const safeguards = createSafeguards({ ...deps, accounts, approvals, notices, endings });
  registerUserKinds({ approvals, accounts, sessions, devices, factors, clock });
  const callers = {
    clock,
    profiles,
    safeguards,
    cookies,
    sessions,
    bearer: apps.bearer,
    sameOrigin: sameOrigin(baseUrlOf),
    tenantOf,
  };
  /** Secrets of the installation lie under the first tenant's key. */
  const home = 1;
  const names = displayNames({ accounts, clients });
  const oversight = createOversight({ ...deps, trail, notices, names });
  const custody = createCustody({ ...deps, trail, dir: deps.checkpointDir, home });
  let sweeper: NodeJS.Timeout | undefined;

  const ensureMonths = (): Promise<unknown> =>
    db.query('select access.ensure_audit_months($1, $2)', [clock.now(), monthsAhead]);

  async function sweep(): Promise<void> {
    await sessions.sweep();
    await desk.sweep();
    await codes.sweep();
    await post.sweep();
    await safeguards.sweep();
    await apps.sweep();
    await ensureMonths();
    await db.query('select platform.guard_tenants()');
  }

  const register = (http: FastifyInstance): void => {
    hookEvidence(http, {
      audit: deps.unaudited ? { ...audit, append: () => Promise.resolve() } : audit,
      clock,
      tenantOf,
      warn: (error, req) =>
        log.error({ err: error, requestId: req.id }, 'the trail could not be written'),
    });
    safeguards.hook(http);
    apps.hook(http);
    hookCaller(http, callers);
    oversight.hook(http);
    safeguards.routes(http);
    desk.routes(http);
    noticeRoutes(http, { db, notices });
    contactRoutes(http, { db, accounts, contacts, allowances, clock, tenantOf });
    officeRoutes(http, { accounts, sessions, approvals, profiles, clock });
    approvalRoutes(http, { approvals, accounts, clock });
    roleRoutes(http, profiles);
    auditorRoutes(http, { db, names, origins, clock, anomalies: oversight.anomalies, custody });
    apps.routes(http);
    external.routes(http);
  };
  const plugin: FastifyPluginAsync = (http) => {
    register(http);
    return Promise.resolve();
  };
  // Hooks must reach every other room's routes: no scope of its own [Fastify, "skip-override"].
  Object.assign(plugin, { [Symbol.for('skip-override')]: true });

  return {
    plugin,
    audit,
    accounts,
    clients,
    sessions,
    async enter(req, reply, tenant, id) {
      const account = await accounts.get(tenant, id);
      if (account?.role !== 'patient' || account.status !== 'active')
        throw new Refusal('not-found');
      return desk.signIn.as(req, reply, account);
    },
    factors,
    notices,
    contacts,
    codes,
    post,
    allowances,
    approvals,
    onEnded: endings.hear,
    authenticate: authenticator(callers),
    licences: safeguards.licences,
    lockdown: safeguards.lockdown,
    guests: safeguards.guests,
    askRecords: apps.askRecords,
    async standIn(who, why, { whileClosed = false } = {}) {
      const caller = await standIn(who, why);
      return caller && safeguards.admitAway(caller, whileClosed);
    },
    auditEvents: auditEvents({ db, origins, names }),
    settleAudit: () => trail.linker.flush(),
    verifyAudit: custody.verify,
    custody,
    readers: createReaders({ db, accounts, clients }),
    anomalies: oversight.anomalies,
    settleOversight: () => everyTenant(() => oversight.watch.flush()),
    async start() {
      await ensureMonths();
      await trail.linker.start();
      await safeguards.start();
      await custody.start();
      oversight.start();
      sweeper = setInterval(() => {
        sweep().catch((error: unknown) => log.warn({ err: error }, 'sweeping was put off'));
      }, sweepMs);
      sweeper.unref();
    },
    async stop() {
      clearInterval(sweeper);
      await safeguards.stop();
      await trail.linker.stop();
      await oversight.stop();
      await custody.stop();
    },
  };
}
