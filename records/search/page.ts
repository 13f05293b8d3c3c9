/** Fills a page: rows in order, opened, verified, until it is full or the budget is spent. */
import type { Indexed, SearchParam, SearchParams } from '@afar/fhir';
import { indexFound, Refusal, searchParams } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import { hasGranularScope, inScope } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import type { Directory } from '../directory/index.ts';
import { readerOf } from '../replicated.ts';
import type { Stored } from '../types.ts';
import { memoOf } from '../vault.ts';
import type { Row } from '../vault.ts';
import { noDate } from '../write/clinical-date.ts';
import type { Planned } from './choose.ts';
import { directoryBatch } from './directory-batch.ts';
import { isEmpty } from './conditions.ts';
import type { Position } from './order.ts';
import type { Candidate } from './statement.ts';
import { statement } from './statement.ts';
import type { Doc, Part, Run } from './types.ts';

/** Where the next page goes on: the last row scanned, matched or not. */
export interface Cut {
  key: SortKeys | string | number | null;
  rid: string;
}

/** Of a sort by several keys. */
export type SortKeys = readonly (string | number | null)[];

export interface Page {
  docs: Doc[];
  /** Absent when nothing is left. */
  next?: Cut;
}

export interface Batch {
  /** In order; a row without a body was hidden or filtered out. */
  rows: { cut: Cut; row?: Row }[];
  exhausted: boolean;
}

/** 2,000 rows opened and looked at cost about 0.1 s: then the page is given short, with a `next`. */
const budget = 2_000;

/** What a statement costs, in rows looked at: half a millisecond. */
const statementCost = 10;

/** Rows of the first go when only the body decides; each further go takes four times as many. */
const firstStep = 50;
const lastStep = 800;

export async function fillPage(
  context: RecordsContext,
  directory: Directory,
  run: Run,
  planned: Planned,
  count: number,
  after: Cut | undefined,
): Promise<Page> {
  const docs: Doc[] = [];
  let position = after;
  let scanned = 0;
  const certain =
    planned.all.every((part) => part.plan !== 'verify') &&
    !probes(planned) &&
    !hasGranularScope(run.caller, planned.type);
  const preparing = planned.all.filter((part) => part.prepare);
  let step = firstStep;
  const next = batches(context, directory, run, planned);
  for (;;) {
    // One more than is missing tells whether a next page exists, in the same round trip.
    const missing = count - docs.length + 1;
    const batch = await next(position, certain ? missing : Math.max(missing, step));
    const ahead =
      preparing.length > 0 ? await prepareBatch(context, run, batch, preparing) : undefined;
    for (const [at, { cut, row }] of batch.rows.entries()) {
      const opening = ahead ? ahead[at] : row && open(context, run, row, 'search');
      // A turn for each row of a page costs more than the look at it.
      const found = opening instanceof Promise ? await opening : opening;
      if (found && planned.all.every((part) => part.verify(found))) {
        if (docs.length === count) return { docs, next: position! };
        docs.push(found);
      }
      position = cut;
      scanned++;
    }
    step = Math.min(4 * step, lastStep);
    run.cost.rows += batch.rows.length + statementCost;
    const spent = run.cost.rows > run.limits.rows;
    if (spent && run.hop) throw tooManyRows(run.limits.rows);
    if (batch.exhausted) return { docs };
    if (scanned >= budget || spent) return { docs, next: position! };
  }
}

/** The hops of a search together look at so many rows at most. */
function tooManyRows(most: number): Refusal {
  return new Refusal('too-costly', {
    diagnostics: `The chains of this search pass through more than ${most} resources: narrow it`,
  });
}

/** Opens a batch whole, where parts look up what they need for all of its rows at once. */
async function prepareBatch(
  context: RecordsContext,
  run: Run,
  { rows }: Batch,
  parts: Part[],
): Promise<(Doc | undefined)[]> {
  const docs: (Doc | undefined)[] = [];
  for (const { row } of rows) docs.push(row && (await open(context, run, row, 'search')));
  const known = docs.filter((doc) => doc !== undefined);
  for (const part of parts) if (known.length > 0) await part.prepare!(known);
  return docs;
}

/** Many tokens, and filters beside: candidates are cut to a page before the filters see them. */
function probes({ driver, filters }: Planned): boolean {
  return driver?.kind === 'tokens' && driver.tokens.length > 1 && filters.length > 0;
}

/**
 * A row as a document; undefined when its patient was erased (what the key sealed is gone for good), and when the content is
 * outside the caller's granular scopes: whatever led to the row, this is the way out.
 */
export function open(
  context: RecordsContext,
  { caller, params }: Run,
  row: Row,
  verb: 'read' | 'search',
): Doc | undefined | Promise<Doc | undefined> {
  const told = (stored: Stored) =>
    inScope(caller, verb, stored) ? docOf(stored, params) : undefined;
  try {
    // Waited for only what is not at hand: a key that is in memory opens its row at once.
    const opened = context.vault.stored(caller.tenant, row);
    return opened instanceof Promise ? opened.then(told).catch(unlessErased) : told(opened);
  } catch (error) {
    return unlessErased(error);
  }
}

function unlessErased(error: unknown): undefined {
  if (error instanceof KeyErased) return undefined;
  throw error;
}

export function docOf(stored: Stored, params: SearchParams = searchParams): Doc {
  return new Opening(stored, params);
}

class Opening implements Doc {
  readonly stored: Stored;
  readonly #params: SearchParams;

  constructor(stored: Stored, params: SearchParams) {
    this.stored = stored;
    this.#params = params;
  }

  indexed(code: string): Indexed {
    const { stored } = this;
    const param = this.#params(stored.type).get(code) as SearchParam;
    // A chart's rows are looked at again and again: parsing them for this was a twentieth of a page.
    const known = memoOf(stored.json).indexed;
    let indexed = known.get(param);
    if (!indexed)
      known.set(param, (indexed = indexFound(code, param.type, param.find(stored.resource))));
    return indexed;
  }
}

function batches(
  context: RecordsContext,
  directory: Directory,
  run: Run,
  planned: Planned,
): (after: Cut | undefined, limit: number) => Promise<Batch> {
  if (planned.directory) return directoryBatch(context, directory, run, planned);
  const { caller } = run;
  const reader = readerOf(context, run.sql, caller, planned.type);
  const token = reader === run.sql ? newestOf(run, planned) : undefined;
  return async (after, limit) => {
    if (token === undefined || after) return sqlBatch(run, planned, after, limit, reader);
    return batchOf(await context.newest({ caller, type: planned.type, token, limit }), limit);
  };
}

/** The token of a search that asks for nothing but the newest rows of it, outside any transaction. */
function newestOf(run: Run, { driver, order, filters }: Planned): bigint | undefined {
  const one = driver?.kind === 'tokens' && driver.tokens.length === 1 && filters.length === 0;
  return one && order.by === 'at' && order.descending && !order.further && !run.open
    ? driver.tokens[0]
    : undefined;
}

async function sqlBatch(
  run: Run,
  planned: Planned,
  after: Cut | undefined,
  limit: number,
  reader: Queryable,
): Promise<Batch> {
  const { driver, order, type, filters } = planned;
  if (!driver || matchesNothing(planned)) return { rows: [], exhausted: true };
  const ask = async (undated: boolean, from: Position | undefined, most: number) => {
    const { rows } = await reader.query<Candidate>(
      statement({
        caller: run.caller,
        type,
        driver,
        parts: filters,
        order,
        ...(from && { after: from }),
        undated,
        limit: most,
      }),
    );
    return rows;
  };
  const from = after && { key: after.key as Position['key'], rid: after.rid };
  // Ascending dates: rows without one come last, in a segment of their own.
  const ascending = order.by === 'at' && !order.descending;
  const first = Array.isArray(from?.key) ? from.key[0] : from?.key;
  const inUndated = ascending && first === noDate;
  let rows = await ask(inUndated, from, limit);
  if (ascending && !inUndated && rows.length < limit) {
    rows = [...rows, ...(await ask(true, undefined, limit - rows.length))];
  }
  return batchOf(rows, limit);
}

function batchOf(rows: Candidate[], limit: number): Batch {
  return {
    rows: rows.map((row) => ({
      cut: { key: row.keys ?? row.key, rid: row.crid },
      ...(row.body && { row: row as Row }),
    })),
    exhausted: rows.length < limit,
  };
}

/** An empty list of ids or tokens: no row can match, no need to ask. */
export function matchesNothing({ driver, filters }: Planned): boolean {
  const empty =
    (driver?.kind === 'tokens' && driver.tokens.length === 0) ||
    (driver?.kind === 'rids' && driver.rids.length === 0) ||
    (driver?.kind === 'edge' && driver.targets.length === 0);
  return empty || filters.some(isEmpty);
}
