/** The standard's search parameters by type, each with an extractor compiled from its path program. */
import type { Resource } from '@medplum/fhirtypes';
import lines from './generated/search.json' with { type: 'json' };
import { compileAlternative, type Found } from './path-program.ts';
import type { SearchType } from './search-query.ts';

export interface SearchParam {
  code: string;
  type: SearchType;
  /** Types a reference may lead to; undefined is any. */
  targets?: string[];
  /** The elements the parameter speaks of, as they stand in the resource. */
  extract(resource: Resource): unknown[];
  /** The same with each element's FHIR type. */
  find(resource: Resource): Found[];
  composite?: Composite;
}

/** The search parameters of a type by their codes. */
export type SearchParams = (type: string) => ReadonlyMap<string, SearchParam>;

/** A composite matches when all components match inside one of the same `roots`. [FHIR R4 search.html#combining] */
export interface Composite {
  roots(resource: Resource): unknown[];
  components: { type: SearchType; find(root: unknown, resource: Resource): Found[] }[];
}

const byType = new Map<string, ReadonlyMap<string, SearchParam>>();
let text: Map<string, string> | undefined;

/** All parameters of a type, `_id` and the other common ones among them; empty for an unknown type. */
export function searchParams(type: string): ReadonlyMap<string, SearchParam> {
  const known = byType.get(type);
  if (known) return known;
  text ??= new Map(lines.map((line) => [line.split(';', 1)[0]!, line]));
  const own = text.get(type);
  const params = new Map<string, SearchParam>();
  if (own !== undefined)
    for (const line of [text.get('Resource')!, own])
      for (const item of line.split(';').slice(1)) {
        const param = parse(item);
        params.set(param.code, param);
      }
  // An unknown type must not grow the cache.
  if (own !== undefined) byType.set(type, params);
  return params;
}

function parse(item: string): SearchParam {
  const [code = '', type = '', ...rest] = item.split(' ');
  const kind = type as SearchType;
  if (kind === 'composite') return compositeParam(code, rest);
  const targets = rest
    .find((one) => one.startsWith('>'))
    ?.slice(1)
    .split(',');
  const alternatives = rest.filter((one) => !one.startsWith('>')).map(compileAlternative);
  const find = (resource: Resource): Found[] => {
    const out: Found[] = [];
    for (const alternative of alternatives) alternative(resource, out);
    return out;
  };
  return {
    code,
    type: kind,
    ...(targets ? { targets } : {}),
    find,
    extract: (resource) => find(resource).map(({ value }) => value),
  };
}

function compositeParam(code: string, [roots = '', ...parts]: string[]): SearchParam {
  const rootPrograms = roots.split(',').map((root) => compileAlternative(`${root}:Element`));
  const rootsOf = (resource: Resource): unknown[] => {
    const out: Found[] = [];
    for (const program of rootPrograms) program(resource, out);
    return out.map(({ value }) => value);
  };
  const components = parts.map((part) => {
    const [type = '', ...alternatives] = part.split('!');
    const programs = alternatives.map((one) => ({
      whole: one.startsWith('/'),
      run: compileAlternative(one.replace('/', '')),
    }));
    return {
      type: type as SearchType,
      find(root: unknown, resource: Resource): Found[] {
        const out: Found[] = [];
        for (const { whole, run } of programs) run(whole ? resource : root, out);
        return out;
      },
    };
  });
  return {
    code,
    type: 'composite',
    extract: rootsOf,
    find: (resource) => rootsOf(resource).map((value) => ({ type: 'Element', value })),
    composite: { roots: rootsOf, components },
  };
}
