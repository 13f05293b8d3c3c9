/** Where the authorization server keeps its things: ids hashed, payloads sealed. */
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import { errors, type Adapter, type Payload } from 'oidc-provider';
import { sha256 } from '../ids.ts';
import type { AppGrants } from './app-grants.ts';
import { clientMetadata } from './client-metadata.ts';
import type { Clients } from './clients.ts';

interface Row {
  sealed: Buffer;
  consumed: number | null;
  expires: number | null;
}

export interface BoundToken {
  tenant: number;
  kind: string;
  hash: Buffer;
  clientId: string | null;
  scope: string | null;
  expires: number | null;
}

/** Ties a payload to its row: a token moved to another client or scope no longer opens. */
export const bindToken = (row: BoundToken): Buffer =>
  aad('access.oauth', row.tenant, row.kind, row.hash, row.clientId, row.scope, row.expires);

const upsertSql = `insert into access.oauth
  (tenant, kind, hash, client_id, scope, grant_hash, sealed, expires)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (hash, kind, tenant) do update set client_id = excluded.client_id, scope = excluded.scope,
  grant_hash = excluded.grant_hash, sealed = excluded.sealed, expires = excluded.expires
where access.oauth.tenant = excluded.tenant and access.oauth.kind <> 'ReplayDetection'`;

interface Deps {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  clients: Clients;
  appGrants: AppGrants;
  tenant: number;
}

/** Clients come from their own table; the server never writes one. */
function clientAdapter({ clients, tenant }: Deps): Adapter {
  const none = (): Promise<undefined> => Promise.resolve(undefined);
  const never = (): Promise<never> => Promise.reject(new Error('clients are not written here'));
  return {
    async find(id) {
      const client = await clients.find(tenant, id);
      return client && clientMetadata(client);
    },
    upsert: never,
    destroy: never,
    consume: never,
    findByUid: none,
    findByUserCode: none,
    revokeByGrantId: () => Promise.resolve(),
  };
}

/** The adapter of one kind of thing, for one clinic. */
export function oauthAdapter(kind: string, deps: Deps): Adapter {
  if (kind === 'Client') return clientAdapter(deps);
  const { db, keys, clock, tenant, appGrants } = deps;
  // The opaque id is the token itself: only its hash is kept, in the row and in the payload.
  const hashOf = (id: string): Buffer => sha256(`${kind} ${id}`);

  async function revokeByGrantId(grantId: string): Promise<void> {
    await db.query('delete from access.oauth where grant_hash = $1 and tenant = $2', [
      sha256(grantId),
      tenant,
    ]);
    await appGrants.endFamily(tenant, sha256(grantId));
  }

  return {
    async upsert(id, payload, expiresIn) {
      const bound: BoundToken = {
        tenant,
        kind,
        hash: hashOf(id),
        clientId: payload.clientId ?? null,
        scope: payload.scope ?? null,
        expires: expiresIn ? clock.now() + expiresIn * 1000 : null,
      };
      const kept = { ...payload, jti: undefined };
      const sealed = seal(JSON.stringify(kept), await keys.tenant(tenant), bindToken(bound));
      const { rowCount } = await db.query(upsertSql, [
        tenant,
        kind,
        bound.hash,
        bound.clientId,
        bound.scope,
        payload.grantId ? sha256(payload.grantId) : null,
        sealed,
        bound.expires,
      ]);
      // An assertion shown twice at the same instant: the row of the first one stands [RFC 7523 3, jti].
      if (rowCount === 0 && kind === 'ReplayDetection')
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
    },
    async find(id) {
      const hash = hashOf(id);
      const { rows } = await db.query<Row & { client_id: string | null; scope: string | null }>(
        `select client_id, scope, sealed, consumed, expires from access.oauth
         where hash = $1 and kind = $2 and tenant = $3`,
        [hash, kind, tenant],
      );
      const row = rows[0];
      if (!row || (row.expires !== null && row.expires <= clock.now())) return undefined;
      const { client_id: clientId, scope, expires } = row;
      const bound = bindToken({ tenant, kind, hash, clientId, scope, expires });
      const plain = open(row.sealed, await keys.tenant(tenant), bound).toString('utf8');
      const payload = JSON.parse(plain) as Payload;
      return {
        ...payload,
        jti: id,
        ...(row.consumed !== null && { consumed: Math.floor(row.consumed / 1000) }),
      };
    },
    async consume(id) {
      const { rowCount } = await db.query(
        `update access.oauth set consumed = $3
         where hash = $1 and kind = $2 and tenant = $4 and consumed is null`,
        [hashOf(id), kind, clock.now(), tenant],
      );
      if (rowCount === 1) return;
      // Two came at the same instant and both saw it unused: the second is a replay [OAuth 2.1 4.3.1].
      const { rows } = await db.query<{ grant_hash: Buffer | null }>(
        'select grant_hash from access.oauth where hash = $1 and kind = $2 and tenant = $3',
        [hashOf(id), kind, tenant],
      );
      if (rows[0]?.grant_hash) await appGrants.endFamily(tenant, rows[0].grant_hash);
      throw new errors.InvalidGrant('already used');
    },
    async destroy(id) {
      if (kind === 'Grant') await revokeByGrantId(id);
      await db.query('delete from access.oauth where hash = $1 and kind = $2 and tenant = $3', [
        hashOf(id),
        kind,
        tenant,
      ]);
    },
    revokeByGrantId,
    // Sessions are the house's own: the server's are never looked up by their second name.
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
  };
}
