/** Clients of the API: programs that sign in with a secret of their own. */
import { timingSafeEqual } from 'node:crypto';
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import { newId, sha256 } from '../ids.ts';
import { formatScope, parseScope, parseScopes } from '../scopes.ts';

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

export interface ClientRow {
  tenant: number;
  id: string;
  client_id: string;
  secret_hash: Buffer;
  scope: string;
  wildcard: boolean;
  status: 'active' | 'disabled';
  sealed: Buffer;
}

export interface Clients {
  /** Idempotent by client id. @throws Error on a weak secret or a scope that is not a system scope */
  create(client: NewClient): Promise<{ id: string; created: boolean }>;
  /** Undefined when there is none, it is disabled, or a column was edited outside the program. */
  find(tenant: number, clientId: string): Promise<ClientRow | undefined>;
  /** The same by the uuid that callers carry. */
  byId(tenant: number, id: string): Promise<ClientRow | undefined>;
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

export function createClients(deps: { db: Db; keys: KeyRing; clock: { now(): number } }): Clients {
  const { db, keys, clock } = deps;

  async function stored(tenant: number, clientId: string): Promise<ClientRow | undefined> {
    const { rows } = await db.query<ClientRow>({
      name: 'access.client',
      text: `select ${columns} from access.client where tenant = $1 and client_id = $2`,
      values: [tenant, clientId],
    });
    return rows[0];
  }

  async function nameOf(row: ClientRow): Promise<string> {
    return open(row.sealed, await keys.tenant(row.tenant), bindClient(row)).toString('utf8');
  }

  async function alive(row: ClientRow | undefined): Promise<ClientRow | undefined> {
    if (!row || row.status !== 'active') return undefined;
    await nameOf(row);
    return parseScopes(row.scope).length > 0 ? row : undefined;
  }

  return {
    async create({ tenant, id: clientId, secret, scope, name }) {
      const there = await stored(tenant, clientId);
      if (there) return { id: there.id, created: false };
      if (secret.length < leastSecret)
        throw new Error(`a client secret has at least ${leastSecret} characters`);
      const asked = scope.split(' ').filter(Boolean);
      const scopes = asked.map(parseScope);
      if (scopes.length === 0 || scopes.some((one) => one?.context !== 'system'))
        throw new Error('a client of this kind has SMART system scopes');
      const now = clock.now();
      const row: Bound = {
        tenant,
        id: newId(now),
        client_id: clientId,
        secret_hash: sha256(secret),
        scope: scopes.map((one) => formatScope(one!)).join(' '),
        // System scopes are an explicit wildcard over the clinic's patients, narrowed by the scopes.
        wildcard: true,
        status: 'active',
      };
      const sealed = seal(name ?? clientId, await keys.tenant(tenant), bindClient(row));
      const { rowCount } = await db.query(
        `insert into access.client (${columns}, created)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant, client_id) do nothing`,
        [
          tenant,
          row.id,
          clientId,
          row.secret_hash,
          row.scope,
          row.wildcard,
          row.status,
          sealed,
          now,
        ],
      );
      if (rowCount === 1) return { id: row.id, created: true };
      return { id: (await stored(tenant, clientId))!.id, created: false };
    },
    find: async (tenant, clientId) => alive(await stored(tenant, clientId)),
    async byId(tenant, id) {
      const { rows } = await db.query<ClientRow>({
        name: 'access.client-by-id',
        text: `select ${columns} from access.client where tenant = $1 and id = $2`,
        values: [tenant, id],
      });
      return alive(rows[0]);
    },
    async setStatus(tenant, clientId, status) {
      const row = await stored(tenant, clientId);
      if (!row) throw new Error('no such client');
      const after = { ...row, status };
      const sealed = seal(await nameOf(row), await keys.tenant(tenant), bindClient(after));
      await db.query(
        'update access.client set status = $3, sealed = $4 where tenant = $1 and client_id = $2',
        [tenant, clientId, status, sealed],
      );
    },
    async names(tenant, ids) {
      if (ids.length === 0) return new Map();
      const { rows } = await db.query<ClientRow>(
        `select ${columns} from access.client where tenant = $1 and id = any($2)`,
        [tenant, ids],
      );
      const pairs = rows.map(async (row) => [row.id, await nameOf(row)] as const);
      return new Map(await Promise.all(pairs));
    },
  };
}
