/** What people let apps do: one row each time somebody says yes; her apps' tokens are worth what it says, while it stands. */
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import { newId, sha256 } from '../ids.ts';
import type { Endings } from '../sessions/endings.ts';

/** The columns a request is decided by: an edited one no longer opens. */
export interface GrantStanding {
  tenant: number;
  id: string;
  grantHash: Buffer;
  account: string;
  /** The client's uuid. */
  client: string;
  /** Everything she granted, plain scopes too. */
  scope: string;
  /** rid of the one record that `patient/` scopes reach. */
  patient: string | null;
  /** Ends with this session; null: goes on while she is away. */
  session: string | null;
  mfa: boolean;
  /** When all her factors were last shown, ms. */
  proven: number;
  expires: number;
}

/** Context that is told with each token [SMART App Launch 2.2, "Launch context arrives with your access_token"]. */
export interface GrantContext {
  /** What the app asked for, as written: the same question may be remembered. */
  asked: string;
  /** The id the record goes by, which need not be its rid. */
  patient?: string;
  encounter?: string;
  /** The app was opened from a chart that shows who the patient is. */
  banner?: boolean;
}

export interface AppGrant extends GrantStanding {
  context: GrantContext;
  created: number;
  used: number | null;
  remember: number | null;
  /** Its session is still there, or it needs none. */
  live: boolean;
}

export interface GrantRow {
  tenant: number;
  id: string;
  grant_hash: Buffer;
  account: string;
  client: string;
  scope: string;
  patient: string | null;
  session: string | null;
  mfa: boolean;
  proven: number;
  expires: number;
  sealed: Buffer;
  created: number;
  used: number | null;
  remember: number | null;
  session_ends: number | null;
}

export const grantColumns = [
  'tenant',
  'id',
  'grant_hash',
  'account',
  'client',
  'scope',
  'patient',
  'session',
  'mfa',
  'proven',
  'expires',
  'sealed',
  'created',
  'used',
  'remember',
] as const;

export const bindGrant = (one: GrantStanding): Buffer =>
  aad(
    'access.app_grant',
    one.tenant,
    one.id,
    one.grantHash,
    one.account,
    one.client,
    one.scope,
    one.patient,
    one.session,
    one.mfa,
    one.proven,
    one.expires,
  );

export const standingIn = (
  row: Omit<GrantRow, 'sealed' | 'created' | 'used' | 'remember' | 'session_ends'>,
): GrantStanding => ({
  tenant: row.tenant,
  id: row.id,
  grantHash: row.grant_hash,
  account: row.account,
  client: row.client,
  scope: row.scope,
  patient: row.patient,
  session: row.session,
  mfa: row.mfa,
  proven: row.proven,
  expires: row.expires,
});

/** Until when a session goes on unless somebody does something: its end, or its idle end, whichever is first. */
export const sessionEnds = (alias: string): string =>
  `least(${alias}.expires, ${alias}.last_seen + ${alias}.idle_ms)`;

export interface NewGrant extends Omit<GrantStanding, 'id' | 'grantHash'> {
  /** The authorization server's own id. */
  grantId: string;
  context: GrantContext;
  remember: number | null;
}

export interface AppGrants {
  give(grant: NewGrant): Promise<{ id: string }>;
  /** Undefined when it was ended, has expired, or its session has. */
  live(tenant: number, grantId: string): Promise<AppGrant | undefined>;
  /** The same by the uuid that callers carry. */
  liveById(tenant: number, id: string): Promise<AppGrant | undefined>;
  /** Those of one account that stand, newest first. */
  list(tenant: number, account: string): Promise<AppGrant[]>;
  /** One that answers the same question, and was to be remembered. */
  remembered(
    tenant: number,
    who: { account: string; client: string; asked: string; patient: string | null },
  ): Promise<AppGrant | undefined>;
  /** Ends what an account gave to a client: every token and refresh token dies with it. Returns how many. */
  end(tenant: number, account: string, client: string): Promise<number>;
  /** Of the authorization server: a family of tokens was revoked. */
  endFamily(tenant: number, grantHash: Buffer): Promise<void>;
  used(tenant: number, id: string): Promise<void>;
  sweep(): Promise<void>;
}

const columns = grantColumns.map((one) => `g.${one}`).join(', ');
const found = `select ${columns}, ${sessionEnds('s')} as session_ends
from access.app_grant g
left join access.session s on s.tenant = g.tenant and s.id = g.session and s.revoked is null
where g.tenant = $1 and g.ended is null`;

/** Ended and expired ones are kept this long, so that an account's page can still be explained, ms. */
const keptMs = 30 * 86_400_000;

export function createAppGrants(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  endings: Endings;
}): AppGrants {
  const { db, keys, clock, endings } = deps;

  async function opened(row: GrantRow): Promise<AppGrant> {
    const standing = standingIn(row);
    const plain = open(row.sealed, await keys.tenant(row.tenant), bindGrant(standing));
    const now = clock.now();
    return {
      ...standing,
      context: JSON.parse(plain.toString('utf8')) as GrantContext,
      created: row.created,
      used: row.used,
      remember: row.remember,
      live:
        row.expires > now &&
        (row.session === null || (row.session_ends !== null && row.session_ends > now)),
    };
  }

  async function where(text: string, values: unknown[]): Promise<AppGrant[]> {
    const { rows } = await db.query<GrantRow>(`${found} and ${text}`, values);
    return Promise.all(rows.map(opened));
  }

  const live = async (text: string, values: unknown[]): Promise<AppGrant | undefined> => {
    const [one] = await where(text, values);
    return one?.live ? one : undefined;
  };

  /** Its tokens go with it, so that nothing is left to be tried. */
  async function bury(
    tenant: number,
    rows: { grant_hash: Buffer; account: string }[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await db.query('delete from access.oauth where tenant = $1 and grant_hash = any($2)', [
      tenant,
      rows.map((row) => row.grant_hash),
    ]);
    for (const account of new Set(rows.map((row) => row.account)))
      await endings.tell(tenant, account);
  }

  return {
    async give({ grantId, context, remember, ...over }) {
      const now = clock.now();
      const one: GrantStanding = { ...over, id: newId(now), grantHash: sha256(grantId) };
      const { tenant } = one;
      const sealed = seal(JSON.stringify(context), await keys.tenant(tenant), bindGrant(one));
      await db.query(
        `insert into access.app_grant (tenant, id, grant_hash, account, client, scope, patient, session, mfa, proven,
           expires, sealed, created, remember)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        [
          tenant,
          one.id,
          one.grantHash,
          one.account,
          one.client,
          one.scope,
          one.patient,
          one.session,
          one.mfa,
          one.proven,
          one.expires,
          sealed,
          now,
          remember,
        ],
      );
      return { id: one.id };
    },
    live: (tenant, grantId) => live('g.grant_hash = $2', [tenant, sha256(grantId)]),
    liveById: (tenant, id) => live('g.id = $2', [tenant, id]),
    async list(tenant, account) {
      const all = await where('g.account = $2 order by g.created desc limit 500', [
        tenant,
        account,
      ]);
      return all.filter((one) => one.live);
    },
    async remembered(tenant, { account, client, asked, patient }) {
      const all = await where(
        `g.account = $2 and g.client = $3 and g.remember > $4 order by g.created desc limit 20`,
        [tenant, account, client, clock.now()],
      );
      return all.find(
        (one) => one.context.asked === asked && (patient === null || one.patient === patient),
      );
    },
    async end(tenant, account, client) {
      const { rows } = await db.query<{ grant_hash: Buffer; account: string }>(
        `update access.app_grant set ended = $4 where tenant = $1 and account = $2 and client = $3
           and ended is null returning grant_hash, account`,
        [tenant, account, client, clock.now()],
      );
      await bury(tenant, rows);
      return rows.length;
    },
    async endFamily(tenant, grantHash) {
      const { rows } = await db.query<{ grant_hash: Buffer; account: string }>(
        `update access.app_grant set ended = $3 where tenant = $1 and grant_hash = $2 and ended is null
         returning grant_hash, account`,
        [tenant, grantHash, clock.now()],
      );
      await bury(tenant, rows);
    },
    async used(tenant, id) {
      await db.query('update access.app_grant set used = $3 where tenant = $1 and id = $2', [
        tenant,
        id,
        clock.now(),
      ]);
    },
    async sweep() {
      const old = clock.now() - keptMs;
      await db.query('delete from access.app_grant where expires < $1 or ended < $1', [old]);
    },
  };
}
