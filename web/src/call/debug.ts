/** Counters of the call for tests and support: numbers and connection types, never anything about a person. */

export interface CallCounters {
  phase?: string;
  /** From opening the call to the seat, to the keys, to the connection, to the camera, ms. */
  joinedMs?: number;
  keysMs?: number;
  connectedMs?: number;
  cameraMs?: number;
  framesDecoded?: number;
  framesDecrypted?: number;
  audioFramesDecrypted?: number;
  framesSealed?: number;
  framesRefused?: number;
  engine?: string;
  /** Why a new seat was taken during this call, each time. */
  rejoined?: readonly Rejoin[];
  /** Which keys are in use, as the room counts them. */
  epoch?: number;
  restarts?: number;
  /** By peer: frames that came, pictures and voices that opened, and what was refused. */
  peers?: Record<
    string,
    { received: number; pictures: number; voices: number; asides: number; refused: number }
  >;
  /** By peer and stream, as the decoder sees it. */
  arrivals?: {
    peer: string;
    stream: string;
    framesDecoded: number;
    packets: number;
    width?: number;
    height?: number;
  }[];
  /** From admission (or joining, when that was later) to the first picture of the other end, ms. */
  firstFrameMs?: number;
  /** Candidate types of the pair in use, such as `host`. */
  pair?: { local: string; remote: string } | undefined;
}

/** keys: an exchange took too long. media: nothing came for half a minute. lease: the server was not heard. resume: it did not know the session any more. */
export type Rejoin = 'keys' | 'media' | 'lease' | 'resume';

declare global {
  interface Window {
    __afarCall?: CallCounters;
  }
}

export function debugCounters(change: CallCounters): void {
  const before = window.__afarCall;
  window.__afarCall = { ...before, ...change };
  // The first picture stays the first, whatever reconnects later.
  if (before?.firstFrameMs !== undefined) window.__afarCall.firstFrameMs = before.firstFrameMs;
}

/** Notes why a new seat is taken. */
export function debugRejoin(why: Rejoin): void {
  debugCounters({ rejoined: [...(window.__afarCall?.rejoined ?? []), why] });
}

let started = 0;

export function resetCounters(): void {
  window.__afarCall = {};
  started = performance.now();
}

/** How long a step of opening the call took; the first time counts. */
export function debugMark(step: 'joinedMs' | 'keysMs' | 'connectedMs' | 'cameraMs'): void {
  if (window.__afarCall?.[step] === undefined)
    debugCounters({ [step]: Math.round(performance.now() - started) });
}
