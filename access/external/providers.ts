/** Where else staff of a clinic may sign in: OpenID Connect providers that an administrator set up, and whose subject is whose account. */
import { Refusal } from '@afar/fhir';
import { aad, open, seal, type Db, type KeyRing, type Queryable } from '@afar/platform';
import type { SignInRole } from '../contract.ts';
import { newId, sha256 } from '../ids.ts';

export interface ProviderDetails {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Whose accounts may be reached by it. */
  roles: SignInRole[];
  /** What of its `acr` or `amr` counts as a second factor here. */
  secondFactor: { acr: string[]; amr: string[] };
  /** The first time an account is found by an e-mail address that the provider says is verified. */
  linkByEmail: boolean;
}

export interface ExternalProvider extends ProviderDetails {
  id: string;
  tenant: number;
  status: 'active' | 'disabled';
}

export interface Link {
  account: string;
}

export interface ExternalProviders {
  list(tenant: number): Promise<ExternalProvider[]>;
  /** Undefined when there is none, it is switched off, or a column was edited outside the program. */
  active(tenant: number, id: string): Promise<ExternalProvider | undefined>;
  /** Switched off. */
  add(tenant: number, details: ProviderDetails): Promise<ExternalProvider>;
  get(tenant: number, id: string): Promise<ExternalProvider | undefined>;
  /** @param on a transaction to be part of. @throws Refusal `not-found` */
  change(
    tenant: number,
    id: string,
    patch: Partial<ProviderDetails> & { status?: ExternalProvider['status'] },
    on?: Queryable,
  ): Promise<ExternalProvider>;
  linked(provider: ExternalProvider, subject: string): Promise<Link | undefined>;
  /** Once: a subject that has an account keeps it. */
  link(provider: ExternalProvider, subject: string, account: string): Promise<void>;
}

interface Row {
  tenant: number;
  id: string;
  status: 'active' | 'disabled';
  sealed: Buffer;
}

/** Ties the details to the columns beside them. */
export const bindProvider = ({ tenant, id, status }: Omit<Row, 'sealed'>): Buffer =>
  aad('access.identity_provider', tenant, id, status);

export interface LinkRow {
  tenant: number;
  subject: Buffer;
  provider: string;
  account: string;
}

/** Ties a link to whose it is: an edited one is none. */
export const bindLink = (row: LinkRow): Buffer =>
  aad('access.identity_link', row.tenant, row.subject, row.provider, row.account);

/** By issuer and subject alone: a provider that is set up anew for the same issuer knows the same people. */
const subjectOf = ({ issuer }: ProviderDetails, subject: string): Buffer =>
  sha256(`${issuer.length} ${issuer} ${subject}`);

export function createExternalProviders(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): ExternalProviders {
  const { db, keys, clock } = deps;

  async function opened({ sealed, ...row }: Row): Promise<ExternalProvider> {
    const plain = open(sealed, await keys.tenant(row.tenant), bindProvider(row)).toString('utf8');
    return { ...(JSON.parse(plain) as ProviderDetails), ...row };
  }

  async function one(
    tenant: number,
    id: string,
    on: Queryable = db,
  ): Promise<ExternalProvider | undefined> {
    const { rows } = await on.query<Row>(
      'select tenant, id, status, sealed from access.identity_provider where tenant = $1 and id = $2',
      [tenant, id],
    );
    return rows[0] && opened(rows[0]);
  }

  async function sealOf({ tenant, id, status, ...details }: ExternalProvider): Promise<Buffer> {
    const bound = bindProvider({ tenant, id, status });
    return seal(JSON.stringify(details), await keys.tenant(tenant), bound);
  }

  return {
    async list(tenant) {
      const { rows } = await db.query<Row>(
        'select tenant, id, status, sealed from access.identity_provider where tenant = $1 order by id limit 100',
        [tenant],
      );
      return Promise.all(rows.map(opened));
    },
    async active(tenant, id) {
      const found = await one(tenant, id);
      return found?.status === 'active' ? found : undefined;
    },
    async add(tenant, details) {
      const now = clock.now();
      const made: ExternalProvider = { ...details, tenant, id: newId(now), status: 'disabled' };
      await db.query(
        `insert into access.identity_provider (tenant, id, status, sealed, created)
         values ($1, $2, $3, $4, $5)`,
        [tenant, made.id, made.status, await sealOf(made), now],
      );
      return made;
    },
    get: (tenant, id) => one(tenant, id),
    async change(tenant, id, patch, on = db) {
      const before = await one(tenant, id, on);
      if (!before) throw new Refusal('not-found');
      const after = { ...before, ...patch };
      await on.query(
        'update access.identity_provider set status = $3, sealed = $4 where tenant = $1 and id = $2',
        [tenant, id, after.status, await sealOf(after)],
      );
      return after;
    },
    async linked(provider, subject) {
      const { rows } = await db.query<LinkRow & { sealed: Buffer }>(
        `select tenant, subject, provider, account, sealed from access.identity_link
         where tenant = $1 and subject = $2`,
        [provider.tenant, subjectOf(provider, subject)],
      );
      const row = rows[0];
      if (!row) return undefined;
      open(row.sealed, await keys.tenant(row.tenant), bindLink(row));
      return { account: row.account };
    },
    async link(provider, subject, account) {
      const { tenant, id } = provider;
      const row: LinkRow = { tenant, subject: subjectOf(provider, subject), provider: id, account };
      const sealed = seal('{}', await keys.tenant(tenant), bindLink(row));
      await db.query(
        `insert into access.identity_link (tenant, subject, provider, account, created, sealed)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [tenant, row.subject, id, account, clock.now(), sealed],
      );
    },
  };
}
