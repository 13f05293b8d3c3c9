/** A rule as a condition on the table of loaded concepts, every value a parameter. */
import { compilePattern } from '../filters/regex.ts';
import { askedWords } from '../filters/words.ts';
import type { Rule, Wanted } from '../model.ts';

export class Params {
  readonly values: unknown[] = [];
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/**
 * `index`: the condition may lead to the rows. `check`: the rows are found otherwise (by their codes, in their order); a
 * planner that knows no frequencies must not walk 300,000 ids of the index to look at one.
 */
export type By = 'index' | 'check';

const column = (name: 'ancestors' | 'parents' | 'properties', by: By): string =>
  by === 'index' ? `c.${name}` : `(c.${name} || '{}')`;

/** The condition for `terminology.concept c`, whose system is the first parameter. */
export function conditionOf(wanted: Wanted, params: Params, by: By = 'index'): string {
  const parts = [ruleSql(wanted.rule, params, by)];
  if (wanted.activeOnly) parts.push('not c.inactive');
  if (wanted.usableOnly) parts.push('not c.abstract');
  const text = wanted.text?.trim();
  if (text) parts.push(textSql(text, params));
  return parts.join(' and ');
}

/** Codes are among the words, so that one index answers both. */
function textSql(text: string, params: Params): string {
  const words = askedWords(text);
  if (words.length === 0) return 'false';
  // Words are letters and digits only: nothing in them is an operator of tsquery.
  return `c.words @@ ${params.add(words.map((word) => `'${word}':*`).join(' & '))}::tsquery`;
}

const idOf = (code: string, params: Params): string =>
  `array[(select x.id from terminology.concept x where x.system = $1 and x.code = ${params.add(code)})]`;

/** @throws Refusal `invalid` for a pattern that cannot be read */
export function ruleSql(rule: Rule, params: Params, by: By = 'index'): string {
  switch (rule.is) {
    case 'all':
      return 'true';
    case 'codes':
      return `c.code = any(${params.add(rule.codes)}::text[])`;
    case 'below': {
      const below = `${column('ancestors', by)} @> ${idOf(rule.code, params)}`;
      return rule.self ? below : `(${below} and c.code <> ${params.add(rule.code)})`;
    }
    case 'above':
      return `c.id in (select unnest(x.ancestors) from terminology.concept x where x.system = $1 and x.code = ${params.add(rule.code)})`;
    case 'child':
      return `${column('parents', by)} @> ${idOf(rule.of, params)}`;
    case 'property':
      return propertySql(rule.property, rule.values, params, by);
    case 'has':
      return columnOf(rule.property)
        ? 'true'
        : `jsonb_exists(c.properties, ${params.add(rule.property)})`;
    case 'matches': {
      // Read first by our own reader: what PostgreSQL is given has no look-around and no back reference.
      compilePattern(rule.pattern);
      const pattern = params.add(
        `^(?:${rule.pattern.replace(/^\^/, '').replace(/(?<!\\)\$$/, '')})$`,
      );
      const own = columnOf(rule.property);
      return own
        ? `${own} ~ ${pattern}`
        : `exists (select from jsonb_array_elements_text(coalesce(c.properties -> ${params.add(rule.property)}, '[]')) v where v ~ ${pattern})`;
    }
    case 'and':
    case 'or':
      return `(${rule.rules.map((one) => ruleSql(one, params, by)).join(` ${rule.is} `)})`;
    case 'not':
      return `not (${ruleSql(rule.rule, params, by)})`;
  }
}

const columns: Readonly<Record<string, string>> = {
  code: 'c.code',
  concept: 'c.code',
  display: 'c.display',
  inactive: 'c.inactive::text',
  notSelectable: 'c.abstract::text',
  abstract: 'c.abstract::text',
};

const columnOf = (property: string): string | undefined =>
  Object.hasOwn(columns, property) ? columns[property] : undefined;

function propertySql(property: string, values: readonly string[], params: Params, by: By): string {
  const own = columnOf(property);
  if (own) return `${own} = any(${params.add(values)}::text[])`;
  const held = column('properties', by);
  const each = values.map(
    (value) => `${held} @> ${params.add(JSON.stringify({ [property]: [value] }))}::jsonb`,
  );
  return each.length === 0 ? 'false' : `(${each.join(' or ')})`;
}
