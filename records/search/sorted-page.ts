/** A sort no index knows: all matches are read, put in order, and a page is cut from them. */
import type { SortKey } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { RecordsContext } from '../context.ts';
import { fold } from '../directory/fold.ts';
import type { Directory } from '../directory/index.ts';
import type { Planned } from './choose.ts';
import { fillPage } from './page.ts';
import type { Cut, Page, SortKeys } from './page.ts';
import type { Doc, Run } from './types.ts';

/** A chart's worth. Of more, the order would have to be made anew over all of them for each page. */
export const mostSorted = 1_000;

type Value = string | number | null;

/**
 * Every page reads all matches again and goes on after the last one given, so that what is written meanwhile neither
 * repeats nor hides what stays as it was.
 *
 * @throws Refusal `too-costly` above `mostSorted` matches
 */
export async function sortedPage(
  context: RecordsContext,
  directory: Directory,
  run: Run,
  planned: Planned,
  { keys, count, after }: { keys: SortKey[]; count: number; after?: Cut | undefined },
): Promise<Page & { total: number }> {
  const all: Doc[] = [];
  for (let from: Cut | undefined, more = true; more;) {
    const page = await fillPage(context, directory, run, planned, mostSorted, from);
    all.push(...page.docs);
    // Short pages go on only while the request can pay for them.
    if (all.length > mostSorted || (page.next && page.docs.length === mostSorted)) throw tooMany();
    if (page.next && run.cost.rows >= mostScanned) throw tooMany();
    from = page.next;
    more = page.next !== undefined;
  }
  const placed = all
    .map((doc) => ({ doc, values: keys.map((key) => valueOf(doc, key)), rid: doc.stored.rid }))
    .sort((a, b) => compare(a, b, keys));
  const last = after && { values: after.key as SortKeys, rid: after.rid };
  const rest = last ? placed.filter((one) => compare(one, last, keys) > 0) : placed;
  const page = rest.slice(0, count);
  const end = page.at(-1);
  return {
    docs: page.map((one) => one.doc),
    total: all.length,
    ...(rest.length > count && end && { next: { key: end.values, rid: end.rid } }),
  };
}

const mostScanned = 10_000;

function tooMany(): Refusal {
  return new Refusal('too-costly', {
    diagnostics: `_sort: more than ${mostSorted} matches to put in this order: narrow the search`,
  });
}

interface Placed {
  values: readonly Value[];
  rid: string;
}

/** Missing last whichever way; ids, ascending, break ties. */
function compare(a: Placed, b: Placed, keys: readonly SortKey[]): number {
  for (const [at, key] of keys.entries()) {
    const [x, y] = [a.values[at] ?? null, b.values[at] ?? null];
    if (x === y) continue;
    if (x === null) return 1;
    if (y === null) return -1;
    return x < y !== key.descending ? -1 : 1;
  }
  return a.rid < b.rid ? -1 : a.rid > b.rid ? 1 : 0;
}

/** [FHIR R4 search.html#sort] of several values the one that comes first in the order. */
function valueOf(doc: Doc, { param, type, descending }: SortKey): Value {
  if (param === '_id') return doc.stored.rid;
  if (param === '_lastUpdated') return doc.stored.updated;
  const indexed = doc.indexed(param);
  const values = valuesOf[type]?.(indexed) ?? [];
  return values.reduce<Value>((best, one) => {
    if (best === null) return one;
    return one < best === descending ? best : one;
  }, null);
}

const valuesOf: Partial<
  Record<string, (indexed: ReturnType<Doc['indexed']>) => (string | number)[]>
> = {
  string: ({ strings }) => strings.map(({ value }) => fold(value)),
  token: ({ tokens }) => tokens.flatMap(({ code }) => (code === undefined ? [] : [code])),
  date: ({ dates }) => dates.map(({ start }) => finite(start)),
  number: ({ numbers }) => numbers.map(({ low }) => finite(low)),
  // As written: two units are not put in one order.
  quantity: ({ quantities }) => quantities.map(({ low }) => finite(low)),
  uri: ({ uris }) => uris.map(({ value }) => value),
  reference: ({ references }) =>
    references.flatMap(({ type, id, url }) => (id ? [`${type}/${id}`] : url ? [url] : [])),
};

/** An open end, as a number that a page address can hold. */
function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}
