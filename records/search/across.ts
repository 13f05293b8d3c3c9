/** A search over several types at once: type after type, or merged by date of change [FHIR R4 http.html#search]. */
import { may } from '@afar/access';
import type { QueryOptions, SearchQuery } from '@afar/fhir';
import { parseQuery, Refusal } from '@afar/fhir';
import type { DataKey } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, typesThere } from '../scoped.ts';
import type { Answer } from './answer.ts';
import { selfLink, usedParams } from './answer.ts';
import { refuseOrWarn } from './choose.ts';
import { sealCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { included } from './include.ts';
import { fillPage } from './page.ts';
import type { Cut, Page } from './page.ts';
import { typesIn } from './places.ts';
import type { Place } from './places.ts';
import type { Searching } from './search.ts';
import { sortingOf } from './sorting.ts';
import type { Sorting } from './sorting.ts';
import { totalOf } from './total.ts';
import type { Doc, Run } from './types.ts';

export interface Asked {
  params: [string, string][];
  options: QueryOptions;
  cursor: Cursor | undefined;
  tenantKey: DataKey;
  fhirUrl: string;
}

/** @throws Refusal as a search of one type; `not-supported` for a sort that not all types have in one order */
export async function acrossTypes(
  searching: Searching,
  run: Run,
  place: Place,
  { params, options, cursor, tenantKey, fhirUrl }: Asked,
): Promise<Answer> {
  const { context, directory } = searching;
  const { types, possible } = await typesOf(searching, run, place, params);
  const { queries, used } = parseAll(types, possible, params, options, run.warnings);
  const [any = parseQuery('Basic', used, options)] = queries;
  const refuse = refuseOrWarn(run.strict, run.warnings);
  const sorting = commonSorting(any, refuse);
  for (const query of queries) query.clauses.push(...(place.clauses?.(query.type) ?? []));
  const common = {
    type: place.path,
    query: any,
    warnings: run.warnings,
    baseUrl: fhirUrl,
    self: selfLink(fhirUrl, place.path, usedParams(used, any)),
  };

  const plan = (query: SearchQuery) => searching.plan(run, query, sorting);
  let total: number | undefined;
  if (any.total === 'accurate' || any.count === 0 || any.summary === 'count') {
    total = 0;
    for (const query of queries) {
      const one = await totalOf(context, directory, run, query, await plan(query), refuse);
      total = one === undefined || total === undefined ? undefined : total + one;
    }
    if (any.count === 0 || any.summary === 'count') {
      return { ...common, matches: [], included: [], total };
    }
  }
  const fill = async (query: SearchQuery, count: number, after: Cut | undefined) =>
    fillPage(context, directory, run, await plan(query), count, after);
  const page =
    sorting.kind === 'order'
      ? await merged(queries, any.count, cursor, fill, sorting.order.descending)
      : await inTurn(queries, any.count, cursor, fill);
  const more =
    any.include.length + any.revinclude.length > 0
      ? await included(context, run, any, page.docs)
      : [];
  const whole = !cursor && !page.next ? page.docs.length : undefined;
  const next =
    page.next && sealCursor({ p: used, ...page.next }, place.path, run.caller, tenantKey);
  return {
    ...common,
    matches: page.docs.map((doc) => doc.stored),
    included: more.map((doc) => doc.stored),
    total: total ?? (any.total === 'none' ? undefined : whole),
    ...(next && { next: `${fhirUrl}/${place.path}?_cursor=${next}` }),
  };
}

/**
 * The types worth asking: of all types, those of which the clinic has any. Those that were possible decide how the question is
 * understood: what the clinic holds of others' would show in it.
 */
async function typesOf(
  { context }: Searching,
  run: Run,
  { all }: Place,
  sent: [string, string][],
): Promise<{ types: string[]; possible: string[] }> {
  const named = typesIn(sent)?.filter((type) => all.includes(type));
  if (named) {
    for (const type of named)
      if (context.virtuals.has(type))
        throw new Refusal('not-supported', { diagnostics: `${type} is searched by itself only` });
    return { types: named, possible: named };
  }
  const params = new Params();
  const tenant = params.add(run.caller.tenant);
  const { rows } = await run.sql.query<{ type: string }>(
    prepared(typesThere(tenant), params.values),
  );
  const there = new Set(rows.map((row) => row.type));
  const possible = all.filter(
    (type) => !context.virtuals.has(type) && may(run.caller, 'search', type),
  );
  return { types: possible.filter((type) => there.has(type)), possible };
}

/** What every type understands, and in the same way. */
const everybodys =
  /^_(?:id|lastUpdated|tag|profile|security|count|total|summary|elements|type)(?::|$)/;

/** [FHIR R4 http.html#search] only parameters that all of the types have. */
function parseAll(
  types: readonly string[],
  possible: readonly string[],
  params: [string, string][],
  options: QueryOptions,
  warnings: string[],
): { queries: SearchQuery[]; used: [string, string][] } {
  const sent = params.filter(([name]) => name !== '_type');
  const unknown = new Set<string>();
  if (types !== possible && !sent.every(([name]) => everybodys.test(name)))
    for (const type of possible)
      for (const name of parseQuery(type, sent, options).unknown) unknown.add(name);
  const first = types.map((type) => parseQuery(type, sent, options));
  for (const name of first.flatMap((query) => query.unknown)) unknown.add(name);
  for (const name of unknown)
    warnings.push(`The parameter ${name} is not known to all of the types and was ignored`);
  const known = sent.filter(([name]) => !unknown.has(name));
  const queries = unknown.size > 0 ? types.map((type) => parseQuery(type, known, options)) : first;
  const typed = params.filter(([name, value]) => name === '_type' && value !== '');
  return { queries, used: [...typed, ...known.filter(([, value]) => value !== '')] };
}

function commonSorting(query: SearchQuery, refuse: (why: string) => void): Sorting {
  const sorting = sortingOf(query);
  const merges =
    sorting.kind === 'order' && sorting.order.by === 'updated' && !sorting.order.further;
  if (sorting.kind === 'natural' || merges) return sorting;
  refuse('_sort: several types are sorted by _lastUpdated only');
  return { kind: 'natural' };
}

type Fill = (query: SearchQuery, count: number, after: Cut | undefined) => Promise<Page>;

interface Several {
  docs: Doc[];
  next?: Pick<Cursor, 'k' | 'r' | 't'>;
}

/** Type after type, each in its own order. */
async function inTurn(
  queries: SearchQuery[],
  count: number,
  cursor: Cursor | undefined,
  fill: Fill,
): Promise<Several> {
  const docs: Doc[] = [];
  const begin = cursor ? queries.findIndex((query) => query.type === cursor.t) : 0;
  // The type's last resource is gone since: what comes after it in the list goes on.
  const from = cursor && begin < 0 ? queries.findIndex((one) => one.type > cursor.t!) : begin;
  for (const [at, query] of queries.entries()) {
    if (from < 0 || at < from) continue;
    const after =
      cursor && query.type === cursor.t && cursor.r !== ''
        ? { key: cursor.k, rid: cursor.r }
        : undefined;
    // Full: is there anything after it?
    const page = await fill(query, Math.max(count - docs.length, 1), after);
    if (docs.length === count) {
      if (page.docs.length > 0 || page.next)
        return { docs, next: { k: null, r: '', t: query.type } };
      continue;
    }
    docs.push(...page.docs);
    if (page.next) return { docs, next: { k: page.next.key, r: page.next.rid, t: query.type } };
  }
  return { docs };
}

/** In one order of change over all types: the last row's date and id say where each of them goes on. */
async function merged(
  queries: SearchQuery[],
  count: number,
  cursor: Cursor | undefined,
  fill: Fill,
  descending: boolean,
): Promise<Several> {
  const after = cursor && { key: cursor.k, rid: cursor.r };
  const all: Doc[] = [];
  let barrier: Spot | undefined;
  for (const query of queries) {
    const page = await fill(query, count, after);
    all.push(...page.docs);
    // What a type has not been looked through for cannot be passed by.
    const end = page.next && { updated: Number(page.next.key), rid: page.next.rid };
    if (end && (!barrier || compare(end, barrier, descending) < 0)) barrier = end;
  }
  all.sort((a, b) => compare(placeOf(a), placeOf(b), descending));
  const reached = barrier
    ? all.filter((doc) => compare(placeOf(doc), barrier, descending) <= 0)
    : all;
  const docs = reached.slice(0, count);
  const last = docs.length === count && docs.at(-1);
  if (last && docs.length < all.length) return { docs, next: cutOf(placeOf(last)) };
  return { docs, ...(barrier && { next: cutOf(barrier) }) };
}

interface Spot {
  updated: number;
  rid: string;
}

function placeOf({ stored }: Doc): Spot {
  return { updated: stored.updated, rid: stored.rid };
}

function cutOf({ updated, rid }: Spot): Several['next'] {
  return { k: updated, r: rid, t: '' };
}

function compare(a: Spot, b: Spot, descending: boolean): number {
  const way = descending ? -1 : 1;
  if (a.updated !== b.updated) return a.updated < b.updated ? -way : way;
  return a.rid === b.rid ? 0 : a.rid < b.rid ? -way : way;
}
