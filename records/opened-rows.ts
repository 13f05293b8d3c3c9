/** Remembers for a short while what sealed rows opened to: one chart is read again and again by the same visit. */
import type { DataKey } from '@afar/platform';
import type { Row } from './vault.ts';

interface Kept {
  tenant: number;
  key: DataKey;
  row: Row;
  plain: Buffer;
  /** performance.now() when it was opened. */
  since: number;
}

/** 60 s: a screen and its follow-up requests; erased or left charts are out of memory within a minute of use. */
const lifetimeMs = 60_000;
/** 16 MB hold some 8,000 rows: the charts of everyone who is in a visit at once. */
const mostBytes = 16 * 1024 * 1024;
/** Beside the buffers: the row, what its search parameters were found to say, map slot. */
const overhead = 1_000;

/**
 * Opening is a pure function of key, bytes and place, so a hit is what opening again would give: every byte of the row and of
 * what its seal vouches for is compared, and a key that was erased or loaded anew misses. Buffers handed out are not to be
 * written to.
 */
export class OpenedRows {
  /** By rid: of one resource the version that was opened last. */
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;
  #bytes = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(tenant: number, key: DataKey, row: Row): Buffer | undefined {
    const kept = this.#kept.get(row.rid);
    if (!kept || kept.key !== key || kept.tenant !== tenant) return undefined;
    if (this.#now() - kept.since > lifetimeMs) return undefined;
    return same(kept.row, row) ? kept.plain : undefined;
  }

  keep(tenant: number, key: DataKey, row: Row, plain: Buffer): void {
    const kept = { tenant, key, row, plain, since: this.#now() };
    const size = sizeOf(kept);
    // A large document would push out a chart of small rows.
    if (size > mostBytes / 64) return;
    this.#drop(row.rid);
    this.#kept.set(row.rid, kept);
    this.#bytes += size;
    // Oldest first: those whose time is over, and as many as must make room.
    for (const [oldest, { since }] of this.#kept) {
      if (this.#bytes <= mostBytes && kept.since - since <= lifetimeMs) break;
      this.#drop(oldest);
    }
  }

  /** Forgets what a key opened: it was erased. */
  forget(kids: ReadonlySet<string>): void {
    for (const [rid, { key }] of this.#kept) if (kids.has(key.kid)) this.#drop(rid);
  }

  #drop(rid: string): void {
    const kept = this.#kept.get(rid);
    if (!kept) return;
    this.#kept.delete(rid);
    this.#bytes -= sizeOf(kept);
  }
}

/** Every column that takes part in the seal, and the sealed bytes. */
function same(a: Row, b: Row): boolean {
  return (
    a.version === b.version &&
    a.updated === b.updated &&
    a.rid === b.rid &&
    a.type === b.type &&
    a.verb === b.verb &&
    a.deleted === b.deleted &&
    a.at === b.at &&
    a.until === b.until &&
    a.owner === b.owner &&
    a.compartment_hash.equals(b.compartment_hash) &&
    a.labels.length === b.labels.length &&
    a.labels.every((label, at) => label === b.labels[at]) &&
    a.body.equals(b.body)
  );
}

function sizeOf({ row, plain }: Kept): number {
  return row.body.length + plain.length + overhead;
}
