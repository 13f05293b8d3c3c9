/** The register: every entry of one type of one clinic in memory, and the answer to a query over them. */
import type { Criterion } from '@afar/fhir';
import { compact, dateIn, firstValue, markOf, wordsIn } from './compact.ts';
import { anyWord, contactParams, foldContact } from './contact.ts';
import type { DirectoryEntry } from './entry.ts';
import { fold, phonetic, wordStarts } from './fold.ts';
import { matcherOf } from './matches.ts';
import { indexOf } from './parts.ts';
import { topK } from './top-k.ts';
import { WordIndex } from './word-index.ts';

/** What a person or place sorts by; undefined comes last in either direction. */
export type SortValue = string | number | undefined;

export interface RegisterSort {
  param: string;
  descending: boolean;
  /** What its values are in an entry. Default: text. */
  kind?: 'date' | 'token';
}

/** One value; several, with null for what is missing, for a sort by several keys. */
export type SortKey = SortValue | readonly (string | number | null)[];

export interface RegisterQuery {
  /** AND-ed; all must satisfy `answersInDirectory`. */
  criteria: Criterion[];
  /** By id when absent. */
  sort?: readonly RegisterSort[];
  /** Only these, when given: a caller's panel. */
  among?: ReadonlySet<string>;
  /** The last key already scanned. */
  after?: { key: SortKey; rid: string };
  limit: number;
  /** The instant `ap` is measured from, ms. */
  now: number;
}

export interface Found {
  rid: string;
  key: SortKey;
}

/** An entry is rebuilt into a fresh index once as many were replaced as are there, and never for fewer than this. */
const leastStale = 10_000;

export class Register {
  readonly #slots = new Map<string, number>();
  readonly #rids: (string | undefined)[] = [];
  readonly #texts: string[] = [];
  readonly #versions: number[] = [];
  readonly #free: number[] = [];
  #words = new Map<string, WordIndex>();
  #stale = 0;
  /** The question that last met a slot: many words lead to one entry. */
  #met = new Uint32Array(1024);
  #question = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** Takes an entry unless a newer version is held already. */
  put(rid: string, entry: DirectoryEntry): void {
    const at = this.#slots.get(rid);
    if (at !== undefined && this.#versions[at]! > entry.v) return;
    const slot = at ?? this.#free.pop() ?? this.#texts.length;
    if (at === undefined) this.#slots.set(rid, slot);
    else this.#stale++;
    this.#rids[slot] = rid;
    this.#versions[slot] = entry.v;
    this.#texts[slot] = compact(entry);
    this.#addWords(slot);
    if (this.#stale > leastStale && this.#stale > this.size) this.#rebuild();
  }

  remove(rid: string): void {
    const slot = this.#slots.get(rid);
    if (slot === undefined) return;
    this.#slots.delete(rid);
    this.#rids[slot] = undefined;
    this.#texts[slot] = '';
    this.#free.push(slot);
    this.#stale++;
  }

  /** As `remove`, and none of its words stays in memory: a patient was erased. */
  erase(rid: string): void {
    const slot = this.#slots.get(rid);
    this.remove(rid);
    if (slot !== undefined) for (const words of this.#words.values()) words.forget(slot);
  }

  /** The first `limit` entries after `after` in the order of `sort`, whoever may see them: policy comes later, in SQL. */
  find(query: RegisterQuery): Found[] {
    const { sort, after, limit } = query;
    const keyOf = keyMaker(sort);
    const compare = comparer(sort);
    const top = topK<Found>(limit, compare);
    this.#each(query, (rid, text) => {
      const found = { rid, key: keyOf?.(text) };
      if (!after || compare(found, after) > 0) top.offer(found);
    });
    return top.sorted();
  }

  /** How many entries match, whoever may see them. */
  count(criteria: Criterion[], now: number): number {
    let n = 0;
    this.#each({ criteria, now }, () => n++);
    return n;
  }

  /** Answers of several registers to one query, as one. */
  static merge(lists: Found[][], { sort, limit }: RegisterQuery): Found[] {
    return lists.flat().sort(comparer(sort)).slice(0, limit);
  }

  #each(
    { criteria, now, among }: Pick<RegisterQuery, 'criteria' | 'now' | 'among'>,
    found: (rid: string, text: string) => void,
  ): void {
    const narrowed = among ? undefined : this.#narrow(criteria);
    // What the words have said need not be asked again: a word that an entry has lost is found out by its body.
    const matchers = criteria
      .filter((one) => one !== narrowed?.by || indexOf(one.param) !== one.param)
      .map((criterion) => matcherOf(criterion, now));
    const look = (slot: number) => {
      const rid = this.#rids[slot];
      const text = this.#texts[slot]!;
      if (rid !== undefined && matchers.every((matches) => matches(text))) found(rid, text);
    };
    if (among) {
      for (const rid of among) {
        const slot = this.#slots.get(rid);
        if (slot !== undefined) look(slot);
      }
    } else if (narrowed) for (const slot of narrowed.slots) look(slot);
    else for (let slot = 0; slot < this.#texts.length; slot++) look(slot);
  }

  /** The fewest slots one criterion's words lead to, each once; undefined when none has words to look up. */
  #narrow(criteria: Criterion[]): { by: Criterion; slots: number[] } | undefined {
    let best: { by: Criterion; slots: number[] } | undefined;
    for (const by of criteria) {
      const slots = this.#lookUp(by);
      if (slots && (!best || slots.length < best.slots.length)) best = { by, slots };
    }
    return best;
  }

  #lookUp({ param, modifier, values }: Criterion): number[] | undefined {
    if (modifier !== undefined && modifier !== 'exact' && modifier !== 'contains') return undefined;
    const words = this.#words.get(indexOf(param));
    const slots: number[] = [];
    if (this.#met.length < this.#texts.length) this.#met = new Uint32Array(2 * this.#texts.length);
    const question = ++this.#question;
    const found = (slot: number) => {
      if (this.#met[slot] === question) return;
      this.#met[slot] = question;
      slots.push(slot);
    };
    for (const value of values) {
      if (value.kind === 'string' && param === 'phonetic') {
        for (const sound of phonetic(value.value)) words?.sound(sound, found);
      } else if (value.kind === 'string') {
        const text = fold(value.value);
        if (text === '' && modifier !== 'exact') continue;
        if (modifier === 'exact') words?.exact(text, found);
        else if (modifier === 'contains') words?.contains(text, found);
        else words?.prefix(text, found);
      } else if (value.kind === 'token' && contactParams.has(param) && value.code !== undefined) {
        words?.exact(foldContact(value.code), found);
      } else return undefined;
    }
    return slots;
  }

  #addWords(slot: number): void {
    for (const [param, value] of wordsIn(this.#texts[slot]!)) {
      const name = indexOf(param);
      let words = this.#words.get(name);
      if (!words) this.#words.set(name, (words = new WordIndex()));
      if (anyWord.has(name)) for (const start of wordStarts(value)) words.add(start, slot);
      else words.add(value, slot);
    }
  }

  /** Leaves behind the words of entries that were replaced or removed. */
  #rebuild(): void {
    this.#words = new Map();
    for (let slot = 0; slot < this.#texts.length; slot++) this.#addWords(slot);
    this.#stale = 0;
  }
}

/** Of several keys a list; of one the value itself, which is what a hundred thousand entries are compared by. */
function keyMaker(sort: readonly RegisterSort[] = []): ((text: string) => SortKey) | undefined {
  const makers = sort.map(sortKey);
  if (makers.length < 2) return makers[0];
  return (text) => makers.map((maker) => maker(text) ?? null);
}

/** What an entry sorts by. `name` as people are filed: family, then given. */
function sortKey({ param, kind }: RegisterSort): (text: string) => SortValue {
  const mark = markOf(param);
  // The code, without the letter that stands for its system.
  if (kind === 'token') return (text) => firstValue(text, mark)?.slice(1);
  if (kind === 'date' || param === 'birthdate') {
    return (text) => {
      const value = firstValue(text, mark);
      return value === undefined ? undefined : dateIn(value).start;
    };
  }
  if (param !== 'name') return (text) => firstValue(text, mark);
  const family = markOf('family');
  const given = markOf('given');
  return (text) => {
    const first = firstValue(text, family);
    return first === undefined
      ? firstValue(text, mark)
      : `${first} ${firstValue(text, given) ?? ''}`;
  };
}

/** Missing last either way; ids break ties, ascending [records: answers]. */
function comparer(sort: readonly RegisterSort[] = []): (a: Found, b: Found) => number {
  const ways = sort.map((key) => key.descending);
  const byRid = (a: Found, b: Found) => (a.rid < b.rid ? -1 : a.rid > b.rid ? 1 : 0);
  if (ways.length < 2) {
    const descending = ways[0] ?? false;
    return (a, b) => order(a.key as SortValue, b.key as SortValue, descending) || byRid(a, b);
  }
  return (a, b) => {
    const [x, y] = [a.key as (string | number | null)[], b.key as (string | number | null)[]];
    for (const [at, descending] of ways.entries()) {
      const found = order(x[at] ?? undefined, y[at] ?? undefined, descending);
      if (found !== 0) return found;
    }
    return byRid(a, b);
  };
}

function order(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b === descending ? 1 : -1;
}
