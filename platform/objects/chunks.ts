/** Seals an object in chunks that cannot be reordered, cut off, or moved to another object. */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { aad } from '../seal/aad.ts';
import { ObjectBroken, type ObjectMeta } from './object-store.ts';

/** Plain bytes in a chunk. A range read opens whole chunks: 64 KiB costs 30 us, and 16 bytes of tag. */
export const CHUNK = 64 * 1024;
export const TAG = 16;
/** magic 4 | kid 16 | salt 32 */
export const HEADER = 52;
const MAGIC = Buffer.from('AFO1');
const SALT_AT = 20;

/** The header of a new object. */
export function chunkHeader(key: ObjectMeta['key'], salt: Buffer): Buffer {
  return Buffer.concat([MAGIC, Buffer.from(key.kid.replaceAll('-', ''), 'hex'), salt]);
}

/** Seals and opens the chunks of one object. Throws ObjectBroken when the header is not its own. */
export function chunkSeal(meta: ObjectMeta, header: Buffer) {
  const kid = meta.key.kid.replaceAll('-', '');
  if (header.length !== HEADER || !header.subarray(0, 4).equals(MAGIC))
    throw new ObjectBroken(meta.id, 'not an object of a known format');
  if (header.toString('hex', 4, SALT_AT) !== kid)
    throw new ObjectBroken(meta.id, 'sealed under another key');
  // A key of its own for every stored object: the nonce can then be the chunk's number, which never
  // repeats under it, whatever the size or the number of objects. [STREAM, Hoang et al. 2015]
  const own: KeyObject = createSecretKey(
    Buffer.from(
      hkdfSync('sha256', meta.key.cipher, header.subarray(SALT_AT), 'afar object v1', 32),
    ),
  );

  function place(index: number, last: boolean) {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(index, 7);
    nonce.writeUInt8(last ? 1 : 0, 11);
    return { nonce, bound: aad('object', meta.tenant, meta.id, kid, index, last) };
  }

  return {
    seal(plain: Uint8Array, index: number, last: boolean): Buffer {
      const { nonce, bound } = place(index, last);
      const cipher = createCipheriv('aes-256-gcm', own, nonce);
      cipher.setAAD(bound);
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed: Buffer, index: number, last: boolean): Buffer {
      const { nonce, bound } = place(index, last);
      if (sealed.length < TAG) throw new ObjectBroken(meta.id, 'cut off');
      const decipher = createDecipheriv('aes-256-gcm', own, nonce, { authTagLength: TAG });
      decipher.setAAD(bound);
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
      const plain = decipher.update(sealed.subarray(0, sealed.length - TAG));
      try {
        decipher.final();
      } catch (cause) {
        throw new ObjectBroken(meta.id, `chunk ${index} was changed, moved or cut off`, { cause });
      }
      return plain;
    },
  };
}
