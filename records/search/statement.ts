/** From a driver, filters and an order to one SQL statement that carries the policy. */
import type { Caller } from '@afar/access';
import type { Sql } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { conditionOf } from './conditions.ts';
import { keyColumns, keyset, merges, ordering } from './order.ts';
import type { Order, Position } from './order.ts';
import type { Part } from './types.ts';

/** What the rows come from; everything else is a filter on them. */
export type Driver =
  | { kind: 'tokens'; tokens: bigint[] }
  | { kind: 'edge'; targets: string[]; params: string[] }
  | { kind: 'rids'; rids: string[] }
  | { kind: 'scan' };

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
  /** Of a sort by several keys. */
  keys?: (number | null)[];
  crid: string;
  body: Buffer | null;
};

/** Rows in order, the policy inside. */
export function statement(spec: Spec): Sql {
  const params = new Params();
  const limit = params.once('limit', spec.limit);
  const text = `${merges(spec) ? merged(spec, params) : driven(spec, params)} order by ${ordering(spec, params)} limit ${limit}::int`;
  return { ...prepared(text, params.values), inLine: true };
}

/** How many rows there are, bodies unread: for plans whose index alone decides. */
export function countStatement(spec: Omit<Spec, 'order' | 'limit'>): Sql {
  const params = new Params();
  const order = { by: 'rid', descending: false } as const;
  const { from, where } = source({ ...spec, order, limit: 0 }, params);
  return prepared(
    `select count(distinct r.rid)::int as n from ${from} where ${where.join(' and ') || 'true'}`,
    params.values,
  );
}

function driven(spec: Spec, params: Params): string {
  const { from, where } = source(spec, params);
  const conditions = [...where, ...keyset(spec, params)].join('\n  and ') || 'true';
  return `select ${rowColumns('r')}, ${keyColumns(spec, params)}, r.rid as crid from ${from} where ${conditions}`;
}

/**
 * The rows a candidate leads to: at most one, found by its primary key. `offset 0` keeps the planner from turning the
 * join around: on tables it had no statistics of it walked a whole type for every candidate (16 ms a page, not 0.3).
 */
function rowOf(spec: Spec, from: { rid: string; at?: string }, params: Params): string {
  const table = scoped(spec.type, 'r', spec.caller, params, { verb: 'search' });
  const conditions = [
    table.where,
    `r.rid = ${from.rid}`,
    ...(from.at ? [`r.at = ${from.at}`] : []),
    'not r.deleted',
    ...filters(spec.parts, params),
  ];
  return `lateral (select r.* from ${table.from} where ${conditions.join('\n  and ')} offset 0) r`;
}

function source(spec: Spec, params: Params): { from: string; where: string[] } {
  const { caller, type, driver } = spec;
  const tenant = params.once('tenant', caller.tenant);
  if (driver.kind === 'tokens') {
    const { tokens } = driver;
    if (tokens.length === 1) {
      return {
        from: `records.token t cross join ${rowOf(spec, { rid: 't.rid', at: 't.at' }, params)}`,
        where: [`t.tenant = ${tenant}`, `t.token = ${params.add(String(tokens[0]))}::bigint`],
      };
    }
    return {
      from: `(select distinct t.rid from records.token t where t.tenant = ${tenant}
          and t.token = any(${params.add(tokens.map(String))}::bigint[])) c
        cross join ${rowOf(spec, { rid: 'c.rid' }, params)}`,
      where: [],
    };
  }
  if (driver.kind === 'edge') {
    return {
      from: `(select distinct e.source from records.edge e where e.tenant = ${tenant}
          and e.target = any(${params.add(driver.targets)}::uuid[])
          and e.source_type = ${params.once(`type:${type}`, type)}
          and e.params && ${params.add(driver.params)}::text[]) c
        cross join ${rowOf(spec, { rid: 'c.source' }, params)}`,
      where: [],
    };
  }
  const table = scoped(type, 'r', caller, params, { verb: 'search' });
  const where = [table.where, 'not r.deleted', ...filters(spec.parts, params)];
  if (driver.kind === 'rids') where.push(`r.rid = any(${params.add(driver.rids)}::uuid[])`);
  return { from: table.from, where };
}

/**
 * One page of each token, merged by date, then joined: a panel of 400 patients reads 400 index ranges of a page each.
 * Every candidate comes back, its row only if it may be seen, so that paging goes on after what was scanned.
 */
function merged(spec: Spec, params: Params): string {
  const { caller, driver, order } = spec;
  const tokens = driver.kind === 'tokens' ? driver.tokens : [];
  const tenant = params.once('tenant', caller.tenant);
  const way = order.descending ? 'desc' : 'asc';
  const limit = params.once('limit', spec.limit);
  const range = [`t.tenant = ${tenant}`, 't.token = k.token', ...keyset(spec, params)];
  return `select ${rowColumns('r')}, c.at as key, c.rid as crid
    from (select distinct x.at, x.rid from unnest(${params.add(tokens.map(String))}::bigint[]) k(token)
      cross join lateral (select t.at, t.rid from records.token t where ${range.join(' and ')}
        order by t.at ${way}, t.rid ${way} limit ${limit}::int) x
      order by x.at ${way}, x.rid ${way} limit ${limit}::int) c
    left join ${rowOf(spec, { rid: 'c.rid', at: 'c.at' }, params)} on true`;
}

function filters(parts: Part[], params: Params): string[] {
  return parts.flatMap((part) => conditionOf(part)?.(params) ?? []);
}
