/** Browsers an account has signed in from: known to her by name, and to the lock-out as her own. */
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import type { DeviceRow } from '../contract.ts';
import { newSecret, sha256 } from '../ids.ts';

/** Where a browser was last used from. */
export interface Place {
  ip: string;
  browser?: string | undefined;
}

interface Kept extends Place {
  /** What she calls it. */
  name?: string;
}

export interface Remembered {
  hash: Buffer;
  /** To set, when the browser had no cookie yet. */
  cookie?: string;
  /** This account has never signed in from it. */
  fresh: boolean;
}

export interface Devices {
  /** The hash when this browser has signed this account in before. */
  known(tenant: number, account: string, cookie: string | undefined): Promise<Buffer | undefined>;
  remember(
    tenant: number,
    account: string,
    cookie: string | undefined,
    place: Place,
  ): Promise<Remembered>;
  /** Last seen first. */
  list(tenant: number, account: string, current: string | undefined): Promise<DeviceRow[]>;
  /** False when there is no such browser of hers. */
  rename(tenant: number, account: string, id: string, name: string): Promise<boolean>;
  /** The forgotten browser's hash; undefined when there is none. */
  forget(tenant: number, account: string, id: string): Promise<Buffer | undefined>;
  forgetAll(tenant: number, account: string, except?: string): Promise<void>;
}

/** More browsers than anybody has: one that forgets its cookies each time fills no table. */
const mostDevices = 100;

// One browser may serve several accounts (a family's tablet): the row is the pair.
const hashOf = (account: string, cookie: string): Buffer => sha256(`${account} ${cookie}`);

/** Ties a browser's name to whose it is. */
export const bindDevice = (tenant: number, row: { hash: Buffer; account: string }): Buffer =>
  aad('access.device', tenant, row.hash, row.account);

interface Row {
  hash: Buffer;
  id: string;
  account: string;
  created: number;
  last_seen: number;
  sealed: Buffer | null;
  seen: number | null;
}

export function createDevices(deps: { db: Db; keys: KeyRing; clock: { now(): number } }): Devices {
  const { db, keys, clock } = deps;

  async function keptOf(tenant: number, row: Pick<Row, 'hash' | 'account' | 'sealed'>) {
    if (!row.sealed) return undefined;
    const plain = open(row.sealed, await keys.tenant(tenant), bindDevice(tenant, row));
    return JSON.parse(plain.toString('utf8')) as Kept;
  }

  const sealed = async (
    tenant: number,
    row: { hash: Buffer; account: string },
    { ip, browser, name }: Kept,
  ): Promise<Buffer> =>
    seal(
      JSON.stringify({ ip, ...(browser && { browser }), ...(name && { name }) }),
      await keys.tenant(tenant),
      bindDevice(tenant, row),
    );

  async function one(tenant: number, account: string, where: string, value: Buffer | string) {
    const { rows } = await db.query<Row>(
      `select hash, id, account, sealed from access.device
       where tenant = $1 and account = $2 and ${where}`,
      [tenant, account, value],
    );
    return rows[0];
  }

  return {
    async known(tenant, account, cookie) {
      if (!cookie) return undefined;
      const hash = hashOf(account, cookie);
      return (await one(tenant, account, 'hash = $3', hash)) && hash;
    },
    async remember(tenant, account, cookie, place) {
      const value = cookie ?? newSecret();
      const hash = hashOf(account, value);
      const before = cookie && (await one(tenant, account, 'hash = $3', hash));
      const name = before ? (await keptOf(tenant, before))?.name : undefined;
      const kept = await sealed(tenant, { hash, account }, { ...place, ...(name && { name }) });
      await db.query(
        `insert into access.device (hash, tenant, account, created, last_seen, sealed)
         values ($1, $2, $3, $4, $4, $5)
         on conflict (hash, tenant) do update set last_seen = excluded.last_seen, sealed = excluded.sealed`,
        [hash, tenant, account, clock.now(), kept],
      );
      if (!before)
        await db.query(
          `delete from access.device where tenant = $1 and account = $2 and hash in (
             select hash from access.device where tenant = $1 and account = $2
             order by last_seen desc, hash offset $3)`,
          [tenant, account, mostDevices],
        );
      return { hash, fresh: !before, ...(!cookie && { cookie: value }) };
    },
    async list(tenant, account, current) {
      const now = clock.now();
      const { rows } = await db.query<Row>(
        `select d.hash, d.id, d.account, d.created, d.last_seen, d.sealed,
           (select max(s.last_seen) from access.session s
            where s.tenant = d.tenant and s.account = d.account and s.device = d.hash
              and s.stage = 'full' and s.revoked is null
              and s.expires > $3 and s.last_seen + s.idle_ms > $3) as seen
         from access.device d where d.tenant = $1 and d.account = $2
         order by d.last_seen desc limit 100`,
        [tenant, account, now],
      );
      const own = current && hashOf(account, current);
      return Promise.all(
        rows.map(async (row) => {
          const { ip = '', browser = '', name } = (await keptOf(tenant, row)) ?? {};
          return {
            id: row.id,
            ...(name && { name }),
            browser,
            ip,
            created: row.created,
            lastSeen: Math.max(row.last_seen, row.seen ?? 0),
            signedIn: row.seen !== null,
            current: own ? row.hash.equals(own) : false,
          };
        }),
      );
    },
    async rename(tenant, account, id, name) {
      const row = await one(tenant, account, 'id = $3', id);
      if (!row) return false;
      const kept = { ip: '', ...(await keptOf(tenant, row)), name };
      await db.query(
        'update access.device set sealed = $4 where tenant = $1 and account = $2 and id = $3',
        [tenant, account, id, await sealed(tenant, row, kept)],
      );
      return true;
    },
    async forget(tenant, account, id) {
      const { rows } = await db.query<{ hash: Buffer }>(
        'delete from access.device where tenant = $1 and account = $2 and id = $3 returning hash',
        [tenant, account, id],
      );
      return rows[0]?.hash;
    },
    async forgetAll(tenant, account, except) {
      await db.query(
        `delete from access.device where tenant = $1 and account = $2
           and ($3::bytea is null or hash <> $3)`,
        [tenant, account, except ? hashOf(account, except) : null],
      );
    },
  };
}
