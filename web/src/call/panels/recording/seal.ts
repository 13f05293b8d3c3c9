/** Chunks of a recording as they are sealed before anything keeps or sends them [contract-recordings.ts]. */
import { type Bytes, fromBase64url } from '../../bytes.ts';

const text = new TextEncoder();

export const importKey = (key: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', fromBase64url(key), 'AES-GCM', false, ['encrypt', 'decrypt']);

/** 8 zero bytes and the chunk's number. */
function nonceOf(n: number): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, n);
  return nonce;
}

const cipherOf = (recording: string, n: number): AesGcmParams => ({
  name: 'AES-GCM',
  iv: nonceOf(n),
  additionalData: text.encode(`afar-recording-1|${recording}|${n}`),
});

/** A number is sealed under once: other bytes under the same would show both. */
export const sealChunk = (
  key: CryptoKey,
  recording: string,
  n: number,
  bytes: ArrayBuffer,
): Promise<ArrayBuffer> => crypto.subtle.encrypt(cipherOf(recording, n), key, bytes);

export const openChunk = (
  key: CryptoKey,
  recording: string,
  n: number,
  bytes: ArrayBuffer,
): Promise<ArrayBuffer> => crypto.subtle.decrypt(cipherOf(recording, n), key, bytes);

/** A slice that waits in this browser for its chunk: a random nonce before it, and a name of its own, so that it is never taken for a chunk. */
export async function sealSlice(
  key: CryptoKey,
  recording: string,
  bytes: ArrayBuffer,
): Promise<ArrayBuffer> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = text.encode(`afar-recording-slice|${recording}`);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, bytes);
  return new Blob([iv, sealed]).arrayBuffer();
}

export function openSlice(
  key: CryptoKey,
  recording: string,
  sealed: ArrayBuffer,
): Promise<ArrayBuffer> {
  const iv = new Uint8Array(sealed, 0, 12);
  const additionalData = text.encode(`afar-recording-slice|${recording}`);
  return crypto.subtle.decrypt(
    { name: 'AES-GCM', iv, additionalData },
    key,
    new Uint8Array(sealed, 12),
  );
}

/** Lower-case hex of SHA-256. */
export async function hexHash(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
