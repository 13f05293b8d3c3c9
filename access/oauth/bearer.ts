/** Bearer tokens: one prepared query for all requests that wait together, nothing believed for longer than a request. */
import { batcher, open, type Db, type KeyRing, type Log } from '@afar/platform';
import { membershipsOf } from '../accounts/memberships.ts';
import { accountColumns, openAccount, type Account, type AccountRow } from '../accounts/vault.ts';
import { sha256 } from '../ids.ts';
import { grantScopes, parseScopes, type Scope } from '../scopes.ts';
import { bindToken } from './adapter.ts';
import {
  bindGrant,
  grantColumns,
  sessionEnds,
  standingIn,
  type AppGrants,
  type GrantRow,
} from './app-grants.ts';

export interface Bearer {
  tenant: number;
  /** The client's uuid. */
  client: string;
  wildcard: boolean;
  scopes: Scope[];
  /** The person an app acts for. */
  person?: Person;
  /** How far the primary's log had come. */
  level: string;
}

export interface Person {
  account: Account;
  /** What she gave the app: the grant's uuid, and everything in it, plain scopes too. */
  grant: string;
  granted: string;
  /** rid of the one record that `patient/` scopes reach. */
  patient?: string;
  mfa: boolean;
  proven: number;
}

type Prefixed<Prefix extends string, Row> = {
  [Name in keyof Row as `${Prefix}${Name & string}`]: Row[Name] | null;
};

interface TokenRow {
  tenant: number;
  kind: 'ClientCredentials' | 'AccessToken';
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

type Row = TokenRow & Prefixed<'g_', GrantRow> & Prefixed<'a_', AccountRow>;

const accountNames = [...accountColumns.matchAll(/\ba\.(\w+)/g)].map(([, name]) => name!);
const openedNames = [...accountNames, 'memberships'];
const prefixed = (alias: string, names: readonly string[]): string =>
  names.map((name) => `${alias}.${name} as ${alias}_${name}`).join(', ');

const lookup = `select o.tenant, o.kind, o.hash, o.client_id, o.scope, o.expires, o.sealed,
  c.id as client, c.wildcard, c.scope as allowed, pg_current_wal_flush_lsn()::text as level,
  ${prefixed('g', grantColumns)}, ${sessionEnds('s')} as g_session_ends, ${prefixed('a', accountNames)},
  ${membershipsOf('a')} as a_memberships
from access.oauth o
join access.client c on c.tenant = o.tenant and c.client_id = o.client_id
left join access.app_grant g on g.tenant = o.tenant and g.grant_hash = o.grant_hash and g.ended is null
left join access.account a on a.tenant = g.tenant and a.id = g.account and a.status = 'active'
left join access.session s on s.tenant = g.tenant and s.id = g.session and s.revoked is null
where o.hash = any($1) and o.kind in ('ClientCredentials', 'AccessToken') and c.status = 'active'`;

function without<T>(row: Row, prefix: 'g_' | 'a_', names: readonly string[]): T {
  const all = row as unknown as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, all[`${prefix}${name}`]])) as T;
}

/** What was proven of a row: arithmetic, not trust. */
interface Proof {
  scopes: Scope[];
  person?: Person;
}

/** The instant of use is written at most this often, ms. */
const usedEveryMs = 60_000;

/** The lookup: undefined for a token that is unknown, expired, revoked, or whose client, person or session is gone. */
export function createBearers(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  appGrants: AppGrants;
  log: Log;
}): (token: string) => Promise<Bearer | undefined> {
  const { db, keys, clock, appGrants, log } = deps;
  // What is remembered is arithmetic, not trust: that these very columns opened, and the scopes they parse to.
  const proven = new Map<string, Proof>();

  // Requests that were answered together share their row: what it says is looked at once.
  const byRow = new WeakMap<Row, Promise<Proof | undefined>>();

  function proofOf(row: Row): Promise<Proof | undefined> {
    let found = byRow.get(row);
    if (!found) byRow.set(row, (found = proofIn(row)));
    return found;
  }

  async function proofIn(row: Row): Promise<Proof | undefined> {
    const tail = (sealed: Buffer | null): string =>
      sealed?.toString('base64', sealed.length - 16) ?? '';
    const person = row.g_id
      ? `${row.g_account} ${row.g_client} ${row.g_scope} ${row.g_patient} ${row.g_session} ${row.g_mfa} ${row.g_proven} ${row.g_expires} ${tail(row.g_sealed)} ${row.g_id} ${openedNames
          .filter((one) => one !== 'sealed')
          .map((one) => String((row as unknown as Record<string, unknown>)[`a_${one}`]))
          .join(' ')} ${tail(row.a_sealed)}`
      : '';
    const name = `${row.tenant} ${row.kind} ${row.hash.toString('base64')} ${row.client_id} ${row.expires} ${tail(row.sealed)} ${row.scope} ${row.allowed} ${person}`;
    const found = proven.get(name);
    if (found) return found;
    const proof = row.kind === 'AccessToken' ? await personProof(row) : await clientProof(row);
    if (!proof) return undefined;
    if (proven.size > 5_000) proven.clear();
    proven.set(name, proof);
    return proof;
  }

  async function opened(row: Row): Promise<string> {
    const { tenant, kind, hash, client_id: clientId, scope, expires } = row;
    const bound = bindToken({ tenant, kind, hash, clientId, scope, expires });
    return open(row.sealed, await keys.tenant(tenant), bound).toString('utf8');
  }

  async function clientProof(row: Row): Promise<Proof> {
    await opened(row);
    // A client whose scopes were narrowed since has no more than what is left.
    return { scopes: grantScopes(parseScopes(row.scope ?? ''), parseScopes(row.allowed)) };
  }

  async function personProof(row: Row): Promise<Proof | undefined> {
    const { grantId, accountId } = JSON.parse(await opened(row)) as {
      grantId?: string;
      accountId?: string;
    };
    const grant = standingIn(without<GrantRow>(row, 'g_', grantColumns));
    open(row.g_sealed!, await keys.tenant(row.tenant), bindGrant(grant));
    const account = openAccount(
      without<AccountRow>(row, 'a_', openedNames),
      await keys.tenant(row.tenant),
    );
    // What lies beside the seal says which rows belong together; what is under it has the last word.
    const same =
      grantId !== undefined &&
      sha256(grantId).equals(grant.grantHash) &&
      accountId === grant.account &&
      account.id === grant.account &&
      row.client === grant.client;
    if (!same) return undefined;
    const granted = grantScopes(parseScopes(grant.scope), parseScopes(row.scope ?? ''));
    return {
      scopes: grantScopes(granted, parseScopes(row.allowed)),
      person: {
        account,
        grant: grant.id,
        granted: grant.scope,
        ...(grant.patient !== null && { patient: grant.patient }),
        mfa: grant.mfa,
        proven: grant.proven,
      },
    };
  }

  /** The person's yes stands: not taken back, not run out, and her session goes on if it hangs on that. */
  function stands(row: Row, now: number): boolean {
    if (row.kind === 'ClientCredentials') return true;
    if (!row.g_id || !row.a_id || row.g_expires === null || row.g_expires <= now) return false;
    return row.g_session === null || (row.g_session_ends !== null && row.g_session_ends > now);
  }

  function used(row: Row, now: number): void {
    if (!row.g_id || now - (row.g_used ?? 0) < usedEveryMs) return;
    row.g_used = now;
    appGrants
      .used(row.tenant, row.g_id)
      .catch((error: unknown) => log.warn({ err: error }, 'last use could not be noted'));
  }

  const load = batcher(async (tokens: string[]) => {
    // Requests of one client that wait together show one token; which of the two kinds it is, its row tells.
    const hashes = new Map<string, string>();
    const asked: Buffer[] = [];
    for (const token of new Set(tokens))
      for (const kind of ['ClientCredentials', 'AccessToken']) {
        const hash = sha256(`${kind} ${token}`);
        hashes.set(hash.toString('latin1'), token);
        asked.push(hash);
      }
    const { rows } = await db.query<Row>({
      name: 'access.bearer',
      inLine: true,
      text: lookup,
      values: [asked],
    });
    const byToken = new Map(rows.map((row) => [hashes.get(row.hash.toString('latin1'))!, row]));
    return tokens.map((token) => byToken.get(token));
  });

  return async (token) => {
    if (!/^[\w-]{20,100}$/.test(token)) return undefined;
    const row = await load(token);
    const now = clock.now();
    if (!row || row.expires === null || row.expires <= now || !stands(row, now)) return undefined;
    const proof = await proofOf(row);
    if (!proof) return undefined;
    used(row, now);
    return {
      tenant: row.tenant,
      client: row.client,
      wildcard: row.wildcard && !proof.person,
      ...proof,
      level: row.level,
    };
  };
}
