/** Recovery codes: ten words on paper for the day the phone is gone; each works once. */
import { randomInt } from 'node:crypto';
import { sha256 } from '../ids.ts';

/** As many as fit on a slip of paper. */
export const recoveryCodeCount = 10;

// 32 letters, none that looks like another: 16 of them are 80 bits, which no table of hashes gives away.
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 4;

const group = (): string =>
  Array.from({ length: groupLength }, () => letters[randomInt(letters.length)]).join('');

/** What is kept of a code: bound to whose it is. Spaces, hyphens and capitals do not count. */
export const recoveryHash = (tenant: number, account: string, code: string): string =>
  sha256(
    `access.recovery ${tenant} ${account} ${code.toLowerCase().replaceAll(/[\s-]/g, '')}`,
  ).toString('base64url');

/** Ten new codes, to be shown once, and what is kept of them. */
export function newRecoveryCodes(
  tenant: number,
  account: string,
): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    Array.from({ length: groups }, group).join('-'),
  );
  return { codes, hashes: codes.map((code) => recoveryHash(tenant, account, code)) };
}
