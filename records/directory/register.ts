/** The register: every entry of one type of one clinic in memory, and the answer to a query over them. */
import type { Criterion } from '@afar/fhir';
import type { DirectoryEntry } from './entry.ts';
import { anyWord, contactParams, foldContact } from './contact.ts';
import { fold, phonetic, wordStarts } from './fold.ts';
import { entryMatches } from './matches.ts';
import { topK } from './top-k.ts';
import { WordIndex } from './word-index.ts';

/** What a person or place sorts by; undefined comes last in either direction. */
export type SortValue = string | number | undefined;

export interface RegisterSort {
  param: string;
  descending: boolean;
}

export interface RegisterQuery {
  /** AND-ed; all must satisfy `answersInDirectory`. */
  criteria: Criterion[];
  /** By id when absent. */
  sort?: RegisterSort;
  /** Only these, when given: a caller's panel. */
  among?: ReadonlySet<string>;
  /** The last key already scanned. */
  after?: { key: SortValue; rid: string };
  limit: number;
  /** The instant `ap` is measured from, ms. */
  now: number;
}

export interface Found {
  rid: string;
  key: SortValue;
}

/** An entry in memory: folded once, so that a query folds only itself. */
export interface Held {
  rid: string;
  version: number;
  /** Folded values by parameter, in the order of the resource. */
  strings: Record<string, string[]>;
  dates: DirectoryEntry['d'];
  tokens: DirectoryEntry['t'];
}

export class Register {
  readonly #slots = new Map<string, number>();
  readonly #held: (Held | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #words = new Map<string, WordIndex>();

  get size(): number {
    return this.#slots.size;
  }

  has(rid: string): boolean {
    return this.#slots.has(rid);
  }

  /** Takes an entry unless a newer version is held already. */
  put(rid: string, entry: DirectoryEntry): void {
    const at = this.#slots.get(rid);
    if (at !== undefined) {
      if (this.#held[at]!.version > entry.v) return;
      this.#drop(rid, at);
    }
    const slot = this.#free.pop() ?? this.#held.length;
    const held = hold(rid, entry);
    this.#held[slot] = held;
    this.#slots.set(rid, slot);
    for (const [param, text] of wordsOf(held)) this.#index(param).add(text, slot);
  }

  remove(rid: string): void {
    const at = this.#slots.get(rid);
    if (at !== undefined) this.#drop(rid, at);
  }

  /** The first `limit` entries after `after` in the order of `sort`, whoever may see them: policy comes later, in SQL. */
  find(query: RegisterQuery): Found[] {
    const { criteria, sort, after, limit } = query;
    const top = topK<Found>(limit, (a, b) => compare(a, b, sort?.descending ?? false));
    const offer = (held: Held) => {
      if (!criteria.every((criterion) => entryMatches(held, criterion, query.now))) return;
      const found = { rid: held.rid, key: sort && sortValue(held, sort.param) };
      if (after && compare(found, after, sort?.descending ?? false) <= 0) return;
      top.offer(found);
    };
    const slots = query.among ? this.#slotsOf(query.among) : this.#narrow(criteria);
    if (slots) for (const slot of slots) offer(this.#held[slot]!);
    else for (const held of this.#held) if (held) offer(held);
    return top.sorted();
  }

  /** Answers of several registers to one query, as one. */
  static merge(lists: Found[][], { sort, limit }: RegisterQuery): Found[] {
    return lists
      .flat()
      .sort((a, b) => compare(a, b, sort?.descending ?? false))
      .slice(0, limit);
  }

  /** How many entries match, whoever may see them. */
  count(criteria: Criterion[], now: number): number {
    let n = 0;
    const slots = this.#narrow(criteria) ?? this.#slots.values();
    for (const slot of slots) {
      if (criteria.every((criterion) => entryMatches(this.#held[slot]!, criterion, now))) n++;
    }
    return n;
  }

  #slotsOf(rids: ReadonlySet<string>): number[] {
    return [...rids].map((rid) => this.#slots.get(rid)).filter((slot) => slot !== undefined);
  }

  /** The smallest set of slots one criterion's words lead to; undefined when none has words to look up. */
  #narrow(criteria: Criterion[]): Set<number> | undefined {
    let best: Set<number> | undefined;
    for (const criterion of criteria) {
      const found = this.#lookUp(criterion);
      if (found && (!best || found.size < best.size)) best = found;
    }
    return best;
  }

  #lookUp(criterion: Criterion): Set<number> | undefined {
    const { param, modifier, values } = criterion;
    const words = this.#words.get(param);
    const slots = new Set<number>();
    const found = (slot: number) => slots.add(slot);
    if (modifier !== undefined && modifier !== 'exact' && modifier !== 'contains') return undefined;
    for (const value of values) {
      if (value.kind === 'string' && param === 'phonetic') {
        const [sound] = phonetic(value.value);
        if (sound !== undefined) words?.exact(sound, found);
      } else if (value.kind === 'string') {
        const text = fold(value.value);
        if (modifier === 'exact') words?.exact(text, found);
        else if (modifier === 'contains') words?.contains(text, found);
        else words?.prefix(text, found);
      } else if (value.kind === 'token' && contactParams.has(param) && value.code !== undefined) {
        words?.exact(foldContact(value.code), found);
      } else return undefined;
    }
    return slots;
  }

  #index(param: string): WordIndex {
    let words = this.#words.get(param);
    if (!words) this.#words.set(param, (words = new WordIndex()));
    return words;
  }

  #drop(rid: string, slot: number): void {
    for (const [param, text] of wordsOf(this.#held[slot]!)) this.#index(param).remove(text, slot);
    this.#held[slot] = undefined;
    this.#slots.delete(rid);
    this.#free.push(slot);
  }
}

function hold(rid: string, entry: DirectoryEntry): Held {
  const strings: Held['strings'] = {};
  for (const [param, values] of Object.entries(entry.s)) {
    strings[param] = param === 'phonetic' ? values.flatMap(phonetic) : values.map(fold);
  }
  return { rid, version: entry.v, strings, dates: entry.d, tokens: entry.t };
}

function* wordsOf(held: Held): Generator<[string, string]> {
  for (const [param, values] of Object.entries(held.strings)) {
    for (const text of values) {
      if (anyWord.has(param)) for (const start of wordStarts(text)) yield [param, start];
      else yield [param, text];
    }
  }
  for (const [param, values] of Object.entries(held.tokens)) {
    if (contactParams.has(param)) for (const [, code] of values) yield [param, foldContact(code)];
  }
}

/** `name` sorts as people are filed: family, then given. */
export function sortValue(held: Held, param: string): SortValue {
  if (param === 'name' && held.strings['family']) {
    return [held.strings['family'][0], held.strings['given']?.[0] ?? ''].join(' ');
  }
  const date = held.dates[param]?.[0];
  if (date) return date[0] ?? undefined;
  return held.strings[param]?.[0];
}

/** Missing last either way; ids break ties, ascending [records: answers]. */
function compare(a: Found, b: Found, descending: boolean): number {
  if (a.key !== b.key) {
    if (a.key === undefined) return 1;
    if (b.key === undefined) return -1;
    if (a.key < b.key) return descending ? 1 : -1;
    if (a.key > b.key) return descending ? -1 : 1;
  }
  return a.rid < b.rid ? -1 : a.rid > b.rid ? 1 : 0;
}
