/** Versions in the order they were written: of one resource, of types, or of the clinic; each behind the policy as it was. */
import type { Caller } from '@afar/access';
import type { Queryable } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';

/** A place in the order; `xid` and `seq` tell apart what was written in one millisecond. */
export interface Position {
  at: number;
  xid: string;
  seq: number | string;
}

/** What of the history is asked for. Times in ms since epoch, ends exclusive. */
export interface Span {
  /** Written at this time or later [FHIR R4 http.html#history, _since]. */
  since?: number | undefined;
  /** In force at some time of these [FHIR R4 http.html#history, _at]. */
  during?: { start: number; end: number } | undefined;
  ascending: boolean;
}

/** One change that was looked at; without a row when the caller may not see it, or `during` leaves it out. */
export interface Looked {
  position: Position;
  row?: Row;
}

type ChangeRow = Partial<Row> & { c_at: number; c_xid: string; c_seq: number | string };

/**
 * The next `limit` changes of these types behind `after`, visible or not, so that the place of the last is known. Each
 * type is one range of an index; the ranges are merged. The row of today is asked for too: who may not see today's version
 * may not see last year's.
 */
export async function changesOf(
  sql: Queryable,
  caller: Caller,
  types: readonly string[],
  span: Span,
  { after, limit }: { after?: Position | undefined; limit: number },
): Promise<Looked[]> {
  const params = new Params();
  const verb = 'history' as const;
  const now = scoped(types, 'r', caller, params, { verb });
  const then = scoped(types, 'h', caller, params, { verb, table: 'history' });
  const next = scoped(types, 'n', caller, params, { verb, table: 'history' });
  if (now.types.length === 0) return [];
  const [sign, order] = span.ascending ? ['>', 'asc'] : ['<', 'desc'];
  const bounds = [
    span.since !== undefined && `c.at >= ${params.add(span.since)}::bigint`,
    span.during && `c.at < ${params.add(span.during.end)}::bigint`,
    after &&
      `(c.at, c.xid, c.seq) ${sign} (${params.add(after.at)}::bigint, ${params.add(after.xid)}::xid8, ${params.add(after.seq)}::bigint)`,
  ].filter((one) => typeof one === 'string');
  const most = params.add(limit);
  const inForce = span.during
    ? `and coalesce(n.updated, case when r.version = c.version + 1 then r.updated end, ${params.add(span.during.start)}::bigint + 1)
         > ${params.add(span.during.start)}::bigint`
    : '';
  const { rows } = await sql.query<ChangeRow>(
    prepared(
      `select c.at as c_at, c.xid::text as c_xid, c.seq as c_seq, v.* from (
         select k.* from unnest(${params.add(now.types)}::text[]) t(type)
         cross join lateral (select c.* from records.change c
           where c.tenant = ${params.once('tenant', caller.tenant)} and c.type = t.type ${bounds.map((one) => `and ${one}`).join(' ')}
           order by c.at ${order}, c.xid ${order}, c.seq ${order} limit ${most}::int) k
         order by at ${order}, xid ${order}, seq ${order} limit ${most}::int) c
       left join lateral (
         select ${rowColumns('r')} from ${now.from}
           where r.type = c.type and r.rid = c.rid and r.version = c.version and ${now.where}
         union all
         select ${rowColumns('h')} from ${now.from}
           join ${then.from} on h.type = r.type and h.rid = r.rid and h.version = c.version
           left join ${next.from} on n.type = r.type and n.rid = r.rid and n.version = c.version + 1 and ${next.where}
           where r.type = c.type and r.rid = c.rid and r.version > c.version and ${now.where} and ${then.where} ${inForce}
       ) v on true
       order by c.at ${order}, c.xid ${order}, c.seq ${order}`,
      params.values,
    ),
  );
  return rows.map(({ c_at, c_xid, c_seq, ...row }) => ({
    position: { at: c_at, xid: c_xid, seq: c_seq },
    ...(row.rid && { row: row as Row }),
  }));
}

/** Versions of one resource behind the version `after`. */
export async function versionsOf(
  sql: Queryable,
  caller: Caller,
  key: { type: string; rid: string },
  span: Span,
  { after, limit }: { after?: number | undefined; limit: number },
): Promise<Row[]> {
  const params = new Params();
  const verb = 'history' as const;
  const now = scoped(key.type, 'r', caller, params, { verb });
  const then = scoped(key.type, 'h', caller, params, { verb, table: 'history' });
  const rid = params.add(key.rid);
  const [sign, order] = span.ascending ? ['>', 'asc'] : ['<', 'desc'];
  const bounds = [
    after !== undefined && `version ${sign} ${params.add(after)}::int`,
    span.since !== undefined && `updated >= ${params.add(span.since)}::bigint`,
    span.during &&
      `updated < ${params.add(span.during.end)}::bigint and coalesce(replaced, ${params.add(span.during.start)}::bigint + 1)
        > ${params.add(span.during.start)}::bigint`,
  ].filter((one) => typeof one === 'string');
  const { rows } = await sql.query<Row>(
    prepared(
      `select * from (
         select a.*, lead(updated) over (order by version) as replaced from (
           select ${rowColumns('r')} from ${now.from} where r.rid = ${rid}::uuid and ${now.where}
           union all
           select ${rowColumns('h')} from ${now.from} join ${then.from} on h.rid = r.rid
             where r.rid = ${rid}::uuid and ${now.where} and ${then.where}) a) v
       where true ${bounds.map((one) => `and ${one}`).join(' ')}
       order by version ${order} limit ${params.add(limit)}::int`,
      params.values,
    ),
  );
  return rows;
}
