/** Regular expressions of filters, matched in time proportional to the text: a pattern from outside must not be a bomb. */
import { invalid, tooCostly } from '../refusals.ts';

/** Parts of the automaton; a repetition `{m,n}` is written out. */
const mostStates = 2_000;
const mostPattern = 500;
const deepest = 50;
/** States entered by all texts that one compiled pattern is asked about: some 0.3 s in which nobody else is served. */
const mostSteps = 5_000_000;

type Test = (char: string) => boolean;
type Node =
  | { is: 'char'; test: Test }
  | { is: 'seq'; nodes: Node[] }
  | { is: 'alt'; nodes: Node[] }
  | { is: 'repeat'; node: Node; min: number; max: number };

interface State {
  test?: Test;
  next: number[];
}

/**
 * Whole text, as FHIR's own regular expressions mean it. Literals, `.`, classes, `\d \w \s` and their opposites, groups,
 * alternatives, `* + ? {m,n}`, and `^` and `$` at the ends; no look-around, no back references.
 * @throws Refusal `invalid`; `too-costly` when it has been asked about too much
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const { states, start, end } = build(parsePattern(pattern));
  let steps = 0;
  return (text) => {
    let current = new Set<number>();
    follow(start, current, states);
    for (const char of text) {
      const next = new Set<number>();
      for (const at of current) {
        const { test, next: to } = states[at]!;
        if (test?.(char)) follow(to[0]!, next, states);
      }
      if (next.size === 0) return false;
      steps += current.size;
      if (steps > mostSteps) throw tooCostly('the regular expression takes too long');
      current = next;
    }
    return current.has(end);
  };
}

function follow(from: number, into: Set<number>, states: State[]): void {
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (into.has(at)) continue;
    into.add(at);
    const state = states[at]!;
    if (!state.test) waiting.push(...state.next);
  }
}

function build(root: Node): { states: State[]; start: number; end: number } {
  const states: State[] = [];
  const add = (state: State): number => {
    if (states.length >= mostStates) throw invalid('the regular expression is too large');
    return states.push(state) - 1;
  };
  /** Entry of what accepts `node` and then goes on at `to`. */
  const make = (node: Node, to: number): number => {
    if (node.is === 'char') return add({ test: node.test, next: [to] });
    if (node.is === 'seq') return node.nodes.reduceRight((next, one) => make(one, next), to);
    if (node.is === 'alt') return add({ next: node.nodes.map((one) => make(one, to)) });
    let next = to;
    if (node.max === Infinity) {
      const loop = add({ next: [to] });
      states[loop]!.next.push(make(node.node, loop));
      next = loop;
    } else
      for (let more = node.max - node.min; more > 0; more--)
        next = add({ next: [to, make(node.node, next)] });
    for (let times = 0; times < node.min; times++) {
      const before = states.length;
      next = make(node.node, next);
      // Nothing, however often: `((){9999}){9999}` would be counted to the end of days, because nothing is never too large.
      if (states.length === before) break;
    }
    return next;
  };
  const end = add({ next: [] });
  return { states, start: make(root, end), end };
}

const bad = () => invalid('the regular expression is not one that is read here');

function parsePattern(pattern: string): Node {
  if (pattern.length > mostPattern) throw invalid('the regular expression is too long');
  const chars = Array.from(pattern);
  let at = 0;
  if (chars[0] === '^') at++;
  if (chars.at(-1) === '$' && chars.at(-2) !== '\\') chars.pop();

  const alternatives = (depth: number): Node => {
    if (depth > deepest) throw bad();
    const nodes = [sequence(depth)];
    while (chars[at] === '|') {
      at++;
      nodes.push(sequence(depth));
    }
    return nodes.length === 1 ? nodes[0]! : { is: 'alt', nodes };
  };
  const sequence = (depth: number): Node => {
    const nodes: Node[] = [];
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')')
      nodes.push(repeated(atom(depth)));
    return { is: 'seq', nodes };
  };
  const atom = (depth: number): Node => {
    const char = chars[at++]!;
    if (char === '(') {
      if (chars[at] === '?') {
        if (chars[at + 1] !== ':') throw bad();
        at += 2;
      }
      const inner = alternatives(depth + 1);
      if (chars[at++] !== ')') throw bad();
      return inner;
    }
    if (char === '[') return { is: 'char', test: charClass() };
    if (char === '.') return { is: 'char', test: (one) => one !== '\n' && one !== '\r' };
    if (char === '\\') return { is: 'char', test: escaped() };
    if ('*+?{}^$'.includes(char)) throw bad();
    return { is: 'char', test: (one) => one === char };
  };
  const repeated = (node: Node): Node => {
    const char = chars[at];
    const simple = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[char ?? ''];
    let bounds = simple;
    if (simple) at++;
    else if (char === '{') {
      const close = chars.indexOf('}', at);
      const found = /^(\d{1,4})(,(\d{1,4})?)?$/.exec(chars.slice(at + 1, close).join(''));
      if (close < 0 || !found) throw bad();
      at = close + 1;
      const min = Number(found[1]);
      bounds = [
        min,
        found[2] === undefined ? min : found[3] === undefined ? Infinity : Number(found[3]),
      ];
    }
    if (!bounds) return node;
    // Lazy and greedy accept the same texts; possessive is not read.
    if (chars[at] === '?') at++;
    const [min, max] = bounds as [number, number];
    if (max < min || '*+{'.includes(chars[at] ?? ' ')) throw bad();
    return { is: 'repeat', node, min, max };
  };
  const charClass = (): Test => {
    const opposite = chars[at] === '^';
    if (opposite) at++;
    const tests: Test[] = [];
    for (let first = true; chars[at] !== ']' || first; first = false) {
      const from = chars[at++];
      if (from === undefined || from === '[') throw bad();
      const single = from === '\\' ? escaped() : undefined;
      if (!single && chars[at] === '-' && chars[at + 1] !== ']' && chars[at + 1] !== undefined) {
        const to = chars[at + 1]!;
        if (to === '\\' || to < from) throw bad();
        at += 2;
        tests.push((one) => one >= from && one <= to);
      } else tests.push(single ?? ((one) => one === from));
    }
    at++;
    return (one) => tests.some((test) => test(one)) !== opposite;
  };
  const escaped = (): Test => {
    const char = chars[at++];
    if (char === undefined) throw bad();
    const known = escapes[char.toLowerCase()];
    if (known) {
      const opposite = char !== char.toLowerCase();
      return (one) => known.test(one) !== opposite;
    }
    if (char === 't') return (one) => one === '\t';
    if (/[A-Za-z0-9]/.test(char)) throw bad();
    return (one) => one === char;
  };
  const whole = alternatives(0);
  if (at < chars.length) throw bad();
  return whole;
}

const escapes: Record<string, RegExp | undefined> = {
  d: /^[0-9]$/,
  w: /^[A-Za-z0-9_]$/,
  s: /^\s$/,
};
