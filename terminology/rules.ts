/** Putting rules together, kept as small as they can be. */
import { tooCostly } from './refusals.ts';
import type { Rule } from './model.ts';

export const all: Rule = { is: 'all' };
export const none: Rule = { is: 'codes', codes: [] };

export const codes = (list: readonly string[]): Rule => ({ is: 'codes', codes: list });

const isNone = (rule: Rule): boolean => rule.is === 'codes' && rule.codes.length === 0;

export function or(rules: readonly Rule[]): Rule {
  const flat = flatten('or', rules).filter((rule) => !isNone(rule));
  if (flat.some((rule) => rule.is === 'all')) return all;
  const lists = flat.filter((rule) => rule.is === 'codes');
  const others = flat.filter((rule) => rule.is !== 'codes');
  const merged: Rule[] = lists.length
    ? [
        codes(
          lists.length === 1 ? lists[0]!.codes : [...new Set(lists.flatMap((one) => one.codes))],
        ),
      ]
    : [];
  return joined('or', [...merged, ...others], none);
}

export function and(rules: readonly Rule[]): Rule {
  const flat = flatten('and', rules).filter((rule) => rule.is !== 'all');
  return flat.some(isNone) ? none : joined('and', flat, all);
}

export function not(rule: Rule): Rule {
  if (rule.is === 'all') return none;
  if (isNone(rule)) return all;
  return rule.is === 'not' ? rule.rule : { is: 'not', rule };
}

function flatten(kind: 'and' | 'or', rules: readonly Rule[]): Rule[] {
  const flat = rules.flatMap((rule) => (rule.is === kind ? rule.rules : [rule]));
  return [...new Set(flat)];
}

function joined(kind: 'and' | 'or', rules: Rule[], empty: Rule): Rule {
  if (rules.length === 0) return empty;
  return rules.length === 1 ? rules[0]! : bounded({ is: kind, rules });
}

/** More than any value set written by people needs; imports of imports of imports double at each step. */
const mostParts = 5_000;

const sizes = new WeakMap<Rule, number>();

function sizeOf(rule: Rule): number {
  const known = sizes.get(rule);
  if (known !== undefined) return known;
  const inner =
    rule.is === 'not' ? [rule.rule] : rule.is === 'and' || rule.is === 'or' ? rule.rules : [];
  const size = inner.reduce((sum, one) => sum + sizeOf(one), 1);
  sizes.set(rule, size);
  return size;
}

/** @throws Refusal `too-costly` (422) */
function bounded(rule: Rule): Rule {
  if (sizeOf(rule) > mostParts) throw tooCostly('the value set has too many parts');
  return rule;
}

/** The codes among which all that the rule chooses are found, in their order; undefined: it names none. */
export function candidates(rule: Rule): readonly string[] | undefined {
  if (rule.is === 'codes') return rule.codes;
  if (rule.is === 'and') {
    for (const one of rule.rules) {
      const found = candidates(one);
      if (found) return found;
    }
  }
  if (rule.is === 'or') {
    const lists = rule.rules.map(candidates);
    if (lists.every((list) => list !== undefined)) return [...new Set(lists.flat())];
  }
  return undefined;
}
