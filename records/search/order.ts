/** The order of rows in SQL, and where in that order a page begins. */
import type { Params } from '../scoped.ts';
import { noDate } from '../write/clinical-date.ts';
import type { Spec } from './statement.ts';

/** One key: `at` the clinical date, `period` another date of the type, `updated`, `rid`. Missing comes last. */
export interface Key {
  by: 'at' | 'rid' | 'updated' | 'period';
  param?: string;
  descending: boolean;
}

/**
 * A key and those that decide where it does not; ids break ties.
 * The order of a directory answer is made in memory and is not known here.
 */
export interface Order extends Key {
  further?: Key[];
}

/** The last row scanned: its sort value (null when it has none; a list when there are several keys) and its id. */
export interface Position {
  key: (number | null)[] | number | null;
  rid: string;
}

/** True when each token's rows can be read in the order asked for, so that a page of many tokens reads a page of each. */
export function merges({ driver, order }: Pick<Spec, 'driver' | 'order'>): boolean {
  return (
    driver.kind === 'tokens' && driver.tokens.length > 1 && order.by === 'at' && !order.further
  );
}

/** What carries the dates: the token where one token drives or each token is read in order, else the row. */
export function dated({ driver, order }: Pick<Spec, 'driver' | 'order'>): 't' | 'r' {
  if (driver.kind !== 'tokens' || order.further) return 'r';
  return driver.tokens.length === 1 || order.by === 'at' ? 't' : 'r';
}

/** The value a row is sorted by, as `key` (and `keys`, when there are several) of the answer. */
export function keyColumns({ order }: Spec, params: Params): string {
  if (!order.further) return `${keyOf(order, params)} as key`;
  const keys = [order, ...order.further].map((key) => keyOf(key, params));
  return `null::bigint as key, array[${keys.join(', ')}]::bigint[] as keys`;
}

function keyOf({ by, param, descending }: Key, params: Params): string {
  if (by === 'at') return 'r.at';
  if (by === 'updated') return 'r.updated';
  if (by === 'rid') return 'null::bigint';
  // [FHIR R4 search.html#sort] of several values the one that comes first in the order.
  return `(select ${descending ? 'max' : 'min'}(p.starts) from records.period p where p.tenant = r.tenant
    and p.rid = r.rid and p.type = r.type and p.param = ${params.once(`sort:${param}`, param)})`;
}

export function ordering(spec: Spec, params: Params): string {
  const { by, descending, further } = spec.order;
  const way = descending ? 'desc' : 'asc';
  if (further) {
    const keys = [spec.order, ...further].map((key, at) => {
      const direction = key.descending ? 'desc' : 'asc';
      return `${sortedBy(key, at, params)} ${direction}${isPlain(key, at) ? '' : ' nulls last'}`;
    });
    return `${keys.join(', ')}, r.rid asc`;
  }
  if (by === 'rid') return `r.rid ${way}`;
  if (by === 'updated') return `r.updated ${way}, r.rid ${way}`;
  if (by === 'period') return `key ${way} nulls last, r.rid asc`;
  const alias = merges(spec) ? 'c' : dated(spec);
  return `${alias}.at ${way}, ${alias}.rid ${way}`;
}

/** `at` of what has no date is a number below all dates: ascending it must not come first, unless segments see to it. */
function sortedBy(key: Key, at: number, params: Params): string {
  return key.by === 'at' && !isPlain(key, at)
    ? `nullif(r.at, ${params.once('no date', noDate)}::bigint)`
    : keyOf(key, params);
}

/** Plain where it can be read from an index: never missing, or last by itself, or in a segment of its own. */
function isPlain(key: Key, at: number): boolean {
  return key.by === 'updated' || (key.by === 'at' && (key.descending || at === 0));
}

/** Conditions that leave what comes after the position. */
export function keyset(spec: Spec, params: Params): string[] {
  const { after, order, parts } = spec;
  const { by, descending } = order;
  const way = descending ? '<' : '>';
  if (order.further) return keysetOf([order, ...order.further], spec, params);
  const conditions: string[] = [];
  const pair = (row: string) =>
    `${row} ${way} (${params.add(after!.key)}::bigint, ${params.add(after!.rid)}::uuid)`;
  if (by === 'at') {
    const alias = dated(spec);
    if (alias === 't') {
      const befores = parts.map((part) => part.before).filter((before) => before !== undefined);
      for (const before of befores) conditions.push(`t.at < ${params.add(before)}::bigint`);
    }
    if (!descending) {
      const segment = spec.undated ? '=' : '>';
      conditions.push(`${alias}.at ${segment} ${params.once('no date', noDate)}::bigint`);
    }
    if (after) conditions.push(pair(`(${alias}.at, ${alias}.rid)`));
  } else if (after && by === 'rid') conditions.push(`r.rid ${way} ${params.add(after.rid)}::uuid`);
  else if (after && by === 'updated') conditions.push(pair('(r.updated, r.rid)'));
  else if (after)
    conditions.push(afterKeys([order], { ...after, key: [after.key as never] }, params));
  return conditions;
}

function keysetOf(keys: Key[], { after, undated }: Spec, params: Params): string[] {
  const [first] = keys as [Key];
  const conditions: string[] = [];
  if (first.by === 'at' && !first.descending) {
    conditions.push(`r.at ${undated ? '=' : '>'} ${params.once('no date', noDate)}::bigint`);
  }
  if (!after) return conditions;
  const [value] = after.key as (number | null)[];
  // Said again for the index, which does not look into an OR.
  if (isPlain(first, 0)) {
    conditions.push(
      `${keyOf(first, params)} ${first.descending ? '<=' : '>='} ${params.add(value)}::bigint`,
    );
  }
  return [...conditions, afterKeys(keys, after, params)];
}

/** After the position in the order of several keys, missing last, ids last of all. */
function afterKeys(keys: Key[], after: Position, params: Params): string {
  const values = after.key as (number | null)[];
  const last = `r.rid > ${params.add(after.rid)}::uuid`;
  const asked = keys.map((key, at) => {
    const plain = isPlain(key, at);
    const missing = !plain && (values[at] === null || (key.by === 'at' && values[at] === noDate));
    return { key, sql: sortedBy(key, at, params), plain, missing, value: values[at] ?? null };
  });
  return asked.reduceRight((rest, { key, sql, plain, missing, value }) => {
    // Nothing comes after what is missing but what is missing too.
    if (missing) return `(${sql} is null and ${rest})`;
    const place = `${params.add(value)}::bigint`;
    const beyond = `${sql} ${key.descending ? '<' : '>'} ${place}`;
    return `(${beyond}${plain ? '' : ` or ${sql} is null`} or (${sql} = ${place} and ${rest}))`;
  }, last);
}
