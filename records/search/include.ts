/** `_include` and `_revinclude`: what the matches point at and what points at them, as far as the caller may see it. */
import type { Include, SearchQuery } from '@afar/fhir';
import { index, Refusal, resourceTypes, searchParams } from '@afar/fhir';
import type { RecordsContext } from '../context.ts';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { open } from './page.ts';
import type { Doc, Run } from './types.ts';

/** A page and what it drags along: above this the question is too wide. */
const mostIncluded = 1_000;

/** `:iterate` goes this many hops at most [FHIR R4 search.html#revinclude]. */
const deepest = 3;

/** Included resources, each once, none of them a match. One query for each `_include` and hop. */
export async function included(
  context: RecordsContext,
  run: Run,
  query: SearchQuery,
  matches: Doc[],
): Promise<Doc[]> {
  const known = new Set(matches.map(nameOf));
  const found: Doc[] = [];
  let sources = matches;
  for (let hop = 0; hop < deepest && sources.length > 0; hop++) {
    const fresh: Doc[] = [];
    const wanted = (list: Include[]) => list.filter((include) => hop === 0 || include.iterate);
    for (const [list, back] of [
      [wanted(query.include), false],
      [wanted(query.revinclude), true],
    ] as const) {
      for (const include of list) {
        for (const doc of await one(context, run, include, back, sources)) {
          if (known.has(nameOf(doc))) continue;
          known.add(nameOf(doc));
          fresh.push(doc);
        }
        if (found.length + fresh.length > mostIncluded) throw tooMany();
      }
    }
    found.push(...fresh);
    sources = fresh;
  }
  return found;
}

function tooMany(): Refusal {
  return new Refusal('too-costly', {
    diagnostics: `More than ${mostIncluded} included resources: ask for a smaller page`,
  });
}

async function one(
  context: RecordsContext,
  run: Run,
  include: Include,
  back: boolean,
  docs: Doc[],
): Promise<Doc[]> {
  const any = include.source === '*';
  const from = back || any ? docs : docs.filter((doc) => doc.stored.type === include.source);
  if (from.length === 0) return [];
  const params = new Params();
  const { caller } = run;
  const types = back ? (any ? resourceTypes : [include.source]) : targetTypes(include);
  const table = scoped(types, 'r', caller, params);
  if (table.types.length === 0) return [];
  const tenant = params.once('tenant', caller.tenant);
  const ids = params.add(from.map((doc) => doc.stored.rid));
  const [near, far] = back ? ['target', 'source'] : ['source', 'target'];
  const by =
    include.param === '*' ? '' : `and e.params @> array[${params.add(include.param)}]::text[]`;
  const nearType = back
    ? include.target && `and e.target_type = ${params.add(include.target)}`
    : any
      ? ''
      : `and e.source_type = ${params.add(include.source)}`;
  const { rows } = await run.sql.query<Row>(
    prepared(
      `select ${rowColumns('r')} from (select distinct e.${far}_type as type, e.${far} as rid
         from records.edge e where e.tenant = ${tenant} and e.${near} = any(${ids}::uuid[]) ${by} ${nearType ?? ''}
           and e.${far}_type = any(${params.add(table.types)}::text[])) x
       cross join lateral (select r.* from ${table.from}
         where r.type = x.type and r.rid = x.rid and not r.deleted and ${table.where} offset 0) r
       limit ${mostIncluded + 1}`,
      params.values,
    ),
  );
  // In one order each time: how the rows were found says nothing.
  rows.sort((a, b) => order(a.type, b.type) || order(a.rid, b.rid));
  const reached: Doc[] = [];
  for (const row of rows) {
    const doc = await open(context, run, row, 'read');
    if (doc) reached.push(doc);
  }
  // An edge is a clear row: the bodies on both ends have the last word.
  return back
    ? reached.filter((doc) => pointsAt(doc, include, new Set(from.map(nameOf))))
    : keepTargets(reached, include, from);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function targetTypes({ source, param, target }: Include): string[] {
  if (target) return [target];
  return [...(searchParams(source).get(param)?.targets ?? resourceTypes)];
}

function keepTargets(reached: Doc[], include: Include, from: Doc[]): Doc[] {
  const named = new Set(from.flatMap((doc) => pointers(doc, include)));
  return reached.filter((doc) => named.has(nameOf(doc)));
}

function pointsAt(doc: Doc, include: Include, names: ReadonlySet<string>): boolean {
  return pointers(doc, include).some((name) => names.has(name));
}

function pointers(doc: Doc, { param }: Include): string[] {
  const { references } = param === '*' ? index(doc.stored.resource) : doc.indexed(param);
  return references.flatMap(({ type, id }) => (type && id ? [`${type}/${id}`] : []));
}

function nameOf({ stored }: Doc): string {
  return `${stored.type}/${stored.id}`;
}
