/** Folded values in memory: exact, prefix, substring and sound look-up to the slots that may have them. */
import { phonetic } from './fold.ts';

/** 256: a merge of a hundred thousand words costs 10 ms, a scan of 256 costs 10 us. */
const freshLimit = 256;

/**
 * Words lead to candidates: a slot that has lost a word, or was given to another entry, is still led to until the
 * index is built anew. Whoever asks looks at the entry.
 */
export class WordIndex {
  /** One slot for most words: an array for each would double the memory. */
  readonly #words = new Map<string, number | number[]>();
  #sorted: string[] = [];
  #fresh: string[] = [];
  /** By the sound of their first word; made at the first question. */
  #sounds: Map<string, string[]> | undefined;

  add(text: string, slot: number): void {
    const held = this.#words.get(text);
    if (held === undefined) {
      this.#words.set(text, slot);
      this.#fresh.push(text);
      if (this.#sounds) addSound(this.#sounds, text);
    } else if (typeof held === 'number') {
      if (held !== slot) this.#words.set(text, [held, slot]);
    } else if (held.at(-1) !== slot) held.push(slot);
  }

  /** Leaves no text behind that leads to this slot alone. Looks at every word: 10 ms for a hundred thousand. */
  forget(slot: number): void {
    const gone = new Set<string>();
    for (const [text, held] of this.#words) {
      if (held === slot) gone.add(text);
      else if (typeof held === 'object' && held.includes(slot)) {
        const left = held.filter((one) => one !== slot);
        if (left.length > 0) this.#words.set(text, left);
        else gone.add(text);
      }
    }
    for (const text of gone) this.#words.delete(text);
    this.#sorted = this.#sorted.filter((text) => !gone.has(text));
    this.#fresh = this.#fresh.filter((text) => !gone.has(text));
    this.#sounds = undefined;
  }

  exact(text: string, found: (slot: number) => void): void {
    const held = this.#words.get(text);
    if (typeof held === 'number') found(held);
    else if (held) for (const slot of held) found(slot);
  }

  /** Values that start with `prefix`. */
  prefix(prefix: string, found: (slot: number) => void): void {
    this.#merge();
    for (let at = lowerBound(this.#sorted, prefix); at < this.#sorted.length; at++) {
      const text = this.#sorted[at]!;
      if (!text.startsWith(prefix)) break;
      this.exact(text, found);
    }
    for (const text of this.#fresh) if (text.startsWith(prefix)) this.exact(text, found);
  }

  /** Values that have `part` in them: a scan of the distinct values. */
  contains(part: string, found: (slot: number) => void): void {
    for (const text of this.#words.keys()) if (text.includes(part)) this.exact(text, found);
  }

  /** Values with a word of this sound. */
  sound(sound: string, found: (slot: number) => void): void {
    if (!this.#sounds) {
      this.#sounds = new Map();
      for (const text of this.#words.keys()) addSound(this.#sounds, text);
    }
    for (const text of this.#sounds.get(sound) ?? []) this.exact(text, found);
  }

  #merge(): void {
    if (this.#fresh.length <= freshLimit) return;
    this.#sorted = [...this.#sorted, ...this.#fresh].sort();
    this.#fresh = [];
  }
}

/** Every word of a value begins a text of its own, so the first word of each text is enough. */
function addSound(sounds: Map<string, string[]>, text: string): void {
  const [first = ''] = text.split(' ', 1);
  const [sound] = phonetic(first);
  if (sound === undefined) return;
  const list = sounds.get(sound);
  if (list) list.push(text);
  else sounds.set(sound, [text]);
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
