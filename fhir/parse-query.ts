/** The search grammar: parameters as sent become a tree of clauses and the shape of the answer. */
import { parseFilter } from './filter-expression.ts';
import { parseChain, parseHas } from './query-chains.ts';
import { parseControl } from './query-controls.ts';
import { splitEscaped } from './query-text.ts';
import { isTypeModifier, modifiers, parseValue } from './query-values.ts';
import { Refusal } from './refusal.ts';
import { isResourceType } from './resource-class.ts';
import { searchParams, type SearchParam, type SearchParams } from './search-params.ts';
import type { Clause, Criterion, Modifier, SearchQuery, SearchValue } from './search-query.ts';
import { wholeParams } from './special-params.ts';

export interface QueryOptions {
  /** Refuse parameters the type does not have (`Prefer: handling=strict`) instead of listing them in `unknown`. */
  strict?: boolean;
  /** Page size when `_count` is not given. Default 20. */
  defaultCount?: number;
  /** The most `_count` may ask for; more is cut down to it. Default 1000. */
  maxCount?: number;
  /** The server's own FHIR address, without a slash at its end. */
  baseUrl?: string;
  /** The request's instant in ms, for `ap` on dates. */
  now?: number;
  /** The parameters of a type. Default: the standard's own. */
  params?: SearchParams;
}

/** 64 clauses, 200 values each: wide enough for a panel of codes, too narrow to be a weapon. */
const mostClauses = 64;
const mostValues = 200;

/** Over all clauses: each value is looked at in every row, and hashed for every chart of a panel. */
const mostValuesTogether = 400;

/** Links of chains and `_has` together: each is a search of its own, of a thousand resources at most. */
const mostLinks = 16;

/** Of one parameter: a list of 200 canonical addresses with versions. */
const longestValue = 40_000;

/**
 * Parses the parameters of a search on one type [FHIR R4 search.html]. Repeats are AND, commas are OR, chains and
 * `_has` become trees. Parameters without a value are ignored. Throws `Refusal`: `invalid` (a malformed value),
 * `not-supported` (a modifier the parameter has not), `unknown-parameter` (strict only), `too-costly`. Messages name
 * parameters, never values.
 */
export function parseQuery(
  type: string,
  params: readonly (readonly [string, string])[],
  options: QueryOptions = {},
): SearchQuery {
  if (!isResourceType(type))
    throw new Refusal('not-found', { diagnostics: 'No such resource type' });
  const query: SearchQuery = {
    type,
    clauses: [],
    include: [],
    revinclude: [],
    sort: [],
    count: options.defaultCount ?? 20,
    unknown: [],
  };
  for (const [name, value] of params) {
    if (value === '') continue;
    // A page address is the server's own and sealed.
    if (value.length > longestValue && name !== '_cursor')
      throw new Refusal('too-costly', { diagnostics: `${nameable(name)}: the value is too long` });
    if (parseControl(query, name, value, options)) continue;
    const clause = parseClause(type, name, value, options);
    if (!clause) query.unknown.push(nameable(name));
    // What is AND-ed anyway is found the better the more of it the index sees.
    else if (clause.kind === 'all') query.clauses.push(...clause.of);
    else query.clauses.push(clause);
  }
  requireAffordable(query);
  if (options.strict && query.unknown.length)
    throw new Refusal('unknown-parameter', { diagnostics: query.unknown.join(', ') });
  return query;
}

function requireAffordable({ clauses }: SearchQuery): void {
  const bound = (most: number, what: string, count: (clause: Clause) => number) => {
    if (clauses.reduce((sum, clause) => sum + count(clause), 0) > most)
      throw new Refusal('too-costly', { diagnostics: `More than ${most} ${what}` });
  };
  bound(mostClauses, 'criteria', criteriaIn);
  bound(mostLinks, 'links of chains', linksIn);
  bound(mostValuesTogether, 'values', valuesIn);
}

function valuesIn(clause: Clause): number {
  if (clause.kind === 'value') return clause.values.length;
  return within(clause).reduce((sum, one) => sum + valuesIn(one), 0);
}

function linksIn(clause: Clause): number {
  const own = clause.kind === 'chain' || clause.kind === 'has' ? 1 : 0;
  return within(clause).reduce((sum, one) => sum + linksIn(one), own);
}

function criteriaIn(clause: Clause): number {
  return within(clause).reduce((sum, one) => sum + criteriaIn(one), 1);
}

function within(clause: Clause): Clause[] {
  if (clause.kind === 'value') return [];
  return 'match' in clause ? [clause.match] : clause.of;
}

/** What is not even shaped like a parameter may be data in the wrong place: it is not repeated. */
function nameable(name: string): string {
  return /^[\w.:-]{1,100}$/.test(name) ? name : '(not a parameter name)';
}

/** The parameter of a type by its code, `_text`, `_content` and `_list` among them. */
export function paramOf(
  type: string,
  code: string,
  { params = searchParams }: QueryOptions,
): SearchParam | undefined {
  return params(type).get(code) ?? wholeParams.get(code);
}

/** One criterion, chain, `_has` or `_filter`; undefined when the type has no such parameter. */
export function parseClause(
  type: string,
  name: string,
  value: string,
  options: QueryOptions,
  depth = 0,
): Clause | undefined {
  if (name.startsWith('_has:')) return parseHas(name, value, options, depth);
  if (name === '_filter') return parseFilter(type, value, options, depth);
  const dot = name.indexOf('.');
  if (dot > 0) return parseChain(type, name, dot, value, options, depth);
  const [code = '', modifier, ...more] = name.split(':');
  const param = paramOf(type, code, options);
  if (!param) return undefined;
  if (more.length) throw refused(name, 'only one modifier can be given');
  return criterion(param, modifier, value, options);
}

function criterion(
  param: SearchParam,
  modifier: string | undefined,
  value: string,
  { baseUrl, now }: QueryOptions,
): Criterion {
  const { code, type } = param;
  const byType = modifier !== undefined && isTypeModifier(param, modifier);
  const known = modifiers[type]?.includes(modifier as Modifier) && !wholeParams.has(code);
  if (modifier !== undefined && !byType && !known)
    throw new Refusal('not-supported', { diagnostics: `${code} does not take this modifier` });
  const head = { kind: 'value', param: code, type } as const;
  if (modifier === 'missing') {
    if (value !== 'true' && value !== 'false') throw refused(`${code}:missing`, 'true or false');
    return { ...head, modifier, missing: value === 'true', values: [] };
  }
  const named = byType ? 'type' : (modifier as Modifier | undefined);
  const values = splitEscaped(value, ',')
    .filter((one) => one !== '')
    .map((raw): SearchValue => {
      const parsed = parseValue(raw, {
        param,
        ...(named ? { modifier: named } : {}),
        ...(byType ? { targetType: modifier } : {}),
        ...(baseUrl === undefined ? {} : { baseUrl }),
        ...(now === undefined ? {} : { now }),
      });
      if (!parsed) throw refused(code, `this is no ${type} value`);
      return parsed;
    });
  if (values.length === 0) throw refused(code, 'it has no value');
  if (values.length > mostValues)
    throw new Refusal('too-costly', { diagnostics: `${code}: more than ${mostValues} values` });
  return { ...head, ...(named ? { modifier: named } : {}), values };
}

/** A malformed parameter; `name` must be one the standard knows. */
export function refused(name: string, why: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${nameable(name)}: ${why}` });
}
