/** Verification codes: six digits to an address, tried by whoever asked for them and by nobody else. */
import { createHmac, randomInt, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import { networkOf, sourceOf, type Db, type KeyRing, type Queryable } from '@afar/platform';
import { normalEmail } from '../accounts/vault.ts';
import { newSecret, sha256 } from '../ids.ts';
import type { Post, PostChannel } from '../post/post.ts';
import { wordsOf } from '../post/words.ts';
import type { Allowances, Allowed } from './allowance.ts';

/** What a code is good for; one of another purpose opens nothing. */
export type CodePurpose = 'register' | 'recovery' | 'invitation' | 'address';

export interface CodeRequest {
  purpose: CodePurpose;
  channel: PostChannel;
  /** E-mail address, or a number in E.164. */
  address: string;
  /** The source, for limits. */
  ip: string;
  /** What was typed, where the code goes to another address: limits count it, so that they tell nothing of the other one. */
  counted?: string;
  /**
   * What tells this asker from strangers (a browser she signed in from, an invitation): what they ask for in her name is not
   * counted against her.
   */
  knownBy?: string | undefined;
  /** BCP 47 tag: the language of the message. */
  locale: string;
  /**
   * The address is not to get a code: everything is done and counted as if, the answer is the same, and no code will ever
   * match. `has-account`: the address is told that it has an account; `nothing`: no message leaves.
   */
  instead?: 'has-account' | 'nothing';
}

export interface CodeSent {
  /** Give it back with the code. Only who holds it can try. */
  ticket: string;
  /** ms since epoch: another may be asked for. */
  resendAt: number;
  /** ms since epoch. */
  expiresAt: number;
}

export interface CodeTry {
  purpose: CodePurpose;
  channel: PostChannel;
  address: string;
  ip: string;
  ticket: string;
  /** As typed: spaces do not count. */
  code: string;
}

export interface Codes {
  /** Whether codes can be sent this way at all. */
  reaches(channel: PostChannel): boolean;
  /**
   * Sends a code. Answers alike whether or not the address is known.
   * @param on a transaction to be part of
   * @throws Refusal `throttled` (too soon, or too many for this source or address), `not-implemented` (no gateway)
   */
  send(tenant: number, request: CodeRequest, on?: Queryable): Promise<CodeSent>;
  /**
   * True once for the right code, within 10 minutes and 5 tries of its ticket; false says not why.
   * @throws Refusal `throttled` when this source guesses too much
   */
  check(tenant: number, tried: CodeTry): Promise<boolean>;
  sweep(): Promise<void>;
}

const minute = 60_000;
const hour = 60 * minute;
/** A mail may be greylisted for some minutes. */
const lifeMs = 10 * minute;
const mostTries = 5;
/** The first wait before another code; it grows by what an address may have in an hour. */
const resendMs = 30_000;

// 30 codes a day with 5 tries each: whoever asks for them all day meets one with a chance of 1 in 6,700, and the address has
// had 30 messages by then [NIST SP 800-63B-4 3.1.3.1: at most 100 tries in a row, or as much by other means].
const perAddress = [
  { most: 12, windowMs: hour },
  { most: 30, windowMs: 24 * hour },
];
// Whoever asks from many places would use up an address's codes for the person who has it: the first of a network in a day
// comes out of a budget of its own. A way back into an account keeps to the narrow one, and to her own browsers.
const perNetwork = { most: 1, windowMs: 24 * hour };
const perFirsts = [
  { most: 48, windowMs: hour },
  { most: 100, windowMs: 24 * hour },
];
const perKnown = [
  { most: 6, windowMs: hour },
  { most: 20, windowMs: 24 * hour },
];
const perPair = [
  { most: 1, windowMs: resendMs },
  { most: 3, windowMs: 10 * minute },
  { most: 6, windowMs: hour },
];
// A waiting room registers behind one address.
const perSource = { most: 60, windowMs: hour };
const triesPerSource = { most: 120, windowMs: hour };

function digest(
  index: KeyObject,
  tenant: number,
  { purpose, channel, address }: Pick<CodeRequest, 'purpose' | 'channel' | 'address'>,
  ticket: string,
  code: string,
): Buffer {
  const hmac = createHmac('sha256', index).update('access.code');
  for (const part of [String(tenant), purpose, channel, normalEmail(address), ticket, code])
    hmac.update(`${part.length}:${part}`);
  return hmac.digest();
}

/** Uniform over a million [RFC 4226 uses as many]. */
const sixDigits = (): string => String(randomInt(1_000_000)).padStart(6, '0');

export function createCodes(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  post: Post;
  allowances: Allowances;
}): Codes {
  const { db, keys, clock, post, allowances } = deps;

  async function taken(tenant: number, ...all: Allowed[]): Promise<boolean> {
    try {
      await allowances.take(tenant, ...all);
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'throttled') return false;
      throw error;
    }
  }

  /** @throws Refusal `throttled` */
  async function takeAddress(
    tenant: number,
    { purpose, ip, knownBy }: CodeRequest,
    counted: string,
  ): Promise<void> {
    const each = (what: string, limits: { most: number; windowMs: number }[], ...of: string[]) =>
      limits.map((one) => ({ of: [what, purpose, counted, ...of], ...one }));
    if (knownBy !== undefined)
      return allowances.take(tenant, ...each('code-known', perKnown, knownBy));
    if (
      purpose === 'register' &&
      (await taken(tenant, ...each('code-network', [perNetwork], networkOf(ip)))) &&
      (await taken(tenant, ...each('code-firsts', perFirsts)))
    )
      return;
    await allowances.take(tenant, ...each('code-address', perAddress));
  }

  return {
    reaches: post.reaches,
    async send(tenant, request, on) {
      const { purpose, channel, ip, locale, instead } = request;
      const address = normalEmail(request.address);
      const counted = `${channel} ${normalEmail(request.counted ?? address)}`;
      const source = sourceOf(ip);
      await allowances.take(
        tenant,
        { of: ['code-source', source], ...perSource },
        ...perPair.map((one) => ({
          of: ['code-pair', purpose, counted, request.knownBy ?? source],
          ...one,
        })),
      );
      await takeAddress(tenant, request, counted);
      const now = clock.now();
      const ticket = newSecret();
      // Nobody is told the digits of a decoy, the row of it is like any other.
      const code = sixDigits();
      const { index } = await keys.tenant(tenant);
      const words = wordsOf(locale);
      const said = instead === 'has-account' ? words.hasAccount() : words.code(code);
      const work = async (tx: Queryable) => {
        await tx.query(
          'insert into access.code (tenant, ticket, purpose, code, expires) values ($1, $2, $3, $4, $5)',
          [
            tenant,
            sha256(ticket),
            purpose,
            digest(index, tenant, request, ticket, instead ? newSecret() : code),
            now + lifeMs,
          ],
        );
        await post.send(
          tenant,
          {
            channel,
            to: instead === 'nothing' ? 'nobody' : address,
            about: 'code',
            ...said,
            goodForMs: lifeMs,
          },
          tx,
        );
      };
      await (on ? work(on) : db.tx(work));
      return { ticket, resendAt: now + resendMs, expiresAt: now + lifeMs };
    },
    async check(tenant, tried) {
      const { purpose, ip, ticket } = tried;
      await allowances.take(tenant, { of: ['code-try', sourceOf(ip)], ...triesPerSource });
      const hash = sha256(ticket);
      const now = clock.now();
      // Counted before it is compared: five parallel guesses are five.
      const { rows } = await db.query<{ code: Buffer }>(
        `update access.code set tries = tries + 1
         where tenant = $1 and ticket = $2 and purpose = $3 and tries < $4 and spent is null and expires > $5
         returning code`,
        [tenant, hash, purpose, mostTries, now],
      );
      const { indexes } = await keys.tenant(tenant);
      const code = tried.code.replaceAll(/\s/g, '');
      // The same work when there is no such ticket.
      const kept = rows[0]?.code ?? Buffer.alloc(32);
      const right = indexes
        .map((index) => timingSafeEqual(kept, digest(index, tenant, tried, ticket, code)))
        .includes(true);
      if (!right) return false;
      const spent = await db.query(
        'update access.code set spent = $3 where tenant = $1 and ticket = $2 and spent is null',
        [tenant, hash, now],
      );
      return spent.rowCount === 1;
    },
    async sweep() {
      await db.query('delete from access.code where expires < $1', [clock.now() - hour]);
      await allowances.sweep();
    },
  };
}
