/** Browsers an account has signed in from. */
import type { Db } from '@afar/platform';
import { newSecret, sha256 } from '../ids.ts';

export interface Devices {
  /** The hash when this browser has signed this account in before. */
  known(tenant: number, account: string, cookie: string | undefined): Promise<Buffer | undefined>;
  /** Remembers the browser; returns a cookie to set when it had none for this account. */
  remember(
    tenant: number,
    account: string,
    cookie: string | undefined,
  ): Promise<string | undefined>;
  forgetAll(tenant: number, account: string): Promise<void>;
}

// One browser may serve several accounts (a family's tablet): the row is the pair.
const hashOf = (account: string, cookie: string): Buffer => sha256(`${account} ${cookie}`);

export function createDevices(deps: { db: Db; clock: { now(): number } }): Devices {
  const { db, clock } = deps;
  return {
    async known(tenant, account, cookie) {
      if (!cookie) return undefined;
      const hash = hashOf(account, cookie);
      const { rowCount } = await db.query(
        'select from access.device where hash = $1 and tenant = $2 and account = $3',
        [hash, tenant, account],
      );
      return rowCount === 1 ? hash : undefined;
    },
    async remember(tenant, account, cookie) {
      const value = cookie ?? newSecret();
      await db.query(
        `insert into access.device (hash, tenant, account, created, last_seen)
         values ($1, $2, $3, $4, $4)
         on conflict (hash, tenant) do update set last_seen = excluded.last_seen`,
        [hashOf(account, value), tenant, account, clock.now()],
      );
      return cookie ? undefined : value;
    },
    async forgetAll(tenant, account) {
      await db.query('delete from access.device where tenant = $1 and account = $2', [
        tenant,
        account,
      ]);
    },
  };
}
