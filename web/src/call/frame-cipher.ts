/** One media frame sealed and opened: AES-GCM over all but the bytes a packetiser must read. Pure. */
import type { Bytes } from './bytes.ts';

/** Bytes left clear: VP8's frame header as RFC 7741 packetisers read it; Opus' table-of-contents byte. */
export const clearBytes = { key: 10, delta: 3, audio: 1 } as const;

/** Streams of one sender under one key: part of the nonce, so that no two frames share one. */
export const streams = { audio: 1, video: 2 } as const;
export type StreamName = keyof typeof streams;

const tagBytes = 16;
/** Stream, number of clear bytes, counter (4 bytes, big-endian). */
const trailerBytes = 6;
/** A frame older than this many behind the newest is refused: 1,024 frames are 20 s of audio. */
const windowSize = 1024;

export type FrameFault = 'short' | 'replayed' | 'forged';

/** Numbers the frames of one stream under one key. 2^32 frames are more than two years of audio. */
export class Counter {
  #next = 0;

  take(): number {
    if (this.#next > 0xff_ff_ff_ff) throw new Error('frame counter ran out: a new key is needed');
    return this.#next++;
  }
}

/** Remembers which frames of a stream have come, so that none is played twice. */
export class ReplayWindow {
  readonly #seen = new Float64Array(windowSize).fill(-1);
  #highest = -1;

  fresh(counter: number): boolean {
    return counter > this.#highest - windowSize && this.#seen[counter % windowSize] !== counter;
  }

  /** Only after the frame has proved genuine: a forger must not be able to move the window. */
  mark(counter: number): void {
    this.#seen[counter % windowSize] = counter;
    this.#highest = Math.max(this.#highest, counter);
  }
}

function nonceOf(stream: number, counter: number): Bytes {
  const nonce = new Uint8Array(12);
  nonce[0] = stream;
  new DataView(nonce.buffer).setUint32(8, counter);
  return nonce;
}

/** Header and trailer are read by others but cannot be changed by them. */
function boundBytes(head: Bytes, trailer: Bytes): Bytes {
  const bound = new Uint8Array(head.length + trailer.length);
  bound.set(head);
  bound.set(trailer, head.length);
  return bound;
}

/** clear head | sealed body and tag | trailer */
export async function sealFrame(
  frame: Bytes,
  clear: number,
  stream: number,
  counter: number,
  key: CryptoKey,
): Promise<Bytes> {
  const head = frame.subarray(0, Math.min(clear, frame.length));
  const trailer = new Uint8Array(trailerBytes);
  trailer[0] = stream;
  trailer[1] = head.length;
  new DataView(trailer.buffer).setUint32(2, counter);
  const sealed = await crypto.subtle.encrypt(
    {
      name: 'AES-GCM',
      iv: nonceOf(stream, counter),
      additionalData: boundBytes(head, trailer),
      tagLength: tagBytes * 8,
    },
    key,
    frame.subarray(head.length),
  );
  const out = new Uint8Array(head.length + sealed.byteLength + trailerBytes);
  out.set(head);
  out.set(new Uint8Array(sealed), head.length);
  out.set(trailer, head.length + sealed.byteLength);
  return out;
}

/** The frame as it was, or why it is refused. A refused frame must never reach a decoder. */
export async function openFrame(
  sealed: Bytes,
  stream: number,
  window: ReplayWindow,
  key: CryptoKey,
): Promise<Bytes | FrameFault> {
  if (sealed.length < tagBytes + trailerBytes) return 'short';
  const trailer = sealed.slice(sealed.length - trailerBytes);
  const clear = trailer[1]!;
  if (trailer[0] !== stream || sealed.length < clear + tagBytes + trailerBytes) return 'forged';
  const counter = new DataView(trailer.buffer).getUint32(2);
  if (!window.fresh(counter)) return 'replayed';
  const head = sealed.slice(0, clear);
  try {
    const body = await crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: nonceOf(stream, counter),
        additionalData: boundBytes(head, trailer),
        tagLength: tagBytes * 8,
      },
      key,
      sealed.subarray(clear, sealed.length - trailerBytes),
    );
    window.mark(counter);
    const frame = new Uint8Array(clear + body.byteLength);
    frame.set(head);
    frame.set(new Uint8Array(body), clear);
    return frame;
  } catch {
    return 'forged';
  }
}
