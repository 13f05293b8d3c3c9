/** Bearer tokens: one prepared query for all requests that wait together, nothing believed for longer than a request. */
import { batcher, open, type Db, type KeyRing } from '@afar/platform';
import { sha256 } from '../ids.ts';
import { grantScopes, parseScopes, type Scope } from '../scopes.ts';
import { bindToken } from './adapter.ts';

export interface Bearer {
  tenant: number;
  /** The client's uuid. */
  client: string;
  wildcard: boolean;
  scopes: Scope[];
  /** How far the primary's log had come. */
  level: string;
}

interface Row {
  tenant: number;
  hash: Buffer;
  client_id: string;
  scope: string | null;
  expires: number | null;
  sealed: Buffer;
  client: string;
  wildcard: boolean;
  allowed: string;
  level: string;
}

const kind = 'ClientCredentials';

const lookup = `select o.tenant, o.hash, o.client_id, o.scope, o.expires, o.sealed,
  c.id as client, c.wildcard, c.scope as allowed, pg_current_wal_flush_lsn()::text as level
from access.oauth o join access.client c on c.tenant = o.tenant and c.client_id = o.client_id
where o.hash = any($1) and o.kind = '${kind}' and c.status = 'active'`;

/** The lookup: undefined for a token that is unknown, expired, revoked, or whose client is disabled. */
export function createBearers(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): (token: string) => Promise<Bearer | undefined> {
  const { db, keys, clock } = deps;
  // What is remembered is arithmetic, not trust: that these very columns opened, and the scopes they parse to.
  const proven = new Map<string, Scope[]>();

  // Requests that were answered together share their row: what it says is looked at once.
  const byRow = new WeakMap<Row, Promise<Scope[]>>();

  function scopesOf(row: Row): Promise<Scope[]> {
    let found = byRow.get(row);
    if (!found) byRow.set(row, (found = scopesIn(row)));
    return found;
  }

  async function scopesIn(row: Row): Promise<Scope[]> {
    const name = `${row.tenant} ${row.hash.toString('base64')} ${row.client_id} ${row.expires} ${row.sealed.toString('base64', row.sealed.length - 16)} ${row.scope} ${row.allowed}`;
    const found = proven.get(name);
    if (found) return found;
    const { tenant, hash, client_id: clientId, scope, expires } = row;
    const bound = bindToken({ tenant, kind, hash, clientId, scope, expires });
    open(row.sealed, await keys.tenant(tenant), bound);
    // A client whose scopes were narrowed since has no more than what is left.
    const scopes = grantScopes(parseScopes(scope ?? ''), parseScopes(row.allowed));
    if (proven.size > 5_000) proven.clear();
    proven.set(name, scopes);
    return scopes;
  }

  const load = batcher(async (tokens: string[]) => {
    // Requests of one client that wait together show one token.
    const hashes = new Map(tokens.map((token) => [token, sha256(`${kind} ${token}`)]));
    const { rows } = await db.query<Row>({
      name: 'access.bearer',
      inLine: true,
      text: lookup,
      values: [[...hashes.values()]],
    });
    const byHash = new Map(rows.map((row) => [row.hash.toString('latin1'), row]));
    const byToken = new Map<string, Row | undefined>();
    for (const [token, hash] of hashes) byToken.set(token, byHash.get(hash.toString('latin1')));
    return tokens.map((token) => byToken.get(token));
  });

  return async (token) => {
    if (!/^[\w-]{20,100}$/.test(token)) return undefined;
    const row = await load(token);
    if (!row || row.expires === null || row.expires <= clock.now()) return undefined;
    return {
      tenant: row.tenant,
      client: row.client,
      wildcard: row.wildcard,
      scopes: await scopesOf(row),
      level: row.level,
    };
  };
}
