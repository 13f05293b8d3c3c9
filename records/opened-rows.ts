/** Remembers for a short while what sealed rows opened to: one chart is read again and again by the same visit. */
import type { DataKey } from '@afar/platform';

interface Kept {
  key: DataKey;
  sealed: Buffer;
  facts: Buffer;
  plain: Buffer;
  /** performance.now() when it was opened. */
  since: number;
}

/** 60 s: a screen and its follow-up requests; erased or left charts are out of memory within a minute of use. */
const lifetimeMs = 60_000;
/** 16 MB hold some 8,000 rows: the charts of everyone who is in a visit at once. */
const mostBytes = 16 * 1024 * 1024;
/** Beside the three buffers: objects and map slot. */
const overhead = 400;

/** Nonce of the seal (platform/seal: bytes 25 to 36): another for each value sealed. */
const nonceOf = (sealed: Buffer): string => sealed.toString('latin1', 25, 37);

/**
 * Opening is a pure function of key, bytes and place, so a hit is what opening again would give: every byte of the row and of
 * what its seal vouches for is compared, and a key that was erased or loaded anew misses. Buffers handed out are not to be
 * written to.
 */
export class OpenedRows {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;
  #bytes = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(key: DataKey, sealed: Buffer, facts: Buffer): Buffer | undefined {
    const kept = this.#kept.get(nonceOf(sealed));
    if (!kept || kept.key !== key || this.#now() - kept.since > lifetimeMs) return undefined;
    return kept.sealed.equals(sealed) && kept.facts.equals(facts) ? kept.plain : undefined;
  }

  keep(key: DataKey, sealed: Buffer, facts: Buffer, plain: Buffer): void {
    const kept = { key, sealed, facts, plain, since: this.#now() };
    const size = sizeOf(kept);
    // A large document would push out a chart of small rows.
    if (size > mostBytes / 64) return;
    const nonce = nonceOf(sealed);
    this.#drop(nonce);
    this.#kept.set(nonce, kept);
    this.#bytes += size;
    // Oldest first: those whose time is over, and as many as must make room.
    for (const [oldest, { since }] of this.#kept) {
      if (this.#bytes <= mostBytes && kept.since - since <= lifetimeMs) break;
      this.#drop(oldest);
    }
  }

  #drop(nonce: string): void {
    const kept = this.#kept.get(nonce);
    if (!kept) return;
    this.#kept.delete(nonce);
    this.#bytes -= sizeOf(kept);
  }
}

function sizeOf({ sealed, facts, plain }: Kept): number {
  return sealed.length + facts.length + plain.length + overhead;
}
