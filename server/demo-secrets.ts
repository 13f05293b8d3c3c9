/** The demo clinic's passwords: random, in one file that only its owner reads, written before any account exists. */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durableWrite } from '@afar/platform';
import type { DemoAccount, DemoRole } from '@afar/demo';

export interface DemoSecrets {
  baseUrl: string;
  fhirUrl: string;
  accounts: {
    role: DemoRole;
    email: string;
    password: string;
    /** Base32; null for patients, who sign in with the password alone. */
    totpSecret: string | null;
  }[];
  client: { clientId: string; clientSecret: string; scope: string; tokenUrl: string };
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
// Without the letters and digits that are taken for one another.
const readable = 'abcdefghjkmnpqrstuvwxyz23456789';

const pick = (from: string, length: number): string =>
  Array.from({ length }, () => from[randomInt(from.length)]).join('');

/** 16 letters of 31, about 79 bits, in groups that can be typed from a screen. */
const password = (): string => [4, 4, 4, 4].map((length) => pick(readable, length)).join('-');

/** Where the file is. */
export const demoSecretsFile = (data: string): string => join(data, 'demo-accounts.json');

/**
 * Reads the file and adds what is missing; secrets that stand in it stay, so that a start after a crash finds the accounts it made.
 * Written whole and synced (mode 0600) when anything changed, the address included.
 */
export function demoSecrets(data: string, baseUrl: string, accounts: DemoAccount[]): DemoSecrets {
  const file = demoSecretsFile(data);
  const before = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as DemoSecrets)
    : undefined;
  const known = new Map(before?.accounts.map((one) => [one.email, one]));
  const secrets: DemoSecrets = {
    baseUrl,
    fhirUrl: `${baseUrl}/fhir/R4`,
    accounts: accounts.map(
      ({ role, email }) =>
        known.get(email) ?? {
          role,
          email,
          password: password(),
          // 160 bits, the length of the HMAC [RFC 4226 4, R6].
          totpSecret: role === 'patient' ? null : pick(base32, 32),
        },
    ),
    client: {
      clientId: before?.client.clientId ?? 'afar-demo-api',
      clientSecret: before?.client.clientSecret ?? randomBytes(32).toString('base64url'),
      scope: before?.client.scope ?? 'system/*.cruds',
      tokenUrl: `${baseUrl}/oauth/token`,
    },
  };
  if (JSON.stringify(before) !== JSON.stringify(secrets))
    durableWrite(file, JSON.stringify(secrets, null, 2) + '\n', 0o600);
  return secrets;
}
