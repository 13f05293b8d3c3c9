/** Counters of the call for tests and support: numbers and connection types, never anything about a person. */

export interface CallCounters {
  phase?: string;
  framesDecoded?: number;
  framesDecrypted?: number;
  audioFramesDecrypted?: number;
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
  window.__afarCall = { ...window.__afarCall, ...change };
}

export function resetCounters(): void {
  window.__afarCall = {};
}
