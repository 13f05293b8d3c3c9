/** The search grammar: parameters as sent become a tree of clauses and the shape of the answer. */
import { parseChain, parseHas } from './query-chains.ts';
import { parseControl } from './query-controls.ts';
import { splitEscaped } from './query-text.ts';
import { isTypeModifier, modifiers, parseValue } from './query-values.ts';
import { Refusal } from './refusal.ts';
import { isResourceType } from './resource-class.ts';
import { searchParams, type SearchParam } from './search-params.ts';
import type { Clause, Criterion, Modifier, SearchQuery, SearchValue } from './search-query.ts';

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
}

/** 64 clauses, 200 values each: wide enough for a panel of codes, too narrow to be a weapon. */
const mostClauses = 64;
const mostValues = 200;
/** Over all clauses: each value is looked at in every row, and hashed for every chart of a panel. */
const mostValuesTogether = 400;
/** Chains and `_has`: each is a search of its own, of a thousand resources at most. */
const mostJoins = 8;

/**
 * Parses the parameters of a search on one type [FHIR R4 search.html]. Repeats are AND, commas are OR, chains and
 * `_has` become trees. Parameters without a value are ignored. Throws `Refusal`: `invalid` (a malformed value),
 * `not-supported` (a modifier the parameter has not), `unknown-parameter` (strict only). Messages name parameters,
 * never values.
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
    if (value === '' || parseControl(query, name, value, options.maxCount ?? 1000)) continue;
    const clause = parseClause(type, name, value, options);
    if (clause) query.clauses.push(clause);
    else query.unknown.push(nameable(name));
  }
  if (query.clauses.length > mostClauses)
    throw new Refusal('too-costly', { diagnostics: `More than ${mostClauses} criteria` });
  if (query.clauses.filter(({ kind }) => kind !== 'value').length > mostJoins)
    throw new Refusal('too-costly', { diagnostics: `More than ${mostJoins} chains` });
  const values = query.clauses.reduce((sum, clause) => sum + valuesIn(clause), 0);
  if (values > mostValuesTogether)
    throw new Refusal('too-costly', { diagnostics: `More than ${mostValuesTogether} values` });
  if (options.strict && query.unknown.length)
    throw new Refusal('unknown-parameter', { diagnostics: query.unknown.join(', ') });
  return query;
}

function valuesIn(clause: Clause): number {
  return clause.kind === 'value' ? clause.values.length : valuesIn(clause.match);
}

/** What is not even shaped like a parameter may be data in the wrong place: it is not repeated. */
function nameable(name: string): string {
  return /^[\w.:-]{1,100}$/.test(name) ? name : '(not a parameter name)';
}

/** One criterion, chain or `_has`; undefined when the type has no such parameter. */
export function parseClause(
  type: string,
  name: string,
  value: string,
  options: QueryOptions,
  depth = 0,
): Clause | undefined {
  if (name.startsWith('_has:')) return parseHas(name, value, options, depth);
  const dot = name.indexOf('.');
  if (dot > 0) return parseChain(type, name, dot, value, options, depth);
  const [code = '', modifier, ...more] = name.split(':');
  const param = searchParams(type).get(code);
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
  if (type === 'special' && modifier !== 'missing')
    throw new Refusal('not-supported', { diagnostics: `${code} is not supported` });
  const byType = modifier !== undefined && isTypeModifier(param, modifier);
  if (modifier !== undefined && !byType && !modifiers[type]?.includes(modifier as Modifier))
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
