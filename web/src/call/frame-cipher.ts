/** One media frame sealed and opened: AES-GCM over all but the bytes a server between must read [signalling.md K10-K12]. Pure. */
import type { Bytes } from './bytes.ts';

/**
 * Bytes left clear and bound. VP8: the frame tag of a delta frame, with start code and size of a key frame: packetisers and a
 * server that forwards pictures tell key frames by them [RFC 7741 4.3, RFC 6386 9.1]. Of Opus nothing: nobody on the way reads it.
 */
export const clearBytes = { key: 10, delta: 3, audio: 0 } as const;
const clearCodes = [0, 3, 10] as const;

/** Streams of one sender under one key: part of the nonce, so that no two frames share one. */
export const streams = { audio: 1, video: 2, screen: 3, whisper: 4 } as const;
export type StreamName = keyof typeof streams;

const tagBytes = 16;
/** Of an epoch only its low 16 bits are told: a receiver holds two epochs at most. */
const epochMask = 0xff_ff;
/** A frame older than this many behind the newest is refused: of three layers at 30 a second, 11 s. */
const windowSize = 1024;

export type FrameFault = 'short' | 'replayed' | 'forged';

/** Numbers the frames of one stream under one key, all layers of a picture together. 2^32 frames are more than a year of them. */
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

/** What a frame says of itself, behind its sealed body. */
export interface FrameHeader {
  stream: number;
  /** Number of clear bytes at the front. */
  clear: number;
  /** Low 16 bits of the epoch whose key sealed it. */
  epoch: number;
  counter: number;
  /** The header as it stands: authenticated with the clear bytes. */
  bytes: Bytes;
}

/** Counter (1 to 4 bytes), epoch (2), and last a byte of stream (3 bits), size of the counter (2), clear bytes (2). */
function headerOf(stream: number, clear: number, epoch: number, counter: number): Bytes {
  const size = counter < 0x1_00 ? 1 : counter < 0x1_00_00 ? 2 : counter < 0x1_00_00_00 ? 3 : 4;
  const header = new Uint8Array(size + 3);
  for (let at = size - 1, rest = counter; at >= 0; at--, rest = Math.floor(rest / 256))
    header[at] = rest % 256;
  header[size] = (epoch >> 8) & 0xff;
  header[size + 1] = epoch & 0xff;
  header[size + 2] =
    (stream << 4) | ((size - 1) << 2) | clearCodes.findIndex((bytes) => bytes === clear);
  return header;
}

/** The header of a sealed frame; undefined when it cannot be one. */
export function readHeader(sealed: Bytes): FrameHeader | undefined {
  const last = sealed.at(-1);
  const clear = last === undefined ? undefined : clearCodes[last & 3];
  if (last === undefined || clear === undefined || last > 0x7f) return undefined;
  const size = ((last >> 2) & 3) + 1;
  if (sealed.length < clear + tagBytes + size + 3) return undefined;
  const bytes = sealed.slice(sealed.length - size - 3);
  let counter = 0;
  for (const byte of bytes.subarray(0, size)) counter = counter * 256 + byte;
  return { stream: last >> 4, clear, epoch: bytes[size]! * 256 + bytes[size + 1]!, counter, bytes };
}

/** Whether a frame of this header was sealed in this epoch. */
export const ofEpoch = (header: FrameHeader, epoch: number): boolean =>
  header.epoch === (epoch & epochMask);

function cipher(stream: number, counter: number, clear: Bytes, header: Bytes): AesGcmParams {
  const iv = new Uint8Array(12);
  iv[0] = stream;
  new DataView(iv.buffer).setUint32(8, counter);
  // Clear bytes and header are read by others but cannot be changed by them.
  const additionalData = new Uint8Array(clear.length + header.length);
  additionalData.set(clear);
  additionalData.set(header, clear.length);
  return { name: 'AES-GCM', iv, additionalData, tagLength: tagBytes * 8 };
}

/** clear bytes | sealed body and tag | header */
export async function sealFrame(
  frame: Bytes,
  as: { stream: number; clear: number; epoch: number; counter: number },
  key: CryptoKey,
): Promise<Bytes> {
  const clear = frame.length < as.clear ? 0 : as.clear;
  const header = headerOf(as.stream, clear, as.epoch, as.counter);
  const head = frame.subarray(0, clear);
  const sealed = await crypto.subtle.encrypt(
    cipher(as.stream, as.counter, head, header),
    key,
    frame.subarray(clear),
  );
  const out = new Uint8Array(clear + sealed.byteLength + header.length);
  out.set(head);
  out.set(new Uint8Array(sealed), clear);
  out.set(header, clear + sealed.byteLength);
  return out;
}

/** The frame as it was, or why it is refused. A refused frame must never reach a decoder. */
export async function openFrame(
  sealed: Bytes,
  stream: number,
  window: ReplayWindow,
  key: CryptoKey,
): Promise<Bytes | FrameFault> {
  const header = readHeader(sealed);
  if (!header) return 'short';
  if (header.stream !== stream) return 'forged';
  if (!window.fresh(header.counter)) return 'replayed';
  const head = sealed.slice(0, header.clear);
  try {
    const body = await crypto.subtle.decrypt(
      cipher(stream, header.counter, head, header.bytes),
      key,
      sealed.subarray(header.clear, sealed.length - header.bytes.length),
    );
    // Two copies may have been opened side by side: only the first is played.
    if (!window.fresh(header.counter)) return 'replayed';
    window.mark(header.counter);
    const frame = new Uint8Array(header.clear + body.byteLength);
    frame.set(head);
    frame.set(new Uint8Array(body), header.clear);
    return frame;
  } catch {
    return 'forged';
  }
}
