/** The `_filter` language [FHIR R4 search_filter.html]: comparisons, `and`, `or`, `not`, parentheses, to a tree of clauses. */
import { paramOf, parseClause, refused, type QueryOptions } from './parse-query.ts';
import { escapeValue } from './query-text.ts';
import { Refusal } from './refusal.ts';
import type { Clause, Criterion, Modifier } from './search-query.ts';

/** Deeper parentheses are no question a person asks, and each is a frame of the stack. */
const deepest = 16;

const longest = 4_000;

/** Parentheses and brackets, JSON strings, words. */
const piece = /\s*([()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+)/y;

/**
 * Undefined when no parameter of that name is known. `and` and `or` have no precedence: they are read from left to
 * right. What it cannot do is refused, never passed over.
 *
 * @throws Refusal `invalid`, `not-supported`, `too-costly`
 */
export function parseFilter(
  type: string,
  text: string,
  options: QueryOptions,
  depth: number,
): Clause {
  if (text.length > longest) throw new Refusal('too-costly', { diagnostics: '_filter: too long' });
  const words = piecesOf(text);
  let at = 0;
  const take = () => {
    const word = words[at++];
    if (word === undefined) throw refused('_filter', 'it ends too early');
    return word;
  };

  function expression(level: number): Clause {
    if (level > deepest) throw new Refusal('too-costly', { diagnostics: '_filter: too deep' });
    let left = operand(level);
    for (let word = words[at]; word === 'and' || word === 'or'; word = words[at]) {
      at++;
      left = joined(word === 'and' ? 'all' : 'any', left, operand(level));
    }
    return left;
  }

  function operand(level: number): Clause {
    const word = take();
    if (word === 'not' && words[at] === '(') return { kind: 'none', of: [operand(level)] };
    if (word !== '(') return comparison(word, take(), take());
    const inner = expression(level + 1);
    if (take() !== ')') throw refused('_filter', 'a parenthesis is not closed');
    return inner;
  }

  function comparison(path: string, operator: string, raw: string): Clause {
    if (operator === '[')
      throw new Refusal('not-supported', { diagnostics: '_filter: conditions in brackets' });
    return compare(type, path, operator, unquoted(raw), options, depth);
  }

  const whole = expression(0);
  if (at < words.length) throw refused('_filter', 'more follows than can be read');
  return whole;
}

function piecesOf(text: string): string[] {
  const words: string[] = [];
  piece.lastIndex = 0;
  const end = text.trimEnd().length;
  while (piece.lastIndex < end) {
    const found = piece.exec(text);
    if (!found) throw refused('_filter', 'it cannot be read');
    words.push(found[1]!);
  }
  return words;
}

function unquoted(raw: string): string {
  if (!raw.startsWith('"')) return raw;
  try {
    return JSON.parse(raw) as string;
  } catch {
    throw refused('_filter', 'a string is not well formed');
  }
}

function joined(kind: 'any' | 'all', left: Clause, right: Clause): Clause {
  // a and b and c is one list, not a tree.
  if (left.kind === kind) return { kind, of: [...left.of, right] };
  return { kind, of: [left, right] };
}

const ordered: ReadonlySet<string> = new Set(['date', 'number', 'quantity']);

/** Operators that are a modifier of the parameter. */
const asModifier: Record<string, { modifier: string; on: readonly string[] }> = {
  co: { modifier: 'contains', on: ['string'] },
  ss: { modifier: 'below', on: ['token', 'uri', 'reference'] },
  sb: { modifier: 'above', on: ['token', 'uri', 'reference'] },
  in: { modifier: 'in', on: ['token'] },
  ni: { modifier: 'not-in', on: ['token'] },
};

/** Operators that no parameter has as a modifier. */
const inner: Record<string, { modifier: Modifier; on: readonly string[] }> = {
  ew: { modifier: 'ends-with', on: ['string'] },
  po: { modifier: 'overlaps', on: ['date'] },
};

function compare(
  type: string,
  path: string,
  operator: string,
  value: string,
  options: QueryOptions,
  depth: number,
): Clause {
  const leaf = leafOf(parsed(type, `${path}:missing`, 'true', options, depth));
  const kind = leaf.type;
  const unfit = () =>
    new Refusal('not-supported', {
      diagnostics: `_filter: ${leaf.param} is not compared like that`,
    });
  // A token's bar and a quantity's are their syntax; a string has none.
  const raw = kind === 'string' ? escapeValue(value) : value.replace(/,/g, '\\,');
  const plain = (name = path, text = raw) => parsed(type, name, text, options, depth);
  const modified = (modifier: Modifier, on: readonly string[]) => {
    if (!on.includes(kind)) throw unfit();
    const clause = plain();
    leafOf(clause).modifier = modifier;
    return clause;
  };
  switch (operator) {
    case 'pr':
      if (value !== 'true' && value !== 'false') throw refused('_filter', 'pr: true or false');
      return plain(`${path}:missing`, value === 'true' ? 'false' : 'true');
    case 'eq':
      return kind === 'string' ? modified('equals', ['string']) : plain();
    case 'ne':
      return { kind: 'none', of: [kind === 'string' ? modified('equals', ['string']) : plain()] };
    case 'sw':
      if (kind !== 'string') throw unfit();
      return plain();
    case 're':
      if (kind !== 'reference') throw unfit();
      return plain();
    case 'gt':
    case 'lt':
    case 'ge':
    case 'le':
    case 'sa':
    case 'eb':
    case 'ap':
      if (!ordered.has(kind)) throw unfit();
      return plain(path, operator + raw);
    default: {
      const own = inner[operator];
      if (own) return modified(own.modifier, own.on);
      const named = asModifier[operator];
      if (!named) throw refused('_filter', 'no such operator');
      if (!named.on.includes(kind)) throw unfit();
      return plain(`${path}:${named.modifier}`);
    }
  }
}

function parsed(
  type: string,
  name: string,
  value: string,
  options: QueryOptions,
  depth: number,
): Clause {
  if (!/^[\w.:-]{1,200}$/.test(name) || name.startsWith('_filter'))
    throw refused('_filter', 'expected a parameter, an operator and a value');
  const last = name.split('.').at(-1)!.split(':')[0]!;
  if (!name.includes('.') && !name.startsWith('_has:') && !paramOf(type, last, options))
    throw new Refusal('not-supported', { diagnostics: '_filter: the type has no such parameter' });
  const clause = parseClause(type, name, value, options, depth + 1);
  if (!clause)
    throw new Refusal('not-supported', { diagnostics: '_filter: the type has no such parameter' });
  return clause;
}

/** The criterion at the end of a chain. */
function leafOf(clause: Clause): Criterion {
  if (clause.kind === 'value') return clause;
  if ('match' in clause) return leafOf(clause.match);
  throw refused('_filter', 'a filter within a filter');
}
