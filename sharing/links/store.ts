/** Links as they lie in the table: made, tried, ended. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '@afar/platform';

export interface LinkRow {
  tenant: number;
  id: string;
  patient: string;
  maker: string;
  pin: Buffer;
  classes: string[];
  created: number;
  expires: number;
  most: number;
  opened: number;
  failures: number;
  ended: 'revoked' | 'dead' | null;
  note: Buffer | null;
}

export const linkColumns =
  'tenant, id, patient, maker, pin, classes, created, expires, most, opened, failures, ended, note';

/** Wrong PINs in a row that end a link for good: one in 200,000 for whoever guesses. */
export const mostFailures = 5;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** 256 bits, for the fragment. */
export const newSecret = (): string => randomBytes(32).toString('base64url');
/** Six digits, each as likely as any. */
export const newPin = (): string => String(randomInt(1_000_000)).padStart(6, '0');

export const hashOf = (secret: string): Buffer => sha256(`sharing.link ${secret}`);
/** Only with the secret can a PIN be tried against it. */
export const pinHashOf = (secret: string, pin: string): Buffer =>
  sha256(`sharing.pin ${secret} ${pin}`);

export const noteContext = (link: string): string => `sharing.link ${link}`;
export const viewerContext = (opening: string): string => `sharing.link_opening ${opening}`;

/** Why nobody opens it; undefined while somebody may. */
export function endOf(
  row: LinkRow,
  now: number,
): 'expired' | 'used-up' | 'revoked' | 'dead' | undefined {
  if (row.ended) return row.ended;
  if (row.expires <= now) return 'expired';
  return row.opened >= row.most ? 'used-up' : undefined;
}

export type Tried = { row: LinkRow } | { wrong: number } | undefined;

/**
 * Tries a PIN, with the row locked: tries at once from anywhere stand in line, and the sixth finds a dead link.
 * @returns the row when it was right, the tries that are left when it was wrong, undefined when no link opens any more
 */
export async function tryPin(
  sql: Queryable,
  tenant: number,
  asked: { secret: string; pin: string },
  now: number,
): Promise<Tried> {
  const { rows } = await sql.query<LinkRow>(
    `select ${linkColumns} from sharing.link where tenant = $1 and hash = $2 for update`,
    [tenant, hashOf(asked.secret)],
  );
  const row = rows[0];
  if (!row || endOf(row, now)) return undefined;
  if (timingSafeEqual(row.pin, pinHashOf(asked.secret, asked.pin))) {
    await sql.query(
      'update sharing.link set failures = 0, opened = opened + 1 where tenant = $1 and id = $2',
      [tenant, row.id],
    );
    return { row: { ...row, failures: 0, opened: row.opened + 1 } };
  }
  const failures = row.failures + 1;
  const dead = failures >= mostFailures;
  await sql.query(
    `update sharing.link set failures = $3, ended = $4, ended_at = $5 where tenant = $1 and id = $2`,
    [tenant, row.id, failures, dead ? 'dead' : null, dead ? now : null],
  );
  return { wrong: mostFailures - failures };
}
