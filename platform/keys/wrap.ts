/** Wraps one 32-byte key under another: AES-256-GCM, random nonce, the context authenticated. */
import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/**
 * Wraps `plain` under `key`; the result is nonce, ciphertext, tag.
 * Random 96-bit nonces: fewer than 2^32 wraps under one key keeps a collision below 2^-32
 * [NIST SP 800-38D 8.3]. A wrapping key wraps one clinic's patients, millions at most.
 */
export function wrapKey(key: KeyObject, plain: Uint8Array, context: string): Buffer {
  const nonce = randomFillSync(Buffer.allocUnsafe(NONCE));
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undoes `wrapKey`. Throws when the key, the context or a byte is not the one it was wrapped with. */
export function unwrapKey(key: KeyObject, wrapped: Uint8Array, context: string): Buffer {
  if (wrapped.length < NONCE + TAG) throw new Error('wrapped key is too short');
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(wrapped.subarray(wrapped.length - TAG));
  const plain = decipher.update(wrapped.subarray(NONCE, wrapped.length - TAG));
  return Buffer.concat([plain, decipher.final()]);
}
