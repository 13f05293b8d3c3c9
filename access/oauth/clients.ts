/** Clients of the API: programs that sign in themselves, and apps that people give access to. */
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import { aad, open, seal, type Db, type KeyRing, type Queryable } from '@afar/platform';
import { newId, newSecret, sha256 } from '../ids.ts';
import { formatScope, parseScope, parseScopes } from '../scopes.ts';
import { requireDetails, requireScopes, type ClientDetails } from './details.ts';

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

export type ClientStatus = 'active' | 'disabled' | 'pending';

export interface ClientRow {
  tenant: number;
  id: string;
  client_id: string;
  secret_hash: Buffer;
  scope: string;
  wildcard: boolean;
  status: ClientStatus;
  sealed: Buffer;
}

export interface Client extends Omit<ClientRow, 'sealed'> {
  details: ClientDetails;
}

export interface ClientPatch {
  status?: ClientStatus;
  scope?: string;
  details?: Partial<ClientDetails>;
}

export interface Clients {
  /** Idempotent by client id. @throws Error on a weak secret or a scope that is not a system scope */
  create(client: NewClient): Promise<{ id: string; created: boolean }>;
  /**
   * A client of any kind, under an id of its own; the secret is returned this once, if it has one.
   * @throws Refusal `invalid`
   */
  register(
    tenant: number,
    details: ClientDetails,
    over: { scope: string; status: ClientStatus },
  ): Promise<{ client: Client; secret?: string }>;
  /** Undefined when there is none, it is not active, or a column was edited outside the program. */
  find(tenant: number, clientId: string): Promise<Client | undefined>;
  /** The same by the uuid that callers carry. */
  byId(tenant: number, id: string): Promise<Client | undefined>;
  /** Whatever its status, for the office. */
  get(tenant: number, id: string): Promise<Client | undefined>;
  /** All of a clinic, in order of creation. */
  list(tenant: number): Promise<Client[]>;
  /** What `change` would make of it, nothing written. @throws Refusal `not-found`, `invalid` */
  planned(tenant: number, id: string, patch: ClientPatch): Promise<Client>;
  /** @param on a transaction to be part of. @throws Refusal `not-found`, `invalid`, `conflict` */
  change(tenant: number, id: string, patch: ClientPatch, on?: Queryable): Promise<Client>;
  /** A new secret, shown this once; the old one is void. @throws Refusal `not-found`, `business-rule` */
  renew(tenant: number, id: string): Promise<{ client: Client; secret: string }>;
  /** The hash of a secret that was shown before. @throws Refusal `not-found`, `business-rule`, `conflict` */
  setSecret(tenant: number, id: string, hash: Buffer, on?: Queryable): Promise<Client>;
  setStatus(tenant: number, clientId: string, status: 'active' | 'disabled'): Promise<void>;
  names(tenant: number, ids: string[]): Promise<Map<string, string>>;
}

// A secret of this length, as `newSecret` makes, cannot be guessed: a fast hash keeps it [RFC 6819 5.1.4.2.2].
const leastSecret = 32;

const columns = 'tenant, id, client_id, secret_hash, scope, wildcard, status, sealed';

type Bound = Omit<ClientRow, 'sealed'>;
/** Ties a client's name to the columns its requests are decided by. */
export const bindClient = (row: Bound): Buffer =>
  aad(
    'access.client',
    row.tenant,
    row.id,
    row.client_id,
    row.secret_hash,
    row.scope,
    row.wildcard,
    row.status,
  );

export const secretMatches = (secret: string, hash: Buffer): boolean =>
  timingSafeEqual(sha256(secret), hash);

const usesSecret = ({ auth }: ClientDetails): boolean => auth.startsWith('client_secret');

/** System scopes are an explicit wildcard over the clinic's patients, narrowed by the scopes. */
const isWildcard = (scope: string): boolean =>
  parseScopes(scope).some((one) => one.context === 'system');

/** Rows of earlier releases keep a name alone: programs with a secret. */
function detailsIn(plain: string): ClientDetails {
  if (plain.startsWith('{"name":')) return JSON.parse(plain) as ClientDetails;
  return { name: plain, kind: 'backend', auth: 'client_secret_basic', redirectUris: [] };
}

export function createClients(deps: { db: Db; keys: KeyRing; clock: { now(): number } }): Clients {
  const { db, keys, clock } = deps;

  async function opened(row: ClientRow): Promise<Client> {
    const plain = open(row.sealed, await keys.tenant(row.tenant), bindClient(row));
    const { sealed: _, ...bound } = row;
    return { ...bound, details: detailsIn(plain.toString('utf8')) };
  }

  async function one(
    where: string,
    values: unknown[],
    name?: string,
    on: Queryable = db,
  ): Promise<Client | undefined> {
    // PostgreSQL takes no such text: nobody has that name.
    if (values.some((one) => typeof one === 'string' && one.includes('\0'))) return undefined;
    const { rows } = await on.query<ClientRow>({
      ...(name !== undefined && { name }),
      text: `select ${columns} from access.client where tenant = $1 and ${where}`,
      values,
    });
    return rows[0] && opened(rows[0]);
  }

  const stored = (tenant: number, clientId: string): Promise<Client | undefined> =>
    one('client_id = $2', [tenant, clientId], 'access.client');

  const get = (tenant: number, id: string, on?: Queryable): Promise<Client | undefined> =>
    one('id = $2', [tenant, id], 'access.client-by-id', on);

  const alive = (client: Client | undefined): Client | undefined =>
    client?.status === 'active' && client.scope !== '' ? client : undefined;

  const sealOf = async ({ details, ...bound }: Client): Promise<Buffer> =>
    seal(JSON.stringify(details), await keys.tenant(bound.tenant), bindClient(bound));

  async function insert(client: Client): Promise<boolean> {
    const { tenant, id, client_id: clientId, secret_hash: hash, scope, wildcard, status } = client;
    const { rowCount } = await db.query(
      `insert into access.client (${columns}, created)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant, client_id) do nothing`,
      [tenant, id, clientId, hash, scope, wildcard, status, await sealOf(client), clock.now()],
    );
    return rowCount === 1;
  }

  /** Only over the row that was read: two administrators at once do not undo each other. */
  async function replace(before: Client, after: Client, on: Queryable = db): Promise<void> {
    const { rowCount } = await on.query(
      `update access.client set scope = $3, wildcard = $4, status = $5, secret_hash = $6, sealed = $7
       where tenant = $1 and id = $2 and scope = $8 and status = $9 and secret_hash = $10`,
      [
        after.tenant,
        after.id,
        after.scope,
        after.wildcard,
        after.status,
        after.secret_hash,
        await sealOf(after),
        before.scope,
        before.status,
        before.secret_hash,
      ],
    );
    if (rowCount !== 1) throw new Refusal('conflict');
  }

  function patched(before: Client, patch: ClientPatch): Client {
    const details = { ...before.details, ...patch.details };
    if (patch.details) requireDetails(details);
    const scope = patch.scope === undefined ? before.scope : requireScopes(patch.scope, details);
    const status = patch.status ?? before.status;
    return { ...before, details, scope, wildcard: isWildcard(scope), status };
  }

  async function known(tenant: number, id: string, on?: Queryable): Promise<Client> {
    const found = await get(tenant, id, on);
    if (!found) throw new Refusal('not-found');
    return found;
  }

  const change: Clients['change'] = async (tenant, id, patch, on) => {
    const before = await known(tenant, id, on);
    const after = patched(before, patch);
    await replace(before, after, on);
    return after;
  };

  const setSecret: Clients['setSecret'] = async (tenant, id, hash, on) => {
    const before = await known(tenant, id, on);
    if (!usesSecret(before.details))
      throw new Refusal('business-rule', { diagnostics: 'this client has no secret' });
    const client = { ...before, secret_hash: hash };
    await replace(before, client, on);
    return client;
  };

  return {
    get,
    change,
    setSecret,
    planned: async (tenant, id, patch) => patched(await known(tenant, id), patch),
    async create({ tenant, id: clientId, secret, scope, name }) {
      const there = await stored(tenant, clientId);
      if (there) return { id: there.id, created: false };
      if (secret.length < leastSecret)
        throw new Error(`a client secret has at least ${leastSecret} characters`);
      const scopes = scope.split(' ').filter(Boolean).map(parseScope);
      if (scopes.length === 0 || scopes.some((found) => found?.context !== 'system'))
        throw new Error('a client of this kind has SMART system scopes');
      const client: Client = {
        tenant,
        id: newId(clock.now()),
        client_id: clientId,
        secret_hash: sha256(secret),
        scope: scopes.map((found) => formatScope(found!)).join(' '),
        wildcard: true,
        status: 'active',
        details: {
          name: name ?? clientId,
          kind: 'backend',
          auth: 'client_secret_basic',
          redirectUris: [],
        },
      };
      if (await insert(client)) return { id: client.id, created: true };
      return { id: (await stored(tenant, clientId))!.id, created: false };
    },
    async register(tenant, details, { scope, status }) {
      requireDetails(details);
      const secret = newSecret();
      const scopes = requireScopes(scope, details);
      const id = newId(clock.now());
      const client: Client = {
        tenant,
        id,
        client_id: id,
        // Of a client without a secret: of one that nobody has.
        secret_hash: sha256(secret),
        scope: scopes,
        wildcard: isWildcard(scopes),
        status,
        details,
      };
      await insert(client);
      return { client, ...(usesSecret(details) && { secret }) };
    },
    async renew(tenant, id) {
      const secret = newSecret();
      return { client: await setSecret(tenant, id, sha256(secret)), secret };
    },
    find: async (tenant, clientId) => alive(await stored(tenant, clientId)),
    byId: async (tenant, id) => alive(await get(tenant, id)),
    async list(tenant) {
      const { rows } = await db.query<ClientRow>(
        `select ${columns} from access.client where tenant = $1 order by id limit 1000`,
        [tenant],
      );
      return Promise.all(rows.map(opened));
    },
    async setStatus(tenant, clientId, status) {
      const row = await stored(tenant, clientId);
      if (!row) throw new Error('no such client');
      await change(tenant, row.id, { status });
    },
    async names(tenant, ids) {
      if (ids.length === 0) return new Map();
      const { rows } = await db.query<ClientRow>(
        `select ${columns} from access.client where tenant = $1 and id = any($2)`,
        [tenant, ids],
      );
      const found = await Promise.all(rows.map(opened));
      return new Map(found.map((client) => [client.id, client.details.name]));
    },
  };
}
