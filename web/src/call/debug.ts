/** Counters of the call for tests and support: numbers and connection types, never anything about a person. */

export interface CallCounters {
  phase?: string;
  framesDecoded?: number;
  framesDecrypted?: number;
  audioFramesDecrypted?: number;
  framesSealed?: number;
  framesRefused?: number;
  /** From admission (or joining, when that was later) to the first picture of the other end, ms. */
  firstFrameMs?: number;
  /** Candidate types of the pair in use, such as `host`. */
  pair?: { local: string; remote: string } | undefined;
}

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

export function resetCounters(): void {
  window.__afarCall = {};
}
