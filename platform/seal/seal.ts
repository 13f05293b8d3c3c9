/** Seals a value: compressed with a dictionary, padded, encrypted, bound to where it lies. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DataKey } from '../keys/data-key.ts';
import { currentDictionary, dictionary } from './dictionaries.ts';

/** A sealed value does not open: another key, another place, or a changed byte. */
export class SealBroken extends Error {
  readonly code = 'internal';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SealBroken';
  }
}

// Layout: format 1 | dictionary hash 8 | kid 16 | nonce 12 | ciphertext (a multiple of 128) | tag 16
const FORMAT = 1;
const KID_AT = 9;
const NONCE_AT = 25;
const BODY_AT = 37;
const TAG = 16;
// Inside: codec 1 | length 4 | content | zeros. The codec hides there: it tells something of the content.
const INNER = 5;
const STORED = 0;
const DEFLATED = 1;
/** Lengths are rounded up to this, so that a length says little about the content. */
const PAD = 128;
/** What one value may inflate to. Larger things belong into the object store. */
const MAX_PLAIN = 64 * 1024 * 1024;
// Level 6 with a small state (memLevel 7, 64 KB): measured in docs/decisions/0002-encryption-and-index.md.
const LEVEL = 6;
const MEM_LEVEL = 7;

/**
 * zlib's output comes in chunks of this size, and a result of one chunk keeps the whole chunk alive. Node's 16 KiB for a body of
 * 600 bytes filled the memory outside the heap so fast that searches of 20 rows ran into a major collection each second; with
 * a guess at the length it was one in four seconds, and `open` took 14.5 us instead of 17. Below 4 KiB chunks come from Node's pool.
 */
function chunkFor(bytes: number): number {
  return Math.min(Math.max(Math.ceil(bytes), 1024), 16_384);
}
/** Bodies deflate to a sixth and less; a wrong guess costs a second chunk. */
const INFLATES_TO = 6;

function nonce(into: Buffer): void {
  randomFillSync(into, NONCE_AT, BODY_AT - NONCE_AT);
}

/** The nonce lies between the header and the body and is authenticated by use: it stays out. */
function bind(header: Buffer, aad: Buffer): Buffer {
  const bound = Buffer.allocUnsafe(NONCE_AT + aad.length);
  header.copy(bound, 0, 0, NONCE_AT);
  aad.copy(bound, NONCE_AT);
  return bound;
}

/**
 * Seals `plain` under `key` for the place that `aad` names. The result carries the key's id and the
 * dictionary's hash. Random 96-bit nonces: one key may seal 2^32 values before a collision is
 * likelier than 2^-32 [NIST SP 800-38D 8.3]; a patient's key sees some thousands, a clinic's own
 * key some millions.
 */
export function seal(plain: Buffer | string, key: DataKey, aad: Buffer): Buffer {
  const content = typeof plain === 'string' ? Buffer.from(plain) : plain;
  if (content.length > MAX_PLAIN) throw new RangeError('too large to seal in one piece');
  const { hash, content: words } = currentDictionary();
  const deflated = deflateRawSync(content, {
    dictionary: words,
    level: LEVEL,
    memLevel: MEM_LEVEL,
    chunkSize: chunkFor(content.length / 2),
  });
  const smaller = deflated.length < content.length;
  const payload = smaller ? deflated : content;
  const inner = Buffer.alloc(Math.ceil((INNER + payload.length) / PAD) * PAD);
  inner.writeUInt8(smaller ? DEFLATED : STORED, 0);
  inner.writeUInt32BE(payload.length, 1);
  payload.copy(inner, INNER);

  const sealed = Buffer.allocUnsafe(BODY_AT + inner.length + TAG);
  sealed.writeUInt8(FORMAT, 0);
  hash.copy(sealed, 1);
  sealed.write(key.kid.replaceAll('-', ''), KID_AT, 'hex');
  nonce(sealed);
  const cipher = createCipheriv('aes-256-gcm', key.cipher, sealed.subarray(NONCE_AT, BODY_AT));
  cipher.setAAD(bind(sealed, aad));
  cipher.update(inner).copy(sealed, BODY_AT);
  cipher.final();
  cipher.getAuthTag().copy(sealed, BODY_AT + inner.length);
  return sealed;
}

/** Opens what `seal` made. Throws SealBroken, or DictionaryMissing naming the dictionary's hash. */
export function open(sealed: Buffer, key: DataKey, aad: Buffer): Buffer {
  const kid = kidOf(sealed);
  if (kid !== key.kid) {
    const older = key.older?.get(kid);
    if (older) return open(sealed, older, aad);
    throw new SealBroken('sealed under another key');
  }
  const bodyEnd = sealed.length - TAG;
  const decipher = createDecipheriv('aes-256-gcm', key.cipher, sealed.subarray(NONCE_AT, BODY_AT), {
    authTagLength: TAG,
  });
  decipher.setAAD(bind(sealed, aad));
  decipher.setAuthTag(sealed.subarray(bodyEnd));
  const inner = decipher.update(sealed.subarray(BODY_AT, bodyEnd));
  try {
    decipher.final();
  } catch (cause) {
    throw new SealBroken('changed, or from another place', { cause });
  }
  const payload = inner.subarray(INNER, INNER + inner.readUInt32BE(1));
  if (inner.readUInt8(0) === STORED) return payload;
  const { content: words } = dictionary(sealed.toString('hex', 1, KID_AT));
  return inflateRawSync(payload, {
    dictionary: words,
    maxOutputLength: MAX_PLAIN,
    chunkSize: chunkFor(payload.length * INFLATES_TO),
  });
}

/** The id of the key a value is sealed under, from its header. Throws SealBroken on anything else. */
export function kidOf(sealed: Buffer): string {
  if (
    sealed.length < BODY_AT + PAD + TAG ||
    (sealed.length - BODY_AT - TAG) % PAD !== 0 ||
    sealed[0] !== FORMAT
  )
    throw new SealBroken('not a sealed value of a known format');
  const hex = sealed.toString('hex', KID_AT, NONCE_AT);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
