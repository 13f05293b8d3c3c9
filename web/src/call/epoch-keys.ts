/** What is derived from one epoch's transcript, pairs and sender secrets [signalling.md K5-K9]. Pure. */
import { type Bytes, joined } from './bytes.ts';

/** What one member sends under, or what its frames and messages are opened with. */
export interface SenderKeys {
  /** AES-GCM-128 of its media frames. */
  media: CryptoKey;
  /** AES-GCM-128 of its messages to everybody. */
  data: CryptoKey;
  /** HKDF material for an engine that brings a frame cipher of its own. */
  material: CryptoKey;
}

/** Between oneself and one other member: nobody else of the epoch has these. */
export interface PairKeys {
  wrap: CryptoKey;
  unwrap: CryptoKey;
  /** Messages to this one alone. */
  sendData: CryptoKey;
  receiveData: CryptoKey;
}

export interface EpochKeys {
  epoch: number;
  /** Ten digits, the same on every screen unless somebody stands between. */
  code: string;
  own: SenderKeys;
  peers: ReadonlyMap<string, SenderKeys & { pair: PairKeys }>;
}

const aes = { name: 'AES-GCM', length: 128 } as const;
const hkdf = (salt: Bytes, info: Bytes): HkdfParams => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt,
  info,
});

export const hash = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** Fresh for each member and epoch: who comes later can derive nothing from what he is given. */
export const newSecret = (): Bytes => crypto.getRandomValues(new Uint8Array(32));

/** K6: 40 bits of the transcript as ten decimal digits. */
export async function codeOf(transcript: Bytes): Promise<string> {
  const base = await crypto.subtle.importKey('raw', transcript, 'HKDF', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits(
    hkdf(new Uint8Array(), joined('afar-code-2')),
    base,
    40,
  );
  return codeFromBits(new Uint8Array(bits));
}

export function codeFromBits(bits: Bytes): string {
  let value = 0n;
  for (const byte of bits.subarray(0, 5)) value = value * 256n + BigInt(byte);
  return (value % 10_000_000_000n).toString().padStart(10, '0');
}

/** K7: keys of one pair, one for each direction and use. `shared` is the ECDH secret as HKDF material. */
export async function pairKeys(
  shared: CryptoKey,
  transcript: Bytes,
  own: string,
  other: string,
): Promise<PairKeys> {
  const key = (info: Bytes, usage: KeyUsage): Promise<CryptoKey> =>
    crypto.subtle.deriveKey(hkdf(transcript, info), shared, aes, false, [usage]);
  const [wrap, unwrap, sendData, receiveData] = await Promise.all([
    key(joined('afar-wrap-1', own, other), 'encrypt'),
    key(joined('afar-wrap-1', other, own), 'decrypt'),
    key(joined('afar-pair-data-1', own, other), 'encrypt'),
    key(joined('afar-pair-data-1', other, own), 'decrypt'),
  ]);
  return { wrap, unwrap, sendData, receiveData };
}

/** One wrapping key seals one secret, once: its nonce may be constant. */
const wrapping = (bound: Bytes): AesGcmParams => ({
  name: 'AES-GCM',
  iv: new Uint8Array(12),
  additionalData: bound,
});

/** K8 */
export const wrapSecret = async (secret: Bytes, key: CryptoKey, bound: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.encrypt(wrapping(bound), key, secret));

/** Rejects when it was not wrapped for us by the one it is said to come from. */
export async function openSecret(wrapped: Bytes, key: CryptoKey, bound: Bytes): Promise<Bytes> {
  const secret = await crypto.subtle.decrypt(wrapping(bound), key, wrapped);
  if (secret.byteLength !== 32) throw new Error('a secret of a wrong size');
  return new Uint8Array(secret);
}

/** K9: the keys of one sender. */
export async function deriveKeys(
  secret: Bytes,
  transcript: Bytes,
  sender: string,
  usage: 'encrypt' | 'decrypt',
): Promise<SenderKeys> {
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
  const params = (use: string): HkdfParams => hkdf(transcript, joined(use, sender));
  const key = (use: string): Promise<CryptoKey> =>
    crypto.subtle.deriveKey(params(use), base, aes, false, [usage]);
  const [media, data, bits] = await Promise.all([
    key('afar-media-2'),
    key('afar-data-1'),
    crypto.subtle.deriveBits(params('afar-material-1'), base, 256),
  ]);
  const material = await crypto.subtle.importKey('raw', bits, 'HKDF', false, [
    'deriveKey',
    'deriveBits',
  ]);
  return { media, data, material };
}
