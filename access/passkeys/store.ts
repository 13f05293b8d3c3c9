/** Where passkeys are kept: public keys, sealed, found by the hash of their id. */
import { aad, open, seal, type Db, type KeyRing, type Queryable } from '@afar/platform';
import { newId, sha256 } from '../ids.ts';

interface Kept {
  /** base64url. */
  credential: string;
  /** COSE public key, base64url. */
  key: string;
  transports: string[];
  /** What she calls it. */
  name: string;
  /** It lives on more than one device. */
  synced: boolean;
}

export interface Passkey extends Kept {
  tenant: number;
  id: string;
  account: string;
  counter: number;
  created: number;
  lastUsed?: number;
}

export interface PasskeyStore {
  find(tenant: number, credential: string): Promise<Passkey | undefined>;
  list(tenant: number, account: string, on?: Queryable): Promise<Passkey[]>;
  /** False when this credential is there already, of whomever. */
  add(passkey: Omit<Passkey, 'id' | 'created' | 'lastUsed'>, on: Queryable): Promise<boolean>;
  /** False when another use came in between, or the counter did not grow: a copy of the authenticator. */
  used(passkey: Passkey, counter: number): Promise<boolean>;
  rename(tenant: number, account: string, id: string, name: string): Promise<boolean>;
  remove(tenant: number, account: string, id: string, on: Queryable): Promise<boolean>;
  removeAll(tenant: number, account: string, on?: Queryable): Promise<void>;
}

interface Row {
  hash: Buffer;
  id: string;
  account: string;
  counter: number;
  created: number;
  last_used: number | null;
  sealed: Buffer;
}

export interface PasskeyBound {
  hash: Buffer;
  id: string;
  account: string;
  created: number;
}

/** Ties a public key to whose it is. */
export const bindPasskey = (tenant: number, row: PasskeyBound): Buffer =>
  aad('access.passkey', tenant, row.hash, row.id, row.account, row.created);

const columns = 'hash, id, account, counter, created, last_used, sealed';

const hashOf = (credential: string): Buffer => sha256(Buffer.from(credential, 'base64url'));

export function createPasskeyStore(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): PasskeyStore {
  const { db, keys, clock } = deps;

  async function opened(tenant: number, row: Row): Promise<Passkey> {
    const plain = open(row.sealed, await keys.tenant(tenant), bindPasskey(tenant, row));
    const { id, account, counter, created, last_used: lastUsed } = row;
    return {
      ...(JSON.parse(plain.toString('utf8')) as Kept),
      tenant,
      id,
      account,
      counter,
      created,
      ...(lastUsed !== null && { lastUsed }),
    };
  }

  async function sealed(tenant: number, row: PasskeyBound, kept: Kept): Promise<Buffer> {
    const { credential, key, transports, name, synced } = kept;
    const text = JSON.stringify({ credential, key, transports, name, synced });
    return seal(text, await keys.tenant(tenant), bindPasskey(tenant, row));
  }

  return {
    async find(tenant, credential) {
      const { rows } = await db.query<Row>(
        `select ${columns} from access.passkey where tenant = $1 and hash = $2`,
        [tenant, hashOf(credential)],
      );
      return rows[0] && opened(tenant, rows[0]);
    },
    async list(tenant, account, on = db) {
      const { rows } = await on.query<Row>(
        `select ${columns} from access.passkey where tenant = $1 and account = $2 order by created, id`,
        [tenant, account],
      );
      return Promise.all(rows.map((row) => opened(tenant, row)));
    },
    async add(passkey, on) {
      const { tenant, account, counter } = passkey;
      const created = clock.now();
      const row = { hash: hashOf(passkey.credential), id: newId(created), account, created };
      const { rowCount } = await on.query(
        `insert into access.passkey (tenant, hash, id, account, counter, created, sealed)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, hash) do nothing`,
        [tenant, row.hash, row.id, account, counter, created, await sealed(tenant, row, passkey)],
      );
      return rowCount === 1;
    },
    async used({ tenant, credential, counter: before }, counter) {
      const { rowCount } = await db.query(
        `update access.passkey set counter = $4, last_used = $5
         where tenant = $1 and hash = $2 and counter = $3
           and ($4::bigint > counter or ($4 = 0 and counter = 0))`,
        [tenant, hashOf(credential), before, counter, clock.now()],
      );
      return rowCount === 1;
    },
    async rename(tenant, account, id, name) {
      const { rows } = await db.query<Row>(
        `select ${columns} from access.passkey where tenant = $1 and account = $2 and id = $3`,
        [tenant, account, id],
      );
      if (!rows[0]) return false;
      const kept = { ...(await opened(tenant, rows[0])), name };
      const { rowCount } = await db.query(
        'update access.passkey set sealed = $4 where tenant = $1 and account = $2 and id = $3',
        [tenant, account, id, await sealed(tenant, rows[0], kept)],
      );
      return rowCount === 1;
    },
    async remove(tenant, account, id, on) {
      const { rowCount } = await on.query(
        'delete from access.passkey where tenant = $1 and account = $2 and id = $3',
        [tenant, account, id],
      );
      return rowCount === 1;
    },
    async removeAll(tenant, account, on = db) {
      await on.query('delete from access.passkey where tenant = $1 and account = $2', [
        tenant,
        account,
      ]);
    },
  };
}
