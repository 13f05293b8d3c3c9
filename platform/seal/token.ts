/** Blind index tokens: what can be looked up without being read. */
import { createHmac, type KeyObject } from 'node:crypto';

/**
 * HMAC-SHA-256 of the parts, cut to 64 bits, as the signed number PostgreSQL keeps in a bigint.
 * Two values meet by chance once in 2^64: a match is a candidate, the decrypted body decides.
 * The key must be a KeyObject: a raw Buffer costs five times as much in Node 24.
 */
export function token(key: KeyObject, ...parts: string[]): bigint {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return createHmac('sha256', key).update(text).digest().readBigInt64BE(0);
}
