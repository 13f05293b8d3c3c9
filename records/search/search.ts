/** A search from its parameters to an answer: parse, plan, fill a page, include, link. */
import type { Caller } from '@afar/access';
import type { SearchQuery } from '@afar/fhir';
import { parseQuery } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import type { Directory } from '../directory/index.ts';
import { acrossTypes } from './across.ts';
import type { Answer } from './answer.ts';
import { selfLink, usedParams } from './answer.ts';
import { refuseOrWarn } from './choose.ts';
import type { Planned } from './choose.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { included } from './include.ts';
import { fillPage } from './page.ts';
import type { Cut, Page } from './page.ts';
import { ofType } from './places.ts';
import type { Place } from './places.ts';
import { createPlanner } from './planning.ts';
import type { Planner } from './planning.ts';
import { sortedPage } from './sorted-page.ts';
import { sortingOf } from './sorting.ts';
import type { Sorting } from './sorting.ts';
import { totalOf } from './total.ts';
import type { Doc, Run } from './types.ts';
import { virtualPage, virtualTotal } from './virtual.ts';
import { fhirUrlOf } from '../fhir-url.ts';

export interface SearchOptions {
  /** A write transaction, when it is not the database itself: the search sees what it has written so far. */
  sql?: Queryable;
  /** `Prefer: handling=strict`: what cannot be honoured is refused instead of warned about. */
  strict?: boolean;
}

export interface Search {
  /**
   * One page of what matches and the caller may see [FHIR R4 http.html#search].
   * @param at a type, a compartment or several types
   * @throws Refusal `forbidden`, `invalid`, `not-supported`, `unknown-parameter` (strict), `too-costly`
   */
  answer(
    caller: Caller,
    at: string | Place,
    params: [string, string][],
    options?: SearchOptions,
  ): Promise<Answer>;
}

/** What the parts of a search have in common. */
export interface Searching {
  context: RecordsContext;
  directory: Directory;
  plan: Planner;
}

export function createSearch(context: RecordsContext, directory: Directory): Search {
  const limits = { hops: 1_000, rows: 20_000, ...context.searchLimits };
  const searching: Searching = { context, directory, plan: createPlanner(context, directory) };

  async function answer(
    caller: Caller,
    at: string | Place,
    sent: [string, string][],
    { sql = context.db, strict = false }: SearchOptions = {},
  ): Promise<Answer> {
    const fhirUrl = fhirUrlOf(context, caller.tenant);
    const place = typeof at === 'string' ? ofType(at) : at;
    const { path } = place;
    const warnings: string[] = [];
    const { parameters } = context;
    const own = parameters.current(caller.tenant) ?? (await parameters.load(caller.tenant, sql));
    const run: Run = {
      caller,
      sql,
      open: sql !== context.db,
      warnings,
      strict,
      params: own.lookup,
      onBody: own.onBody,
      cost: { rows: 0 },
      limits,
      hops: new Map(),
      hop: false,
    };
    const tenantKey = await context.keys.tenant(caller.tenant);
    const sealed = sent.find(([name]) => name === '_cursor')?.[1];
    const cursor = sealed === undefined ? undefined : openCursor(sealed, path, caller, tenantKey);
    // A page address holds the whole query: what stands beside it does not count.
    const params = cursor?.p ?? sent;
    const options = { strict, baseUrl: fhirUrl, params: run.params };
    const { type } = place;
    if (type === undefined) {
      return acrossTypes(searching, run, place, { params, options, cursor, tenantKey, fhirUrl });
    }

    const query = parseQuery(type, params, options);
    query.clauses.push(...(place.clauses?.(type) ?? []));
    for (const name of query.unknown)
      warnings.push(`The parameter ${name} is unknown and was ignored`);
    const refuse = refuseOrWarn(strict, warnings);
    const used = usedParams(params, query);
    const seal = (cut: { key: Cursor['k']; rid: string }) =>
      sealCursor({ p: used, k: cut.key, r: cut.rid }, path, caller, tenantKey);
    const next = (page: string | undefined) =>
      page === undefined ? {} : { next: `${fhirUrl}/${path}?_cursor=${page}` };
    const common = { type, query, warnings, baseUrl: fhirUrl, self: selfLink(fhirUrl, path, used) };

    const provider = context.virtuals.get(type);
    if (provider) {
      const counted = query.count === 0 || query.summary === 'count';
      const counts = counted || query.total === 'accurate';
      const total = counts ? await virtualTotal(run, provider, query, refuse) : undefined;
      if (counted) return { ...common, matches: [], included: [], total };
      const page = await virtualPage(run, provider, query, cursor?.r);
      const end = page.next === undefined ? undefined : seal({ key: null, rid: page.next });
      const all = !cursor && end === undefined && query.total !== 'none';
      return {
        ...common,
        matches: [],
        virtual: page.resources,
        included: [],
        total: total ?? (all ? page.resources.length : undefined),
        ...next(end),
      };
    }

    const sorting = sortingOf(query);
    const planned = await searching.plan(run, query, sorting);
    const total = await totalOf(context, directory, run, query, planned, refuse);
    if (query.count === 0 || query.summary === 'count') {
      return { ...common, matches: [], included: [], total };
    }
    const after: Cut | undefined = cursor && { key: cursor.k, rid: cursor.r };
    const page = await pageOf(run, query, planned, sorting, after);
    const whole = !after && !page.next ? page.docs.length : page.total;
    const more: Doc[] =
      query.include.length + query.revinclude.length > 0
        ? await included(context, run, query, page.docs)
        : [];
    return {
      ...common,
      matches: page.docs.map((doc) => doc.stored),
      included: more.map((doc) => doc.stored),
      total: total ?? (query.total === 'none' ? undefined : whole),
      ...next(page.next && seal(page.next)),
    };
  }

  function pageOf(
    run: Run,
    { count }: SearchQuery,
    planned: Planned,
    sorting: Sorting,
    after: Cut | undefined,
  ): Promise<Page & { total?: number }> {
    if (sorting.kind !== 'memory') return fillPage(context, directory, run, planned, count, after);
    return sortedPage(context, directory, run, planned, { keys: sorting.keys, count, after });
  }

  return { answer };
}
