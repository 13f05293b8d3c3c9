/** Accounts: who can sign in to a clinic. */
import { Refusal } from '@afar/fhir';
import type { Db, KeyRing, Queryable } from '@afar/platform';
import type { FhirUser, Role } from '../caller.ts';
import type { SignInRole } from '../contract.ts';
import { newId } from '../ids.ts';
import { createBreached } from '../breached/breached.ts';
import { hashPassword, passwordFault, verifyPassword } from '../passwords.ts';
import type { Endings } from '../sessions/endings.ts';
import { membershipsOf } from './memberships.ts';
import {
  accountColumns,
  emailToken,
  normalEmail,
  hasSecondFactor,
  openAccount,
  sealPersonal,
  type Account,
  type AccountRow,
  type Personal,
  type Standing,
} from './vault.ts';

export interface NewAccount {
  tenant: number;
  role: SignInRole;
  email: string;
  name: string;
  /** In the clear, hashed here; or hashed before by `hashOf`, so that no transaction waits for it. */
  password: string | { hash: string };
  /** Base32. */
  totpSecret?: string;
  fhirUser?: FhirUser;
  locale?: string;
  zone?: string;
  /** What else is known of her from the start. */
  personal?: Pick<Personal, 'phone' | 'verified' | 'proxies' | 'supervisor' | 'profile'>;
}

export interface AccountPatch {
  role?: SignInRole;
  status?: 'active' | 'disabled';
  fhirUser?: FhirUser;
  /** What is undefined is taken away. */
  personal?: Partial<Omit<Personal, 'password'>>;
  /** In the clear, hashed here; or hashed before. */
  password?: string | { hash: string };
}

export interface Accounts {
  /**
   * Idempotent by e-mail: returns the account that is there, unchanged.
   * @param on a transaction to be part of
   */
  create(account: NewAccount, on?: Queryable): Promise<{ id: string; created: boolean }>;
  hashOf(password: string): Promise<string>;
  /** Why a password may not be chosen, or undefined. @param own her names and addresses */
  passwordFault(password: string, own: readonly string[]): string | undefined;
  get(tenant: number, id: string): Promise<Account | undefined>;
  byEmail(tenant: number, email: string): Promise<Account | undefined>;
  byFhirUser(tenant: number, user: FhirUser): Promise<{ id: string; role: Role } | undefined>;
  /** Whether a password alone opens the account now: it is right, the account active, and nothing more is asked of it. */
  opensBy(tenant: number, id: string, password: string): Promise<boolean>;
  /** In order of creation. */
  list(tenant: number, after: string | undefined, limit: number): Promise<Account[]>;
  names(tenant: number, ids: string[]): Promise<Account[]>;
  /**
   * Seals anew under the next version. With a new password, or when she is shut out, what she let apps do ends too: whoever had
   * the old one may have let them.
   * @param patch or what makes one of the account as it stands: it may run more than once, and may refuse
   * @param on a transaction to be part of
   * @throws Refusal `not-found`, `conflict`
   */
  change(
    tenant: number,
    id: string,
    patch: AccountPatch | ((before: Account) => AccountPatch & { password?: { hash: string } }),
    on?: Queryable,
  ): Promise<Account>;
  /** Ends every session at once, and whatever her browsers kept. */
  disable(tenant: number, id: string): Promise<void>;
  /** False when this counter, or a later one, was used before. */
  spendCode(tenant: number, id: string, counter: number): Promise<boolean>;
  signedIn(tenant: number, id: string): Promise<void>;
}

const insert = `insert into access.account as a
  (tenant, id, email_token, role, status, fhir_type, fhir_id, totp, sealed, version, created)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant, email_token) do nothing returning a.id`;

const update = `update access.account set role = $4, status = $5, fhir_type = $6, fhir_id = $7,
  totp = $8, sealed = $9, version = $10, email_token = $11
where tenant = $1 and id = $2 and version = $3`;

export function createAccounts(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  endings: Endings;
  pepper?: Buffer;
  /** The operator's list of breached passwords, where one was loaded. */
  breachedFile?: string;
}): Accounts {
  const { db, keys, clock, endings, pepper } = deps;
  const breached = createBreached(deps.breachedFile);

  async function one(where: string, values: unknown[], tenant: number, on: Queryable = db) {
    const { rows } = await on.query<AccountRow>(
      `select ${accountColumns}, ${membershipsOf('a')} as memberships
       from access.account a where a.tenant = $1 and ${where}`,
      [tenant, ...values],
    );
    return rows[0] ? openAccount(rows[0], await keys.tenant(tenant)) : undefined;
  }

  const find = (tenant: number, id: string, on?: Queryable) => one('a.id = $2', [id], tenant, on);
  const get: Accounts['get'] = (tenant, id) => find(tenant, id);

  async function byEmail(
    tenant: number,
    email: string,
    on?: Queryable,
  ): Promise<Account | undefined> {
    // Under each index key that rows may stand under: two while these are rotated.
    const { indexes } = await keys.tenant(tenant);
    const wanted = indexes.map((index) => emailToken(email, { index }));
    const found = await one('a.email_token = any($2::bigint[])', [wanted], tenant, on);
    // 64 bits can meet by chance: the sealed address decides.
    return found && normalEmail(found.personal.email) === normalEmail(email) ? found : undefined;
  }

  const change: Accounts['change'] = async (tenant, id, wanted, on = db) => {
    const fixed = typeof wanted === 'function' ? undefined : wanted;
    const given = fixed?.password;
    const made = typeof given === 'string' ? await hashPassword(given, pepper) : undefined;
    for (let attempt = 0; attempt < 5; attempt++) {
      const before = await find(tenant, id, on);
      if (!before) throw new Refusal('not-found');
      const patch = typeof wanted === 'function' ? wanted(before) : wanted;
      const password = typeof patch.password === 'object' ? patch.password.hash : made;
      const personal = { ...before.personal, ...patch.personal, ...(password && { password }) };
      const after: Standing = {
        tenant,
        id,
        version: before.version + 1,
        role: patch.role ?? before.role,
        status: patch.status ?? before.status,
        fhirUser: patch.fhirUser ?? before.fhirUser,
        totp: personal.totp !== undefined,
      };
      const key = await keys.tenant(tenant);
      const { rowCount } = await on.query(update, [
        tenant,
        id,
        before.version,
        after.role,
        after.status,
        after.fhirUser?.type ?? null,
        after.fhirUser?.id ?? null,
        after.totp,
        sealPersonal(after, personal, key),
        after.version,
        emailToken(personal.email, key),
      ]);
      if (rowCount !== 1) continue;
      const shut = after.status === 'disabled' && before.status !== 'disabled';
      if (password !== undefined || shut)
        await on.query(
          'update access.app_grant set ended = $3 where tenant = $1 and account = $2 and ended is null',
          [tenant, id, clock.now()],
        );
      // Another role has another reach: what is open asks again, as it does when she is shut out.
      if (after.status !== before.status || after.role !== before.role)
        await endings.tell(tenant, id);
      return { ...before, ...after, personal };
    }
    throw new Refusal('conflict');
  };

  return {
    get,
    byEmail,
    change,
    hashOf: (password) => hashPassword(password, pepper),
    passwordFault: (password, own) => passwordFault(password, own, breached),
    async create(account, on = db) {
      const { tenant, role, email, fhirUser, password } = account;
      const there = await byEmail(tenant, email, on);
      if (there) return { id: there.id, created: false };
      const created = clock.now();
      const key = await keys.tenant(tenant);
      const standing: Standing = {
        tenant,
        id: newId(created),
        version: 1,
        role,
        status: 'active',
        fhirUser,
        totp: account.totpSecret !== undefined,
      };
      const personal: Personal = {
        email: email.trim(),
        name: account.name,
        locale: account.locale ?? 'en',
        ...(account.zone && { zone: account.zone }),
        password:
          typeof password === 'string' ? await hashPassword(password, pepper) : password.hash,
        ...account.personal,
        ...(account.totpSecret && { totp: account.totpSecret }),
      };
      const { rowCount } = await on.query(insert, [
        tenant,
        standing.id,
        emailToken(email, key),
        role,
        'active',
        fhirUser?.type ?? null,
        fhirUser?.id ?? null,
        standing.totp,
        sealPersonal(standing, personal, key),
        1,
        created,
      ]);
      if (rowCount === 1) return { id: standing.id, created: true };
      const raced = await byEmail(tenant, email, on);
      if (!raced) throw new Refusal('conflict');
      return { id: raced.id, created: false };
    },
    async opensBy(tenant, id, password) {
      const account = await get(tenant, id);
      const right = await verifyPassword(password, account?.personal.password, pepper);
      return right && account?.status === 'active' && !hasSecondFactor(account);
    },
    async byFhirUser(tenant, user) {
      const { rows } = await db.query<{ id: string; role: Role }>(
        'select id, role from access.account where tenant = $1 and fhir_type = $2 and fhir_id = $3',
        [tenant, user.type, user.id],
      );
      return rows[0];
    },
    async list(tenant, after, limit) {
      const { rows } = await db.query<AccountRow>(
        `select ${accountColumns} from access.account a
         where a.tenant = $1 and ($2::uuid is null or a.id > $2) order by a.id limit $3`,
        [tenant, after ?? null, limit],
      );
      const key = await keys.tenant(tenant);
      return rows.map((row) => openAccount(row, key));
    },
    async names(tenant, ids) {
      if (ids.length === 0) return [];
      const { rows } = await db.query<AccountRow>(
        `select ${accountColumns} from access.account a where a.tenant = $1 and a.id = any($2)`,
        [tenant, ids],
      );
      const key = await keys.tenant(tenant);
      return rows.map((row) => openAccount(row, key));
    },
    async disable(tenant, id) {
      await change(tenant, id, { status: 'disabled' });
      await db.query(
        `update access.session set revoked = $3
         where tenant = $1 and account = $2 and revoked is null`,
        [tenant, id, clock.now()],
      );
    },
    async spendCode(tenant, id, counter) {
      const { rowCount } = await db.query(
        `update access.account set totp_counter = $3
         where tenant = $1 and id = $2 and totp_counter < $3`,
        [tenant, id, counter],
      );
      return rowCount === 1;
    },
    async signedIn(tenant, id) {
      await db.query('update access.account set last_sign_in = $3 where tenant = $1 and id = $2', [
        tenant,
        id,
        clock.now(),
      ]);
    },
  };
}
