/** The room put together: what other rooms hold of access, and the factory that makes it. */
import type { Clock, Db, Events, KeyRing, Log, Migrations } from '@afar/platform';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Audit } from './audit/entry.ts';
import type { Caller, FhirUser, Role } from './caller.ts';
import type { SignInRole } from './contract.ts';

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
  /** Secret mixed into every password hash, kept outside the database; changing it voids passwords. */
  pepper?: Buffer;
  /** Folder for signed audit checkpoints, outside the database; absent: none are written. */
  checkpointDir?: string;
}

export interface NewAccount {
  tenant: number;
  role: SignInRole;
  email: string;
  name: string;
  password: string;
  /** Base32. */
  totpSecret?: string;
  fhirUser?: FhirUser;
  locale?: string;
  zone?: string;
}

export interface NewClient {
  tenant: number;
  /** The public client_id. */
  id: string;
  /** High entropy (at least 32 characters); stored hashed. */
  secret: string;
  /** SMART system scopes, space separated. */
  scope: string;
  name?: string;
}

export interface Access {
  /** Hooks and routes; register once, before every other room's plugin. */
  plugin: FastifyPluginAsync;
  audit: Audit;
  /** Undefined when the request carries no valid session or token. */
  authenticate(req: FastifyRequest): Promise<Caller | undefined>;
  accounts: {
    /** Idempotent by e-mail: returns the account that is there, unchanged. */
    create(account: NewAccount): Promise<{ id: string; created: boolean }>;
    disable(tenant: number, id: string): Promise<void>;
    byFhirUser(tenant: number, user: FhirUser): Promise<{ id: string; role: Role } | undefined>;
  };
  clients: {
    /** Idempotent by client id. */
    create(client: NewClient): Promise<{ id: string; created: boolean }>;
  };
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const accessMigrations: Migrations = {
  room: 'access',
  dir: new URL('./migrations', import.meta.url).pathname,
};

export declare function createAccess(deps: AccessDeps): Promise<Access>;
