/**
 * Rows that the directory found, gathered: one statement fetches them for concurrent searches, each judged by its own caller, and
 * probes the directory's tail in the same snapshot.
 */
import type { Caller } from '@afar/access';
import { batcher } from '@afar/platform';
import type { Db } from '@afar/platform';
import type { Directory, TailRow } from '../directory/index.ts';
import { tailText } from '../directory/index.ts';
import { requireVerb, scopedPoints } from '../scoped.ts';
import type { Row } from '../vault.ts';
import { rowOf, rowSelected } from './row-columns.ts';
import type { RowColumns } from './row-columns.ts';

export interface ListedQuery {
  caller: Caller;
  type: string;
  rids: string[];
}

/** Rows in the order of the ids; undefined where the caller may not see one. The directory is level with them afterwards. */
export type Listed = (query: ListedQuery) => Promise<(Row | undefined)[]>;

/** Searches of one statement. */
const most = 16;

const points = scopedPoints([]).table;
// Rows of the tail, which there rarely are, travel in the columns of the others; `n` is null in them.
const text = `select m.n, ${rowSelected('m')}, null::text as tail
  from (select k.n, r.* from ${points.from} where ${points.where} and not r.deleted) m
  union all
  select null, t.rid, null, t.seq, t.type, null, null, null, null, null, t.sealed,
    concat_ws(' ', t.xid, t.xmin, t.deleted, t.own)
  from (${tailText('$10', '$11', '$12')}) t`;

type Columns = [...RowColumns, tail: null] | TailColumns;

type TailColumns = [
  n: null,
  rid: string,
  version: null,
  seq: number,
  type: string,
  at: null,
  until: null,
  owner: null,
  compartmentHash: null,
  labels: null,
  sealed: TailRow['sealed'],
  tail: string,
];

function tailOf([, rid, , seq, type, , , , , , sealed, tail]: TailColumns): TailRow {
  const [xid = '', xmin = '', deleted, own] = tail.split(' ');
  return { type, rid, seq, xid, sealed, deleted: deleted === 't', xmin, own: own === 't' };
}

/** @throws (the query) Refusal `forbidden` when the role may not search the type */
export function createListed({ db }: { db: Db }, directory: Directory): Listed {
  async function rowsOf(queries: ListedQuery[]): Promise<(Row | undefined)[][]> {
    const { tenant } = queries[0]!.caller;
    const wanted = queries.flatMap(({ caller, type, rids }) =>
      rids.map((rid) => ({ caller, type, rid, verb: 'search' as const })),
    );
    const { rows } = await db.query<Columns>({
      name: 'records.listed',
      inLine: true,
      rowMode: 'array',
      text,
      values: [...scopedPoints(wanted).values, ...directory.tail(tenant).values!],
    });
    const found: (Row | undefined)[] = wanted.map(() => undefined);
    const news: TailRow[] = [];
    for (const columns of rows) {
      if (columns[0] === null) news.push(tailOf(columns));
      else found[columns[0] - 1] = rowOf(wanted[columns[0] - 1]!.type, columns);
    }
    let { more } = await directory.take(tenant, news);
    while (more) {
      const tail = await db.query<TailRow>(directory.tail(tenant));
      ({ more } = await directory.take(tenant, tail.rows));
    }
    let from = 0;
    return queries.map(({ rids }) => found.slice(from, (from += rids.length)));
  }

  const load = batcher(rowsOf, {
    size: most,
    take: (all) => all.filter(({ caller }) => caller.tenant === all[0]!.caller.tenant),
  });
  return async (query) => {
    requireVerb(query, 'search');
    return load(query);
  };
}
