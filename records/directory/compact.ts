/** An entry in memory as one string: a hundred thousand small objects would cost four times the memory. */
import { contactParams, foldContact } from './contact.ts';
import type { DirectoryEntry } from './entry.ts';
import { fold } from './fold.ts';

/*
 * \u0001 P value \u0001 P value ...: P is one character for the parameter, so that a value is found by indexOf and
 * compared in place. Dates are `start~end` in base 36 ('' is open), tokens `S~code` with S for the system.
 */
const begin = '\u0001';

/** Names (parameters, code systems) as single characters, in the order they are first seen. */
class Letters {
  readonly #known = new Map<string, string>();
  readonly #names = new Map<string, string>();
  name(letter: string): string {
    return this.#names.get(letter)!;
  }
  of(name: string): string {
    let letter = this.#known.get(name);
    // From U+00A1 on: one byte each for the first ninety, and never the separator.
    if (!letter) {
      letter = String.fromCharCode(0xa1 + this.#known.size);
      this.#known.set(name, letter);
      this.#names.set(letter, name);
    }
    return letter;
  }
}
const params = new Letters();
const systems = new Letters();
/** Parameters that hold strings. */
const strings = new Set<string>();

export function compact(entry: DirectoryEntry): string {
  let text = '';
  const add = (param: string, value: string) => (text += begin + params.of(param) + value);
  for (const [param, values] of Object.entries(entry.s)) {
    strings.add(param);
    for (const value of values) add(param, fold(value));
  }
  for (const [param, values] of Object.entries(entry.d)) {
    for (const [start, end] of values) add(param, `${number(start)}~${number(end)}`);
  }
  for (const [param, values] of Object.entries(entry.t)) {
    for (const [system, code] of values) {
      const value = contactParams.has(param) ? foldContact(code) : code;
      add(param, systems.of(system ?? '') + value);
    }
  }
  // Flat: a rope of twenty pieces costs more than the text.
  return Buffer.from(text).toString();
}

function number(value: number | null): string {
  return value === null ? '' : value.toString(36);
}

/** Values that words are made of, with their parameter: strings, and contact points without their system. */
export function* wordsIn(text: string): Generator<[param: string, value: string]> {
  for (const piece of text.split(begin)) {
    if (piece === '') continue;
    const param = params.name(piece[0]!);
    if (contactParams.has(param)) yield [param, piece.slice(2)];
    else if (strings.has(param)) yield [param, piece.slice(1)];
  }
}

/** What stands before each value of the parameter. */
export function markOf(param: string): string {
  return begin + params.of(param);
}

/** Looks at the value that stands in the text from `from` up to `to`: nothing is copied for a look. */
export type Test = (text: string, from: number, to: number) => boolean;

/** Whether a value after the mark passes the test. */
export function someValue(text: string, mark: string, test: Test): boolean {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 2)) {
    const end = text.indexOf(begin, at + 2);
    if (test(text, at + 2, end < 0 ? text.length : end)) return true;
  }
  return false;
}

/** The first value after a mark. */
export function firstValue(text: string, mark: string): string | undefined {
  const at = text.indexOf(mark);
  if (at < 0) return undefined;
  const end = text.indexOf(begin, at + 2);
  return end < 0 ? text.slice(at + 2) : text.slice(at + 2, end);
}

export function dateIn(value: string): { start: number; end: number } {
  const [start = '', end = ''] = value.split('~');
  return {
    start: start === '' ? -Infinity : parseInt(start, 36),
    end: end === '' ? Infinity : parseInt(end, 36),
  };
}

/** Whether the value is of the system and has the code (folded, for a contact point); undefined asks for any. */
export function tokenIs(value: string, system: string | undefined, code: string | undefined) {
  if (system !== undefined && value[0] !== systems.of(system)) return false;
  return code === undefined || value.slice(1) === code;
}
