/** Browsers that asked to be told by push: each a sealed subscription, gone with its session or when its push service says so. */
import { aad, open, seal, type Db, type KeyRing, type PushSubscription } from '@afar/platform';
import type { Caller } from '../caller.ts';
import type { PushDevice } from '../contract-contacts.ts';
import { newId, sha256 } from '../ids.ts';

interface Kept {
  subscription: PushSubscription;
  browser: string;
}

interface Row {
  id: string;
  account: string;
  session: string;
  created: number;
  used: number | null;
  sealed: Buffer;
}

/** More browsers than anybody has. */
const mostDevices = 20;

/** Ties a subscription to whose it is. */
export const bindPush = (tenant: number, row: { id: string; account: string }): Buffer =>
  aad('access.push_device', tenant, row.id, row.account);

export interface PushTarget {
  id: string;
  to: string;
}

export interface PushDevices {
  /** This browser, for who is signed in here now; whoever was told here before is told no longer. */
  register(caller: Caller, subscription: PushSubscription): Promise<string>;
  /** False when there is none of hers. */
  forget(tenant: number, account: string, id: string): Promise<boolean>;
  list(caller: Caller): Promise<PushDevice[]>;
  targets(tenant: number, account: string): Promise<PushTarget[]>;
  used(tenant: number, id: string): Promise<void>;
}

export function createPushDevices(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): PushDevices {
  const { db, keys, clock } = deps;

  async function rowsOf(tenant: number, account: string): Promise<(Row & { kept: Kept })[]> {
    const { rows } = await db.query<Row>({
      name: 'access.push-devices',
      text: `select id, account, session, created, used, sealed from access.push_device
        where tenant = $1 and account = $2 order by created desc, id desc limit ${mostDevices}`,
      values: [tenant, account],
    });
    const key = await keys.tenant(tenant);
    return rows.map((row) => ({
      ...row,
      kept: JSON.parse(open(row.sealed, key, bindPush(tenant, row)).toString('utf8')) as Kept,
    }));
  }

  return {
    async register({ tenant, id: account, session, device }, subscription) {
      const now = clock.now();
      const row = { id: newId(now), account };
      const kept: Kept = { subscription, browser: (device ?? '').slice(0, 300) };
      const sealed = seal(JSON.stringify(kept), await keys.tenant(tenant), bindPush(tenant, row));
      const endpoint = sha256(subscription.endpoint);
      await db.tx(async (tx) => {
        await tx.query('delete from access.push_device where tenant = $1 and endpoint = $2', [
          tenant,
          endpoint,
        ]);
        await tx.query(
          `insert into access.push_device (tenant, id, account, session, device, endpoint, created, sealed)
           values ($1, $2, $3, $4, (select device from access.session where tenant = $1 and id = $4), $5, $6, $7)
           on conflict (tenant, endpoint) do update set id = excluded.id, account = excluded.account,
             session = excluded.session, device = excluded.device, created = excluded.created, sealed = excluded.sealed`,
          [tenant, row.id, account, session, endpoint, now, sealed],
        );
        await tx.query(
          `delete from access.push_device where tenant = $1 and account = $2 and id in (
             select id from access.push_device where tenant = $1 and account = $2
             order by created desc, id desc offset $3)`,
          [tenant, account, mostDevices],
        );
      });
      return row.id;
    },
    async forget(tenant, account, id) {
      const { rowCount } = await db.query(
        'delete from access.push_device where tenant = $1 and account = $2 and id = $3',
        [tenant, account, id],
      );
      return rowCount === 1;
    },
    async list({ tenant, id, session }) {
      return (await rowsOf(tenant, id)).map((row) => ({
        id: row.id,
        created: row.created,
        ...(row.used !== null && { used: row.used }),
        browser: row.kept.browser,
        current: row.session === session,
      }));
    },
    async targets(tenant, account) {
      const rows = await rowsOf(tenant, account);
      return rows.map(({ id, kept }) => ({ id, to: JSON.stringify(kept.subscription) }));
    },
    async used(tenant, id) {
      await db.query('update access.push_device set used = $3 where tenant = $1 and id = $2', [
        tenant,
        id,
        clock.now(),
      ]);
    },
  };
}
