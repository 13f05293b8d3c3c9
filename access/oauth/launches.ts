/** Launches: a person opens an app from a chart; what the app is given for it is opaque, hers, and good once. */
import { open, seal, type Db, type KeyRing } from '@afar/platform';
import { newSecret, sha256 } from '../ids.ts';
import { bindToken } from './adapter.ts';

export interface Launch {
  /** The client's uuid. */
  client: string;
  account: string;
  /** The id the record goes by, and its rid. */
  patient: string;
  rid: string;
  encounter?: string;
}

export interface Launches {
  make(tenant: number, launch: Launch): Promise<string>;
  /** Without using it up: undefined when it is unknown, spent, expired, or another's. */
  look(
    tenant: number,
    token: string,
    who: Pick<Launch, 'client' | 'account'>,
  ): Promise<Launch | undefined>;
  /** True for the first who asks. */
  spend(tenant: number, token: string): Promise<boolean>;
}

/** From the click in the chart to the end of the sign-in, ms. */
const launchMs = 10 * 60_000;
const kind = 'Launch';

export function createLaunches(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): Launches {
  const { db, keys, clock } = deps;
  const hashOf = (token: string): Buffer => sha256(`${kind} ${token}`);
  return {
    async make(tenant, launch) {
      const token = newSecret();
      const hash = hashOf(token);
      const expires = clock.now() + launchMs;
      const bound = bindToken({ tenant, kind, hash, clientId: null, scope: null, expires });
      await db.query(
        'insert into access.oauth (tenant, kind, hash, sealed, expires) values ($1, $2, $3, $4, $5)',
        [
          tenant,
          kind,
          hash,
          seal(JSON.stringify(launch), await keys.tenant(tenant), bound),
          expires,
        ],
      );
      return token;
    },
    async look(tenant, token, who) {
      const hash = hashOf(token);
      const { rows } = await db.query<{ sealed: Buffer; expires: number }>(
        `select sealed, expires from access.oauth
         where tenant = $1 and hash = $2 and kind = $3 and consumed is null and expires > $4`,
        [tenant, hash, kind, clock.now()],
      );
      const row = rows[0];
      if (!row) return undefined;
      const bound = bindToken({
        tenant,
        kind,
        hash,
        clientId: null,
        scope: null,
        expires: row.expires,
      });
      const plain = open(row.sealed, await keys.tenant(tenant), bound).toString('utf8');
      const launch = JSON.parse(plain) as Launch;
      return launch.client === who.client && launch.account === who.account ? launch : undefined;
    },
    async spend(tenant, token) {
      const { rowCount } = await db.query(
        `update access.oauth set consumed = $4
         where tenant = $1 and hash = $2 and kind = $3 and consumed is null and expires > $4`,
        [tenant, hashOf(token), kind, clock.now()],
      );
      return rowCount === 1;
    },
  };
}
