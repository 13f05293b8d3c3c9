/** Sessions: who is signed in, until when; looked up on the primary at every request. */
import { batcher, type Db, type KeyRing, type Log } from '@afar/platform';
import type { Origins } from '../audit/origin.ts';
import { membershipsOf } from '../accounts/memberships.ts';
import { accountColumns, openAccount, type Account, type AccountRow } from '../accounts/vault.ts';
import { newId, newSecret, sha256 } from '../ids.ts';
import type { SessionRow, SignInRole } from '../contract.ts';
import type { Endings } from './endings.ts';

const minute = 60_000;

/**
 * Idle and absolute ends, ms. Offices and auditors sit at shared desks; a visit with its note fits into
 * an hour without a click elsewhere; a patient waits for her turn.
 */
export const lifetimes: Record<SignInRole, { idle: number; most: number }> = {
  administrator: { idle: 30 * minute, most: 8 * 60 * minute },
  auditor: { idle: 30 * minute, most: 8 * 60 * minute },
  practitioner: { idle: 60 * minute, most: 12 * 60 * minute },
  trainee: { idle: 60 * minute, most: 12 * 60 * minute },
  nurse: { idle: 60 * minute, most: 12 * 60 * minute },
  resident: { idle: 60 * minute, most: 12 * 60 * minute },
  pharmacist: { idle: 15 * minute, most: 12 * 60 * minute },
  paramedic: { idle: 60 * minute, most: 12 * 60 * minute },
  patient: { idle: 60 * minute, most: 24 * 60 * minute },
};

/**
 * Stages in which nothing may be reached yet, and how long they wait, ms: to type a code after the password, or after a code
 * that was sent to her; to think of a new password.
 */
const waits = { password: 5 * minute, recovery: 5 * minute, reset: 15 * minute };
/** Wrong codes after which the password must be shown again, or, in the middle of a session, everything. */
const mostFailures = { pending: 5, full: 10 };
/** A browser that was signed out from afar may come back this late, and is still told to forget what it kept: as long as its cookie. */
const wipeMs = 400 * 24 * 60 * minute;
/** The last-seen instant is written at most this often. */
const seenEveryMs = minute;

export type Stage = keyof typeof waits | 'full';

export interface Session {
  id: string;
  tenant: number;
  stage: Stage;
  mfa: boolean;
  created: number;
  /** When all factors were last shown, ms since epoch. */
  proven: number;
  expires: number;
  idleMs: number;
  account: Account;
  /** How far the primary's log had come. */
  level: string;
}

interface Row extends AccountRow {
  hash: Buffer;
  session: string;
  stage: Stage;
  mfa: boolean;
  begun: number;
  proven: number;
  last_seen: number;
  idle_ms: number;
  expires: number;
  level: string;
}

export interface Sessions {
  /** The live session of a cookie; undefined when there is none, it has ended, or its account is disabled. */
  find(cookie: string): Promise<Session | undefined>;
  /** Returns the cookie's value. */
  begin(
    account: Account,
    stage: Stage,
    mfa: boolean,
    origin: { ip: string; device?: string | undefined; browser?: Buffer | undefined },
  ): Promise<string>;
  /** Everything that is asked of the account was shown again. */
  prove(cookie: string): Promise<void>;
  /** Counts a wrong code; ends a session that saw too many. */
  failed(cookie: string): Promise<void>;
  end(cookie: string): Promise<void>;
  list(account: Account, current: string): Promise<SessionRow[]>;
  revoke(tenant: number, account: string, id: string): Promise<boolean>;
  /** Those of one browser. */
  revokeBrowser(tenant: number, account: string, browser: Buffer): Promise<void>;
  revokeAll(tenant: number, account: string, except?: string): Promise<void>;
  /** True when the session was ended from afar: what its browser kept of her must go. */
  wasRevoked(cookie: string): Promise<boolean>;
  sweep(): Promise<void>;
}

const lookup = `select s.hash, s.id as session, s.stage, s.mfa, s.created as begun, s.proven, s.last_seen,
  s.idle_ms, s.expires, pg_current_wal_flush_lsn()::text as level, ${accountColumns}, ${membershipsOf('a')} as memberships
from access.session s join access.account a on a.tenant = s.tenant and a.id = s.account
where s.hash = any($1) and s.revoked is null and a.status = 'active'`;

export function createSessions(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  origins: Origins;
  log: Log;
  endings: Endings;
}): Sessions {
  const { db, keys, clock, origins, log, endings } = deps;
  // Opened accounts by their sealed bytes' tag and policy columns: a changed row is opened anew.
  const opened = new Map<string, Account>();

  // Requests that were answered together share their row: what it says is looked at once.
  const accounts = new WeakMap<Row, Promise<Account>>();

  function accountOf(row: Row): Promise<Account> {
    let account = accounts.get(row);
    if (!account) accounts.set(row, (account = accountIn(row)));
    return account;
  }

  async function accountIn(row: Row): Promise<Account> {
    const name = [
      row.tenant,
      row.id,
      row.version,
      row.role,
      row.status,
      row.fhir_type,
      row.fhir_id,
      row.totp,
      row.sealed.toString('base64', row.sealed.length - 16),
      row.memberships?.join() ?? '',
    ].join(' ');
    const found = opened.get(name);
    if (found) return found;
    const account = openAccount(row, await keys.tenant(row.tenant));
    if (opened.size > 5_000) opened.clear();
    opened.set(name, account);
    return account;
  }

  const load = batcher(async (cookies: string[]) => {
    // A page's requests come together, with one cookie.
    const hashes = new Map(cookies.map((cookie) => [cookie, sha256(cookie)]));
    const { rows } = await db.query<Row>({
      name: 'access.session',
      inLine: true,
      text: lookup,
      values: [[...hashes.values()]],
    });
    const byHash = new Map(rows.map((row) => [row.hash.toString('latin1'), row]));
    const byCookie = new Map<string, Row | undefined>();
    for (const [cookie, hash] of hashes) byCookie.set(cookie, byHash.get(hash.toString('latin1')));
    return cookies.map((cookie) => byCookie.get(cookie));
  });

  function seen(row: Row, now: number): void {
    if (now - row.last_seen < seenEveryMs) return;
    db.query('update access.session set last_seen = $2 where hash = $1 and last_seen < $2', [
      row.hash,
      now,
    ]).catch((error: unknown) => log.warn({ err: error }, 'last seen could not be noted'));
  }

  return {
    async find(cookie) {
      const row = await load(cookie);
      if (!row) return undefined;
      const now = clock.now();
      if (now >= row.expires || now - row.last_seen >= row.idle_ms) return undefined;
      seen(row, now);
      return {
        id: row.session,
        tenant: row.tenant,
        stage: row.stage,
        mfa: row.mfa,
        created: row.begun,
        proven: row.proven,
        expires: row.expires,
        idleMs: row.idle_ms,
        account: await accountOf(row),
        level: row.level,
      };
    },
    async begin(account, stage, mfa, { ip, device, browser }) {
      const now = clock.now();
      const cookie = newSecret();
      const { idle, most } =
        stage === 'full' ? lifetimes[account.role] : { idle: waits[stage], most: waits[stage] };
      await db.query(
        `insert into access.session
           (hash, id, tenant, account, stage, mfa, created, proven, last_seen, idle_ms, expires, origin, device)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9, $10, $11)`,
        [
          sha256(cookie),
          newId(now),
          account.tenant,
          account.id,
          stage,
          mfa,
          now,
          idle,
          now + most,
          await origins.seal(account.tenant, { ip, ...(device && { device }) }),
          browser ?? null,
        ],
      );
      return cookie;
    },
    async prove(cookie) {
      await db.query('update access.session set proven = $2, failures = 0 where hash = $1', [
        sha256(cookie),
        clock.now(),
      ]);
    },
    async failed(cookie) {
      const { rows } = await db.query<{ tenant: number; account: string; over: boolean }>(
        `update access.session set failures = failures + 1,
           revoked = case when failures + 1 >= case stage when 'full' then $3::int else $2::int end
             then $4::bigint else revoked end
         where hash = $1 returning tenant, account, revoked is not null as over`,
        [sha256(cookie), mostFailures.pending, mostFailures.full, clock.now()],
      );
      for (const one of rows) if (one.over) await endings.tell(one.tenant, one.account);
    },
    async end(cookie) {
      const { rows } = await db.query<{ tenant: number; account: string }>(
        // Her pushes to this browser end with it; the sweep of old sessions leaves them.
        `with over as (delete from access.session where hash = $1 returning tenant, account, id),
           told as (delete from access.push_device p using over where p.tenant = over.tenant and p.session = over.id)
         select tenant, account from over`,
        [sha256(cookie)],
      );
      for (const one of rows) await endings.tell(one.tenant, one.account);
    },
    async list(account, current) {
      const now = clock.now();
      const { rows } = await db.query<Row & { origin: Buffer }>(
        `select hash, id as session, created as begun, last_seen, origin from access.session
         where tenant = $1 and account = $2 and stage = 'full' and revoked is null
           and expires > $3 and last_seen + idle_ms > $3
         order by last_seen desc limit 100`,
        [account.tenant, account.id, now],
      );
      const own = sha256(current);
      return Promise.all(
        rows.map(async (row) => {
          const { ip, device } = await origins.open(account.tenant, row.origin);
          return {
            id: row.session,
            created: row.begun,
            lastSeen: row.last_seen,
            device: device ?? '',
            ip,
            current: row.hash.equals(own),
          };
        }),
      );
    },
    async revoke(tenant, account, id) {
      const { rowCount } = await db.query(
        `update access.session set revoked = $4
         where tenant = $1 and account = $2 and id = $3 and revoked is null`,
        [tenant, account, id, clock.now()],
      );
      if (rowCount === 1) await endings.tell(tenant, account);
      return rowCount === 1;
    },
    async revokeBrowser(tenant, account, browser) {
      await db.query(
        `update access.session set revoked = $4
         where tenant = $1 and account = $2 and device = $3 and revoked is null`,
        [tenant, account, browser, clock.now()],
      );
      await endings.tell(tenant, account);
    },
    async revokeAll(tenant, account, except) {
      await db.query(
        `update access.session set revoked = $4
         where tenant = $1 and account = $2 and revoked is null and ($3::bytea is null or hash <> $3)`,
        [tenant, account, except ? sha256(except) : null, clock.now()],
      );
      await endings.tell(tenant, account);
    },
    async wasRevoked(cookie) {
      const { rowCount } = await db.query(
        `select from access.session where hash = $1 and revoked is not null and stage = 'full'`,
        [sha256(cookie)],
      );
      return rowCount === 1;
    },
    async sweep() {
      // One that was ended from afar is remembered until its browser has surely heard of it.
      await db.query(
        `delete from access.session
         where expires < $1 and (revoked is null or stage <> 'full' or revoked < $2)`,
        [clock.now() - minute, clock.now() - wipeMs],
      );
    },
  };
}
