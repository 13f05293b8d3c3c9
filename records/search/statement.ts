/** From a driver, filters and an order to one SQL statement that carries the policy. */
import type { Caller } from '@afar/access';
import type { Sql } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { noDate } from '../write/clinical-date.ts';
import { edgeCondition } from './compile.ts';
import type { Part } from './types.ts';

/** What the rows come from; everything else is a filter on them. */
export type Driver =
  | { kind: 'tokens'; tokens: bigint[] }
  | { kind: 'edge'; targets: string[]; params: string[] }
  | { kind: 'rids'; rids: string[] }
  | { kind: 'scan' };

/**
 * `at`: the clinical date, missing last. `period`: another date of the type, missing last. Ids break ties.
 * The order of a directory answer is made in memory and is not known here.
 */
export interface Order {
  by: 'at' | 'rid' | 'updated' | 'period';
  param?: string;
  descending: boolean;
}

/** The last row scanned: its sort value (null when it has none) and its id. */
export interface Position {
  key: number | null;
  rid: string;
}

export interface Spec {
  caller: Caller;
  type: string;
  driver: Driver;
  /** Filters: every clause but the one that drives. */
  parts: Part[];
  order: Order;
  after?: Position;
  /** Ascending `at` comes in two segments: dated rows, then those without a date. */
  undated?: boolean;
  limit: number;
}

/** A row of the answer; `body` is null where the index led to a row that is hidden, deleted or filtered out. */
export type Candidate = Omit<Row, 'body'> & {
  key: number | null;
  crid: string;
  body: Buffer | null;
};

/** Rows in order, the policy inside. */
export function statement(spec: Spec): Sql {
  const params = new Params();
  const body = source(spec, params);
  const order = ordering(spec);
  const limit = params.once('limit', spec.limit);
  return prepared(`${body} order by ${order} limit ${limit}::int`, params.values);
}

/** How many rows there are, bodies unread: for plans whose index alone decides. */
export function countStatement(spec: Omit<Spec, 'order' | 'limit'>): Sql {
  const params = new Params();
  const wide = { ...spec, order: { by: 'rid', descending: false }, limit: 0 } as Spec;
  const { from, where } = driven(wide, params, false);
  return prepared(
    `select count(distinct r.rid)::int as n from ${from} where ${where}`,
    params.values,
  );
}

/** True when each token's rows can be read in the order asked for, so that a page of many tokens reads a page of each. */
function merges({ driver, order }: Spec): boolean {
  return driver.kind === 'tokens' && driver.tokens.length > 1 && order.by === 'at';
}

function source(spec: Spec, params: Params): string {
  if (merges(spec)) return merged(spec, params);
  const { from, where } = driven(spec, params, true);
  return `select ${rowColumns('r')}, ${keyOf(spec, params)} as key, r.rid as crid from ${from} where ${where}`;
}

function driven(spec: Spec, params: Params, paged: boolean): { from: string; where: string } {
  const { caller, type, driver } = spec;
  const tenant = params.once('tenant', caller.tenant);
  const table = scoped(type, 'r', caller, params, { verb: 'search' });
  const conditions = [table.where, 'not r.deleted', ...filters(spec.parts, params)];
  let from: string = table.from;
  if (driver.kind === 'tokens') {
    const { tokens } = driver;
    const single = tokens.length === 1;
    from = single
      ? `records.token t join ${table.from} on r.tenant = t.tenant and r.rid = t.rid`
      : `(select distinct t.rid from records.token t where t.tenant = ${tenant}
           and t.token = any(${params.add(tokens.map(String))}::bigint[])) t
         join ${table.from} on r.rid = t.rid`;
    if (single) {
      conditions.push(`t.tenant = ${tenant}`, `t.token = ${params.add(String(tokens[0]))}::bigint`);
    }
  } else if (driver.kind === 'edge') {
    from = `(select distinct e.source from records.edge e where e.tenant = ${tenant}
        and e.target = any(${params.add(driver.targets)}::uuid[])
        and e.source_type = ${params.once(`type:${type}`, type)}
        and e.params && ${params.add(driver.params)}::text[]) e
      join ${table.from} on r.rid = e.source`;
  } else if (driver.kind === 'rids') {
    conditions.push(`r.rid = any(${params.add(driver.rids)}::uuid[])`);
  }
  if (paged) conditions.push(...keyset(spec, params));
  return { from, where: conditions.join('\n  and ') };
}

/**
 * One page of each token, merged by date, then joined: a panel of 400 patients reads 400 index ranges of a page each.
 * Every candidate comes back, its row only if it may be seen, so that paging goes on after what was scanned.
 */
function merged(spec: Spec, params: Params): string {
  const { caller, type, driver, order } = spec;
  const tokens = driver.kind === 'tokens' ? driver.tokens : [];
  const tenant = params.once('tenant', caller.tenant);
  const table = scoped(type, 'r', caller, params, { verb: 'search' });
  const way = order.descending ? 'desc' : 'asc';
  const limit = params.once('limit', spec.limit);
  const page = keyset(spec, params, 't.at', 't.rid');
  return `select ${rowColumns('r')}, c.at as key, c.rid as crid
    from (select distinct x.at, x.rid from unnest(${params.add(tokens.map(String))}::bigint[]) k(token)
      cross join lateral (select t.at, t.rid from records.token t
        where ${[`t.tenant = ${tenant}`, 't.token = k.token', ...page].join(' and ')}
        order by t.at ${way}, t.rid ${way} limit ${limit}::int) x
      order by x.at ${way}, x.rid ${way} limit ${limit}::int) c
    left join ${table.from} on r.rid = c.rid and not r.deleted
      and ${[table.where, ...filters(spec.parts, params)].join('\n  and ')}`;
}

function filters(parts: Part[], params: Params): string[] {
  return parts.flatMap((part) => {
    if (part.rids) return [`r.rid = any(${params.add(part.rids)}::uuid[])`];
    if (part.edge) return [edgeCondition(params, part.edge.targets, part.edge.params)];
    // The row holds its own tokens: no second probe of the index.
    if (part.tokens) return [`r.tokens && ${params.add(part.tokens.map(String))}::bigint[]`];
    return part.where ? [part.where(params)] : [];
  });
}

function keyOf(spec: Spec, params: Params): string {
  const { by, param, descending } = spec.order;
  if (by === 'at') return 'r.at';
  if (by === 'updated') return 'r.updated';
  if (by === 'rid') return 'null::bigint';
  return `(select ${descending ? 'max' : 'min'}(p.starts) from records.period p where p.tenant = r.tenant
    and p.rid = r.rid and p.type = r.type and p.param = ${params.once('sort', param)})`;
}

function ordering(spec: Spec): string {
  const { by, descending } = spec.order;
  const way = descending ? 'desc' : 'asc';
  if (by === 'rid') return `r.rid ${way}`;
  if (by !== 'at') return `key ${way} nulls last, r.rid asc`;
  if (merges(spec)) return `c.at ${way}, c.rid ${way}`;
  const alias = spec.driver.kind === 'tokens' && spec.driver.tokens.length === 1 ? 't' : 'r';
  return `${alias}.at ${way}, ${alias}.rid ${way}`;
}

function keyset(spec: Spec, params: Params, at?: string, rid?: string): string[] {
  const { after, order, driver } = spec;
  const { by, descending } = order;
  const alias = driver.kind === 'tokens' && driver.tokens.length === 1 ? 't' : 'r';
  const conditions: string[] = [];
  if (by === 'at') {
    const column = at ?? `${alias}.at`;
    if (!descending) {
      conditions.push(
        `${column} ${spec.undated ? '=' : '>'} ${params.once('no date', noDate)}::bigint`,
      );
    }
    if (after) {
      const last = `(${params.add(after.key)}::bigint, ${params.add(after.rid)}::uuid)`;
      conditions.push(`(${column}, ${rid ?? `${alias}.rid`}) ${descending ? '<' : '>'} ${last}`);
    }
  } else if (after && by === 'rid') {
    conditions.push(`r.rid ${descending ? '<' : '>'} ${params.add(after.rid)}::uuid`);
  } else if (after) {
    const key = keyOf(spec, params);
    const last = params.add(after.rid);
    conditions.push(
      after.key === null
        ? `(${key} is null and r.rid > ${last}::uuid)`
        : `(${key} ${descending ? '<' : '>'} ${params.once('after', after.key)}::bigint or ${key} is null
            or (${key} = ${params.once('after', after.key)}::bigint and r.rid > ${last}::uuid))`,
    );
  }
  return conditions;
}
