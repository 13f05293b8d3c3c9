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

export interface ListedQuery {
  caller: Caller;
  type: string;
  rids: string[];
}

/** Rows in the order of the ids; undefined where the caller may not see one. The directory is level with them afterwards. */
export type Listed = (query: ListedQuery) => Promise<(Row | undefined)[]>;

type Mixed = (Row & { is_tail: false; n: number }) | (TailRow & { is_tail: true });

/** Searches of one statement. */
const most = 16;

const points = scopedPoints([]).table;
const text = `select m.version, m.updated, m.verb, m.at, m.until, m.owner, m.compartment_hash, m.labels, m.body,
    m.type, m.rid, m.deleted, null::bigint as seq, null::text as xid, null::bytea as sealed, null::text as xmin,
    null::boolean as own, false as is_tail, m.n
  from (select k.n, r.* from ${points.from} where ${points.where} and not r.deleted) m
  union all
  select null, null, null, null, null, null, null, null, null,
    t.type, t.rid, t.deleted, t.seq, t.xid, t.sealed, t.xmin, t.own, true, null
  from (${tailText('$7', '$8', '$9')}) t`;

/** @throws (the query) Refusal `forbidden` when the role may not search the type */
export function createListed({ db }: { db: Db }, directory: Directory): Listed {
  async function rowsOf(queries: ListedQuery[]): Promise<(Row | undefined)[][]> {
    const { tenant } = queries[0]!.caller;
    const wanted = queries.flatMap(({ caller, type, rids }) =>
      rids.map((rid) => ({ caller, type, rid, verb: 'search' as const })),
    );
    const { rows } = await db.query<Mixed>({
      name: 'records.listed',
      inLine: true,
      text,
      values: [...scopedPoints(wanted).values, ...directory.tail(tenant).values!],
    });
    let { more } = await directory.take(
      tenant,
      rows.filter((row) => row.is_tail),
    );
    while (more) {
      const tail = await db.query<TailRow>(directory.tail(tenant));
      ({ more } = await directory.take(tenant, tail.rows));
    }
    const found: (Row | undefined)[] = wanted.map(() => undefined);
    for (const row of rows) if (!row.is_tail) found[row.n - 1] = row;
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
