/** Accounts by two people: a new one, more reach for one that is there, a new password and second factor. */
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Accounts } from '../accounts/accounts.ts';
import type { Factors } from '../accounts/factors.ts';
import type { Account } from '../accounts/vault.ts';
import { staffRoles, type FhirUser } from '../caller.ts';
import type { DecidedSecrets, SignInRole } from '../contract.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { newTotpSecret, totpUri } from '../totp.ts';
import type { Approvals } from './approvals.ts';
import { asWritten, type ApprovalKind } from './kind.ts';

/** Hashed before it is asked: the password is shown to the asker, never kept. */
export interface CreateUser {
  role: SignInRole;
  email: string;
  name: string;
  locale?: string;
  zone?: string;
  fhirUser?: FhirUser;
  supervisor?: string;
  profile?: string;
  passwordHash: string;
}

export interface ChangeUser {
  account: string;
  name: string;
  role?: SignInRole;
  status?: 'active';
  supervisor?: string;
  profile?: string;
}

export interface ResetUser {
  account: string;
  name: string;
  passwordHash: string;
}

const isStaff = (role: SignInRole): boolean => staffRoles.includes(role);

const known = (words: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(words).filter((one): one is [string, string] => !!one[1]));

interface Deps {
  approvals: Approvals;
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  factors: Factors;
  clock: { now(): number };
}

export function registerUserKinds(deps: Deps): void {
  const { approvals, accounts, sessions, devices, factors, clock } = deps;

  /** Her sessions end with the commit; what is open elsewhere is told after it. */
  async function endSessions(on: Queryable, tenant: number, id: string): Promise<void> {
    await on.query(
      'update access.session set revoked = $3 where tenant = $1 and account = $2 and revoked is null',
      [tenant, id, clock.now()],
    );
  }
  const secretsOf = (account: Account, totp: string): DecidedSecrets => ({
    name: account.personal.name,
    totpSecret: totp,
    totpUri: totpUri(totp, account.personal.email),
  });

  const create: ApprovalKind<CreateUser> = {
    read: asWritten,
    about: ({ role, name, email, profile }) => known({ role, name, email, profile }),
    async run({ tenant, body }, on) {
      const { passwordHash, supervisor, profile, ...who } = body;
      const totpSecret = isStaff(body.role) ? newTotpSecret() : undefined;
      const personal = known({ supervisor, profile });
      const made = await accounts.create(
        {
          ...who,
          tenant,
          password: { hash: passwordHash },
          ...(totpSecret && { totpSecret }),
          personal,
        },
        on,
      );
      if (!made.created) throw new Refusal('duplicate');
      const result: DecidedSecrets | { name: string } = totpSecret
        ? { name: body.name, totpSecret, totpUri: totpUri(totpSecret, body.email) }
        : { name: body.name };
      return { result, rid: made.id };
    },
  };

  const change: ApprovalKind<ChangeUser> = {
    read: asWritten,
    about: ({ name, role, status, profile }) => known({ name, role, status, profile }),
    beneficiary: ({ account }) => account,
    async run({ tenant, body }, on) {
      const { account, role, status, supervisor, profile } = body;
      await accounts.change(
        tenant,
        account,
        (before) => {
          if (role && isStaff(role) !== isStaff(before.role))
            throw new Refusal('conflict', { diagnostics: 'patients and staff stay apart' });
          return {
            ...(role && { role }),
            ...(status && { status }),
            personal: {
              ...(supervisor && { supervisor }),
              // Another role begins without what narrowed the one before.
              ...((role || profile) && { profile: profile || undefined }),
            },
          };
        },
        on,
      );
      // Another role has other lifetimes and another reach: it begins with a new sign-in.
      await endSessions(on, tenant, account);
      return { rid: account, after: () => sessions.revokeAll(tenant, account) };
    },
  };

  const reset: ApprovalKind<ResetUser> = {
    read: asWritten,
    about: ({ name }) => ({ name }),
    beneficiary: ({ account }) => account,
    async run({ tenant, body }, on) {
      const { account: id, passwordHash } = body;
      await factors.removeAll(tenant, id, on);
      const totp = newTotpSecret();
      const account = await accounts.change(
        tenant,
        id,
        (before) => ({
          password: { hash: passwordHash },
          personal: isStaff(before.role) ? { totp } : {},
        }),
        on,
      );
      await endSessions(on, tenant, id);
      return {
        rid: id,
        result: account.totp ? secretsOf(account, totp) : { name: account.personal.name },
        after: async () => {
          await sessions.revokeAll(tenant, id);
          await devices.forgetAll(tenant, id);
        },
      };
    },
  };

  approvals.register('create-user', create);
  approvals.register('change-user', change);
  approvals.register('reset-user', reset);
}
