/** One parameter's folded values in memory: exact, prefix and substring look-up to the entries that hold them. */

/** 256: a merge of a hundred thousand words costs 10 ms, a scan of 256 costs 10 us. */
const freshLimit = 256;

/** Sorted words plus a short unsorted tail, merged when it grows. */
export class WordIndex {
  readonly #words = new Map<string, Set<number> | number>();
  #sorted: string[] = [];
  #fresh: string[] = [];

  /** Distinct values. */
  get size(): number {
    return this.#words.size;
  }

  add(text: string, slot: number): void {
    const held = this.#words.get(text);
    if (held === undefined) {
      this.#words.set(text, slot);
      this.#fresh.push(text);
    } else if (typeof held === 'number') {
      // One slot for most values: a Set for each would cost two hundred bytes.
      if (held !== slot) this.#words.set(text, new Set([held, slot]));
    } else held.add(slot);
  }

  remove(text: string, slot: number): void {
    const held = this.#words.get(text);
    if (held === slot) this.#words.delete(text);
    else if (typeof held === 'object') {
      held.delete(slot);
      if (held.size === 0) this.#words.delete(text);
    }
    // The text stays in `#sorted` or `#fresh` until the next merge: looked up, it leads nowhere.
  }

  exact(text: string, found: (slot: number) => void): void {
    this.#each(text, found);
  }

  /** Every slot with a value that starts with `prefix`; a slot may be reported more than once. */
  prefix(prefix: string, found: (slot: number) => void): void {
    this.#merge();
    for (let at = lowerBound(this.#sorted, prefix); at < this.#sorted.length; at++) {
      const text = this.#sorted[at]!;
      if (!text.startsWith(prefix)) break;
      this.#each(text, found);
    }
    for (const text of this.#fresh) if (text.startsWith(prefix)) this.#each(text, found);
  }

  /** Every slot with a value that has `part` in it: a scan of the distinct values. */
  contains(part: string, found: (slot: number) => void): void {
    for (const text of this.#words.keys()) if (text.includes(part)) this.#each(text, found);
  }

  #each(text: string, found: (slot: number) => void): void {
    const held = this.#words.get(text);
    if (typeof held === 'number') found(held);
    else if (held) for (const slot of held) found(slot);
  }

  #merge(): void {
    if (this.#fresh.length <= freshLimit) return;
    const all = [...this.#sorted, ...this.#fresh].filter((text) => this.#words.has(text)).sort();
    // A value removed and added again is twice in the list.
    this.#sorted = all.filter((text, at) => at === 0 || text !== all[at - 1]);
    this.#fresh = [];
  }
}

function lowerBound(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
