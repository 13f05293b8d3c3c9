/** Challenges for passkeys: made without a row, bound to the browser they were given to, good once and for ten minutes. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { aad, type Db, type KeyRing } from '@afar/platform';
import { sha256 } from '../ids.ts';

/** What a challenge was given out for; it is worth nothing for anything else. */
export type Purpose = 'sign-in' | 'second-factor' | 'step-up' | 'register';

export interface ChallengeFor {
  tenant: number;
  purpose: Purpose;
  /** The cookie of the browser it is given to. */
  browser: string;
  /** Absent: whoever holds a passkey. */
  account?: string | undefined;
}

export interface Challenges {
  make(what: ChallengeFor): Promise<Buffer>;
  /** True once, for what it was made for. @param challenge base64url, as the browser sends it back */
  spend(challenge: string, what: ChallengeFor): Promise<boolean>;
  sweep(): Promise<void>;
}

/** How long a challenge is good for, ms: somebody looks for her phone. */
const lifeMs = 10 * 60_000;
const nonceBytes = 32;
const headBytes = nonceBytes + 8;
const macBytes = 32;

export function createChallenges(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): Challenges {
  const { db, keys, clock } = deps;

  const macOf = (
    index: Parameters<typeof createHmac>[1],
    head: Buffer,
    { tenant, purpose, browser, account }: ChallengeFor,
  ): Buffer =>
    createHmac('sha256', index)
      .update(aad('access.challenge', tenant, purpose, browser, account ?? null, head))
      .digest();

  return {
    async make(what) {
      const head = Buffer.alloc(headBytes);
      randomBytes(nonceBytes).copy(head);
      head.writeBigInt64BE(BigInt(clock.now() + lifeMs), nonceBytes);
      const { index } = await keys.tenant(what.tenant);
      return Buffer.concat([head, macOf(index, head, what)]);
    },
    async spend(challenge, what) {
      const bytes = Buffer.from(challenge, 'base64url');
      if (bytes.length !== headBytes + macBytes) return false;
      const head = bytes.subarray(0, headBytes);
      const mac = bytes.subarray(headBytes);
      const { indexes } = await keys.tenant(what.tenant);
      if (!indexes.some((index) => timingSafeEqual(macOf(index, head, what), mac))) return false;
      const expires = Number(head.readBigInt64BE(nonceBytes));
      if (expires <= clock.now()) return false;
      const { rowCount } = await db.query(
        `insert into access.spent_challenge (tenant, hash, expires) values ($1, $2, $3)
         on conflict do nothing`,
        [what.tenant, sha256(bytes), expires],
      );
      return rowCount === 1;
    },
    async sweep() {
      await db.query('delete from access.spent_challenge where expires < $1', [clock.now()]);
    },
  };
}
