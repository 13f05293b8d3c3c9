/** Passwords: argon2id through Node, and the same cost for an account that does not exist. */
import { argon2, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createBreached, type Breached } from './breached/breached.ts';

const argon2Async = promisify(argon2);

// [OWASP Password Storage Cheat Sheet, 2025: argon2id] 19 MiB, two passes, one lane: about 80 ms here.
const memory = 19_456;
const passes = 2;
const parallelism = 1;
const tagLength = 32;

// A 19 MiB hash holds a thread of libuv's pool: more at once only queue there and starve file reads.
const atOnce = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function derive(password: string, nonce: Buffer, pepper: Buffer | undefined): Promise<Buffer> {
  // NFKC: a password typed on another keyboard stays the same [NIST SP 800-63B-4 3.1.1.2].
  const normal = password.normalize('NFKC');
  const message = pepper
    ? createHmac('sha256', pepper).update(normal).digest()
    : Buffer.from(normal);
  return limited(() =>
    argon2Async('argon2id', { message, nonce, memory, passes, parallelism, tagLength }),
  );
}

/** The hash as PHC string [P-H-C string format]. */
export async function hashPassword(password: string, pepper?: Buffer): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await derive(password, nonce, pepper);
  const b64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${b64(nonce)}$${b64(tag)}`;
}

/**
 * True when the password is the one hashed. With `undefined` (no such account) it costs the same and
 * is false, so that the time of an answer tells nothing.
 */
export async function verifyPassword(
  password: string,
  hash: string | undefined,
  pepper?: Buffer,
): Promise<boolean> {
  const parts = hash?.split('$');
  const known = parts?.length === 6 && parts[1] === 'argon2id';
  const nonce = known ? Buffer.from(parts[4]!, 'base64') : Buffer.alloc(16);
  const tag = await derive(password, nonce, pepper);
  const wanted = known ? Buffer.from(parts[5]!, 'base64') : Buffer.alloc(tagLength);
  return tag.length === wanted.length && timingSafeEqual(tag, wanted) && known;
}

// No l, 1, 0, o: read aloud once, typed once.
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';

/** A one-time password, 100 bits: `xxxxx-xxxxx-xxxxx-xxxxx`. */
export function randomPassword(): string {
  const group = (): string =>
    Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}

/**
 * Why a password may not be chosen, or undefined [NIST SP 800-63B-4 3.1.1.2: length and blocklist].
 * @param breached the lists to ask; the one that comes along when absent
 */
export function passwordFault(
  password: string,
  own: readonly string[],
  breached: Breached = createBreached(),
): string | undefined {
  if (password.length < 12) return 'at least 12 characters';
  if (password.length > 256) return 'at most 256 characters';
  const plain = password.toLowerCase();
  if (breached.holds(password) || /^(.{1,4})\1+$/.test(plain)) return 'too easy to guess';
  if (own.some((word) => word.length > 3 && plain.includes(word.toLowerCase())))
    return 'must not hold your name or e-mail';
  return undefined;
}
