/** Links in mails and texts that end one kind of message by one way: no sign-in, and nothing else opens with them. */
import { createHmac } from 'node:crypto';
import type { Db, KeyRing, Queryable } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { Accounts } from '../accounts/accounts.ts';
import type { OptedOut, Wanted } from '../contract-contacts.ts';
import { sha256 } from '../ids.ts';
import { without } from './choices.ts';
import { isWanted } from './topics.ts';

export interface OptOuts {
  /** The same secret for the same account and kind, so that links do not pile up: 128 bits, base64url. */
  tokenFor(tenant: number, account: string, what: Wanted, on?: Queryable): Promise<string>;
  /** @throws Refusal `not-found` for what is no such secret of this clinic */
  use(tenant: number, token: string): Promise<OptedOut & { account: string }>;
}

const shape = /^[\w-]{22}$/;

export function createOptOuts(deps: {
  db: Db;
  keys: KeyRing;
  accounts: Pick<Accounts, 'get'>;
  clock: { now(): number };
}): OptOuts {
  const { db, keys, accounts, clock } = deps;
  return {
    async tokenFor(tenant, account, what, on = db) {
      const { index } = await keys.tenant(tenant);
      const token = createHmac('sha256', index)
        .update(`access.opt-out ${tenant} ${account} ${what}`)
        .digest()
        .subarray(0, 16)
        .toString('base64url');
      await on.query({
        name: 'access.opt-out-link',
        text: 'insert into access.opt_out (tenant, hash, account, what) values ($1, $2, $3, $4) on conflict do nothing',
        values: [tenant, sha256(token), account, what],
      });
      return token;
    },
    async use(tenant, token) {
      const found = shape.test(token)
        ? await db.query<{ account: string; what: string }>(
            'select account, what from access.opt_out where tenant = $1 and hash = $2',
            [tenant, sha256(token)],
          )
        : undefined;
      const row = found?.rows[0];
      const account = row && (await accounts.get(tenant, row.account));
      if (!account || !isWanted(row.what)) throw new Refusal('not-found');
      await without(db, account, row.what, clock.now());
      const [topic, way] = row.what.split(':') as [OptedOut['topic'], OptedOut['way']];
      return { topic, way, account: account.id };
    },
  };
}
