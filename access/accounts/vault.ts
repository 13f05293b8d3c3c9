/** What is personal in an account, sealed under the clinic's key and bound to the policy columns beside it. */
import { aad, open, seal, token, type DataKey } from '@afar/platform';
import type { FhirUser } from '../caller.ts';
import type { SignInRole } from '../contract.ts';
import type { Proxy } from './proxies.ts';

export interface Personal {
  /** What she signs in with: an e-mail address, or for who has none a number in E.164. */
  email: string;
  name: string;
  locale: string;
  zone?: string;
  /** PHC string. */
  password: string;
  /** Base32. */
  totp?: string;
  /** An authenticator app on its way in: it counts from its first right code on. */
  totpNext?: { secret: string; at: number };
  /** There are passkeys: a row taken from their table opens no way around them. */
  passkey?: true;
  /** Hashes of the recovery codes that were not used yet. */
  recovery?: string[];
  /** E.164; a code is sent there only once it was shown to be hers. */
  phone?: string;
  /** When she showed that an address is hers, ms since epoch. */
  verified?: { email?: number; phone?: number };
  /** Practitioner (rid) who answers for what a trainee or resident writes. */
  supervisor?: string;
  /** A role by configuration, narrower than the account's own. */
  profile?: string;
  /** Dependants she acts for. */
  proxies?: Proxy[];
}

/** The columns a request is decided by: an edited one no longer opens. */
export interface Standing {
  tenant: number;
  id: string;
  version: number;
  role: SignInRole;
  status: 'active' | 'disabled';
  fhirUser?: FhirUser | undefined;
  totp: boolean;
}

export interface AccountRow {
  tenant: number;
  id: string;
  version: number;
  role: SignInRole;
  status: 'active' | 'disabled';
  fhir_type: FhirUser['type'] | null;
  fhir_id: string | null;
  totp: boolean;
  sealed: Buffer;
  created: number;
  last_sign_in: number | null;
  /** See memberships.ts; absent where the query did not ask. */
  memberships?: string[] | null;
}

export const accountColumns =
  'a.tenant, a.id, a.version, a.role, a.status, a.fhir_type, a.fhir_id, a.totp, a.sealed, a.created, a.last_sign_in';

export interface Account extends Standing {
  personal: Personal;
  created: number;
  lastSignIn?: number;
  /** What she acts as and belongs to: see memberships.ts. */
  memberships?: readonly string[];
}

/** True when a password alone does not let her in. */
export const hasSecondFactor = ({ totp, personal }: Pick<Account, 'totp' | 'personal'>): boolean =>
  totp || personal.passkey === true;

const bind = ({ tenant, id, version, role, status, fhirUser, totp }: Standing): Buffer =>
  aad(
    'access.account',
    tenant,
    id,
    version,
    role,
    status,
    fhirUser?.type ?? null,
    fhirUser?.id ?? null,
    totp,
  );

export const sealPersonal = (who: Standing, personal: Personal, key: DataKey): Buffer =>
  seal(JSON.stringify(personal), key, bind(who));

/** @throws SealBroken when a column was edited outside the program */
export function openAccount(row: AccountRow, key: DataKey): Account {
  const standing: Standing = {
    tenant: row.tenant,
    id: row.id,
    version: row.version,
    role: row.role,
    status: row.status,
    fhirUser: row.fhir_type ? { type: row.fhir_type, id: row.fhir_id! } : undefined,
    totp: row.totp,
  };
  const personal = JSON.parse(open(row.sealed, key, bind(standing)).toString('utf8')) as Personal;
  return {
    ...standing,
    personal,
    created: row.created,
    ...(row.last_sign_in !== null && { lastSignIn: row.last_sign_in }),
    ...(row.memberships?.length && { memberships: row.memberships }),
  };
}

/** The one form of an address: an e-mail in lower case, a number without what stands between its digits. */
export function normalEmail(email: string): string {
  const plain = email.trim().normalize('NFKC').toLowerCase();
  return /^(?:\+|00)[\d\s()./-]{6,30}$/.test(plain)
    ? plain.replaceAll(/[^\d+]/g, '').replace(/^00/, '+')
    : plain;
}

export const emailToken = (email: string, key: Pick<DataKey, 'index'>): string =>
  token(key.index, 'access.email', normalEmail(email)).toString();
