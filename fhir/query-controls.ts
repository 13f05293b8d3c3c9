/** Parameters that shape the answer: _count, _sort, _include, _total, _elements, _summary [FHIR R4 search.html#return]. */
import { Refusal } from './refusal.ts';
import { isResourceType } from './resource-class.ts';
import type { QueryOptions } from './parse-query.ts';
import { searchParams, type SearchParams } from './search-params.ts';
import type { Include, SearchQuery } from './search-query.ts';

function refuse(name: string, why: string): never {
  throw new Refusal('invalid', { diagnostics: `${name}: ${why}` });
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  return found ?? refuse(name, `one of ${allowed.join(', ')}`);
}

/** Takes a control parameter into the query; false when it is none. */
export function parseControl(
  query: SearchQuery,
  name: string,
  value: string,
  { maxCount = 1000, params = searchParams }: QueryOptions,
): boolean {
  switch (name) {
    case '_count':
      if (!/^\d{1,9}$/.test(value)) refuse(name, 'a whole number from 0');
      query.count = Math.min(Number(value), maxCount);
      return true;
    case '_sort':
      addSort(query, value, params);
      return true;
    case '_total':
      query.total = oneOf(name, value, ['none', 'estimate', 'accurate']);
      return true;
    case '_summary':
      query.summary = oneOf(name, value, ['true', 'text', 'data', 'count', 'false']);
      return true;
    case '_elements':
      query.elements = [...(query.elements ?? []), ...elementNames(value)];
      return true;
    case '_cursor':
      query.cursor = value;
      return true;
    // Content negotiation is not the search's business [FHIR R4 http.html#parameters].
    case '_format':
    case '_pretty':
      return true;
    // [FHIR R4 search.html#contained] contained resources are found in what contains them.
    case '_contained':
      if (oneOf(name, value, ['false', 'true', 'both']) !== 'false')
        throw new Refusal('not-supported', { diagnostics: '_contained: only false' });
      return true;
    case '_query':
      throw new Refusal('not-supported', { diagnostics: '_query: there are no named queries' });
    default:
      return parseIncludes(query, name, value, params);
  }
}

function elementNames(value: string): string[] {
  const names = value.split(',').map((one) => one.trim());
  if (names.some((one) => !/^[A-Za-z][\w.]{0,200}$/.test(one)))
    refuse('_elements', 'names of elements');
  return names;
}

/** [FHIR R4 search.html#sort] Only what has an order of its own. */
const sortable = new Set(['date', 'string', 'token', 'number', 'quantity', 'reference', 'uri']);

function addSort(query: SearchQuery, value: string, params: SearchParams): void {
  for (const key of value.split(',').slice(0, 10)) {
    const descending = key.startsWith('-');
    const param = params(query.type).get(descending ? key.slice(1) : key);
    if (!param || !sortable.has(param.type))
      throw new Refusal('not-supported', { diagnostics: '_sort: not a parameter to sort by' });
    query.sort.push({ param: param.code, type: param.type, descending });
  }
  // 5: a sixth key decides nothing that a person sees.
  if (query.sort.length > 5)
    throw new Refusal('too-costly', { diagnostics: '_sort: too many keys' });
}

const includeName = /^_(rev)?include(?::(iterate|recurse))?$/;

function parseIncludes(
  query: SearchQuery,
  name: string,
  value: string,
  params: SearchParams,
): boolean {
  const found = includeName.exec(name);
  if (!found) return false;
  const list = found[1] ? query.revinclude : query.include;
  const iterate = found[2] !== undefined;
  if (value === '*') {
    // Of `_include` only the matches' own references, unless it is asked again of what was included.
    list.push({ source: found[1] || iterate ? '*' : query.type, param: '*', iterate });
  } else list.push(include(name, value, iterate, params));
  if (list.length > 20) throw new Refusal('too-costly', { diagnostics: `${name}: too many` });
  return true;
}

/** [FHIR R4 search.html#revinclude] `Observation:subject:Patient`, `Observation:*`, `*` */
function include(name: string, value: string, iterate: boolean, params: SearchParams): Include {
  const [source = '', param = '', target, ...more] = value.split(':');
  if (!isResourceType(source) || more.length)
    refuse(name, 'expected Type:parameter or Type:parameter:Target');
  if (param !== '*' && params(source).get(param)?.type !== 'reference')
    refuse(name, `${source} has no such reference parameter`);
  if (target !== undefined && !isResourceType(target)) refuse(name, 'no such target type');
  return { source, param, ...(target === undefined ? {} : { target }), iterate };
}
