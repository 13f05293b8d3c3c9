/** A code system held in memory: the shipped ones, and those stored as CodeSystem resources. */
import type { CodeSource, Concept, Count, PropertyDefinition, Rule, Wanted } from '../model.ts';
import { askedWords, fits, wordsOf } from '../filters/words.ts';
import { candidates } from '../rules.ts';
import { chooser, type Choose } from './choose.ts';

/** A concept as its system tells it, in order; or, without one, only that the code has these parents too. */
export interface Entry {
  readonly code: string;
  readonly concept?: Concept;
  readonly parents: readonly string[];
}

export interface SystemFacts {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  readonly title?: string;
  readonly language?: string;
  readonly content: CodeSource['content'];
  readonly caseSensitive: boolean;
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
}

export class MemorySystem implements CodeSource {
  readonly url: string;
  readonly version?: string;
  readonly name: string;
  readonly title?: string;
  readonly language?: string;
  readonly content: CodeSource['content'];
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
  readonly hierarchical: boolean;
  readonly caseSensitive: boolean;
  readonly #concepts = new Map<string, Concept>();
  readonly #folded: Map<string, string> | undefined;
  readonly #parents = new Map<string, readonly string[]>();
  readonly #children = new Map<string, string[]>();
  readonly #below = new Map<string, Set<string>>();
  readonly #words = new Map<string, string[]>();

  constructor(facts: SystemFacts, entries: Iterable<Entry>) {
    this.url = facts.url;
    this.version = facts.version;
    this.name = facts.name;
    this.title = facts.title;
    this.language = facts.language;
    this.content = facts.content;
    this.properties = facts.properties;
    this.caseSensitive = facts.caseSensitive;
    if (!facts.caseSensitive) this.#folded = new Map();
    for (const entry of entries) this.#add(entry);
    for (const [code, parents] of this.#parents)
      for (const parent of parents) {
        const known = this.#children.get(parent);
        if (known) known.push(code);
        else this.#children.set(parent, [code]);
      }
    this.hierarchical = this.#children.size > 0;
  }

  #add({ code, concept, parents }: Entry): void {
    const before = this.#parents.get(code);
    // A concept of several parents may stand under each of them.
    if (concept && !this.#concepts.has(code)) {
      this.#concepts.set(code, concept);
      this.#folded?.set(code.toLowerCase(), code);
    }
    if (!this.#concepts.has(code)) return;
    const all = [...new Set([...(before ?? []), ...parents])].filter((one) => one !== code);
    if (all.length) this.#parents.set(code, all);
  }

  get size(): number {
    return this.#concepts.size;
  }

  get codes(): IterableIterator<string> {
    return this.#concepts.keys();
  }

  /** The code as the system writes it. */
  known(code: string): string | undefined {
    return this.#concepts.has(code) ? code : this.#folded?.get(code.toLowerCase());
  }

  concept(code: string): Concept | undefined {
    return this.#concepts.get(this.known(code) ?? code);
  }

  parentsOf(code: string): readonly string[] {
    return this.#parents.get(code) ?? [];
  }

  childrenOf(code: string): readonly string[] {
    return this.#children.get(code) ?? [];
  }

  /** Everything below a code, without itself; a cycle does no harm. */
  below(code: string): ReadonlySet<string> {
    let below = this.#below.get(code);
    if (!below) {
      below = new Set();
      const waiting = [...this.childrenOf(code)];
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        if (below.has(at)) continue;
        below.add(at);
        waiting.push(...this.childrenOf(at));
      }
      // Closures of a whole deep chain would take its square in memory: the latest are kept.
      if (this.#below.size >= 200) this.#below.delete(this.#below.keys().next().value!);
      this.#below.set(code, below);
    }
    return below;
  }

  above(code: string): Set<string> {
    const above = new Set<string>();
    const waiting = [...this.parentsOf(code)];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (above.has(at)) continue;
      above.add(at);
      waiting.push(...this.parentsOf(at));
    }
    return above;
  }

  find(codes: readonly string[]): Promise<Map<string, Concept>> {
    const found = new Map<string, Concept>();
    for (const code of codes) {
      const concept = this.concept(code);
      if (concept) found.set(code, concept);
    }
    return Promise.resolve(found);
  }

  among(codes: readonly string[], rule: Rule): Promise<Set<string>> {
    const choose = chooser(this, rule);
    const chosen = new Set<string>();
    for (const code of codes) {
      const known = this.known(code);
      if (known !== undefined && choose(this.#concepts.get(known)!)) chosen.add(code);
    }
    return Promise.resolve(chosen);
  }

  page(wanted: Wanted, offset: number, count: number): Promise<Concept[]> {
    const page: Concept[] = [];
    let at = 0;
    for (const concept of this.#wanted(wanted)) {
      if (at++ < offset) continue;
      if (page.length === count) break;
      page.push(concept);
    }
    return Promise.resolve(page);
  }

  count(wanted: Wanted, most: number): Promise<Count> {
    let count = 0;
    for (const _ of this.#wanted(wanted)) {
      if (count === most) return Promise.resolve({ count, exact: false });
      count++;
    }
    return Promise.resolve({ count, exact: true });
  }

  around(code: string): Promise<{ parents: Concept[]; children: Concept[] } | undefined> {
    const known = this.known(code);
    if (known === undefined) return Promise.resolve(undefined);
    const concepts = (codes: readonly string[]) =>
      codes.map((one) => this.#concepts.get(one)).filter((one) => one !== undefined);
    return Promise.resolve({
      parents: concepts(this.parentsOf(known)),
      children: concepts(this.childrenOf(known)),
    });
  }

  *#wanted({ rule, text, activeOnly, usableOnly }: Wanted): Iterable<Concept> {
    const asked = text === undefined ? [] : askedWords(text);
    const prefix = text?.trim().toLowerCase() ?? '';
    const choose: Choose = chooser(this, rule);
    for (const concept of this.#pool(rule)) {
      if (activeOnly && concept.inactive) continue;
      if (usableOnly && concept.abstract) continue;
      if (prefix && !this.#answers(concept, asked, prefix)) continue;
      if (choose(concept)) yield concept;
    }
  }

  *#pool(rule: Rule): Iterable<Concept> {
    const named = candidates(rule);
    if (!named) return yield* this.#concepts.values();
    const given = new Set<string>();
    for (const code of named) {
      const known = this.known(code);
      if (known === undefined || given.has(known)) continue;
      given.add(known);
      yield this.#concepts.get(known)!;
    }
  }

  #answers(concept: Concept, asked: readonly string[], prefix: string): boolean {
    if (concept.code.toLowerCase().startsWith(prefix)) return true;
    if (asked.length === 0) return false;
    let words = this.#words.get(concept.code);
    if (!words) {
      const names = [concept.display, ...concept.designations.map((one) => one.value)];
      this.#words.set(concept.code, (words = names.flatMap(wordsOf)));
    }
    return fits(asked, words);
  }
}
