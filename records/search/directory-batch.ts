/** A batch whose order and candidates come from the directory in memory, and whose rows and policy from one query. */
import type { Sql } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import type { Directory, Found, Overlay, TailRow } from '../directory/index.ts';
import { prepared } from '../prepared.ts';
import type { Row } from '../vault.ts';
import type { Planned } from './choose.ts';
import type { Batch, Cut } from './page.ts';
import { panelOf } from './reach.ts';
import { statement } from './statement.ts';
import type { Candidate } from './statement.ts';
import type { Run } from './types.ts';

/** A caller with grants may see few of the candidates: 400 go into one query before the panel is asked for instead. */
const mostProbes = 400;

/** A few rows go with those of concurrent searches; many in a statement of their own. */
const mostPoints = 32;

type Mixed = (Candidate & { sealed: null; is_tail: false }) | (TailRow & { is_tail: true });

/**
 * In the steady state one round trip: the statement that fetches the candidates' rows also probes the directory's
 * tail, in the same snapshot. Only if the memory changed meanwhile is it asked again.
 */
export function directoryBatch(
  { listed }: RecordsContext,
  directory: Directory,
  run: Run,
  planned: Planned,
) {
  const { tenant, at } = run.caller;
  const { criteria, sort } = planned.directory!;
  let overlay: Overlay | undefined;
  let level = false;
  let panel: ReadonlySet<string> | undefined;

  const find = (after: Cut | undefined, limit: number) =>
    directory.find(
      tenant,
      {
        type: planned.type,
        criteria,
        ...(sort && { sort }),
        ...(after && { after: { key: after.key ?? undefined, rid: after.rid } }),
        ...(panel && { among: panel }),
        limit,
        now: at,
      },
      overlay,
    );

  async function catchUp() {
    for (;;) {
      const { rows } = await run.sql.query<TailRow>(directory.tail(tenant));
      const taken = await directory.take(tenant, rows);
      overlay = taken.open ?? overlay;
      if (!taken.more) break;
    }
    level = true;
  }

  return async (after: Cut | undefined, limit: number): Promise<Batch> => {
    await directory.load(run.sql, tenant);
    // A transaction sees its own writes and nobody else does: they are kept apart, so they are asked for first.
    if (run.open && !level) await catchUp();
    const most = run.caller.wildcard ? limit : Math.max(limit, mostProbes);
    for (;;) {
      const version = directory.version(tenant);
      let found = find(after, most);
      if (found.length === most && !run.caller.wildcard && !panel && planned.type === 'Patient') {
        const granted = await panelOf(run);
        if (granted) {
          panel = new Set(granted);
          found = find(after, most);
        }
      }
      const rids = found.map((one) => one.rid);
      if (!run.open && planned.filters.length === 0 && rids.length <= mostPoints) {
        const rows = await listed({ caller: run.caller, type: planned.type, rids });
        const probed = !level;
        level = true;
        if (probed && directory.version(tenant) !== version) continue;
        return batchOf(found, rows, most);
      }
      const asked = rowsOf(directory, run, planned, rids, !level);
      if (!asked) return { rows: [], exhausted: true };
      const { rows } = await run.sql.query<Mixed>(asked);
      const tail = rows.filter((row) => row.is_tail);
      const taken = await directory.take(tenant, tail);
      const probed = !level;
      level = true;
      if (taken.more) await catchUp();
      // What another search took in a moment ago is news here too.
      if (taken.news || (probed && directory.version(tenant) !== version)) continue;
      const byRid = new Map(rows.filter((row) => !row.is_tail).map((row) => [row.rid, row]));
      return batchOf(
        found,
        rids.map((rid) => byRid.get(rid) as Row | undefined),
        most,
      );
    }
  };
}

/** Rows in the order of what the directory found; undefined where the caller may not see it. */
function batchOf(found: Found[], rows: (Row | undefined)[], most: number): Batch {
  return {
    rows: found.map(({ rid, key }, at) => {
      const row = rows[at];
      return { cut: { key: key ?? null, rid }, ...(row && { row }) };
    }),
    exhausted: found.length < most,
  };
}

function rowsOf(
  directory: Directory,
  run: Run,
  planned: Planned,
  rids: string[],
  withTail: boolean,
): Sql | undefined {
  const main =
    rids.length > 0
      ? statement({
          caller: run.caller,
          type: planned.type,
          driver: { kind: 'rids', rids },
          parts: planned.filters,
          order: { by: 'rid', descending: false },
          limit: rids.length,
        })
      : undefined;
  if (!withTail) return main && short(prepared(marked(main.text), main.values ?? []));
  const tail = directory.tail(run.caller.tenant);
  const values = [...(main?.values ?? []), ...(tail.values ?? [])];
  const offset = main?.values?.length ?? 0;
  const tailText = tail.text.replace(/\$(\d)/g, (_, n: string) => `$${Number(n) + offset}`);
  const tailRows = `select null::int as version, null::bigint as updated, null::text as verb,
      null::bigint as at, null::bigint as until, null::uuid as owner, null::bytea as compartment_hash,
      null::bigint[] as labels, null::bytea as body, t.type, t.rid, t.deleted, t.seq, t.xid, t.sealed, t.xmin, t.own,
      true as is_tail from (${tailText}) t`;
  if (!main) return short(prepared(tailRows, values));
  return short(prepared(`${marked(main.text)} union all ${tailRows}`, values));
}

/** Rows by their ids, and a tail that is short. */
const short = (sql: Sql): Sql => ({ ...sql, inLine: true });

function marked(text: string): string {
  return `select m.version, m.updated, m.verb, m.at, m.until, m.owner, m.compartment_hash, m.labels, m.body,
    m.type, m.rid, m.deleted, null::bigint as seq, null::text as xid, null::bytea as sealed, null::text as xmin,
    null::boolean as own, false as is_tail from (${text}) m`;
}
