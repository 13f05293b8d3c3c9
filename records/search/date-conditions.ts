/** What the clear dates of a row can say about a date criterion: never more than a match implies. */
import type { DateValue } from '@afar/fhir';
import type { Params } from '../scoped.ts';
import { widened } from './intervals.ts';

/** Bounds every match obeys: some interval of the row starts below `before` and ends above `after`. */
export interface Bounds {
  before?: number;
  after?: number;
}

/** [FHIR R4 search.html#prefix], as conditions on a start and an exclusive end; `ne` says nothing. */
export function boundsOf(value: DateValue, now: number): Bounds {
  const { start, end } = value.prefix === 'ap' ? widened(value, now) : value;
  switch (value.prefix) {
    case 'eq':
    case 'ap':
      return { before: Math.ceil(end), after: Math.floor(start) };
    case 'lt':
    case 'eb':
      return { before: start };
    case 'le':
      return { before: end };
    case 'gt':
    case 'sa':
      return { after: end };
    case 'ge':
      return { after: start };
    case 'ne':
      return {};
  }
}

/** On a span that holds every value of the row: the type's clinical date. */
export function spanCondition(
  value: DateValue,
  params: Params,
  now: number,
  starts: string,
  until: string,
): string {
  const { before, after } = boundsOf(value, now);
  const conditions: string[] = [];
  if (before !== undefined) conditions.push(`${starts} < ${params.add(before)}::bigint`);
  if (after !== undefined) conditions.push(`${until} > ${params.add(after)}::bigint`);
  return conditions.length === 0 ? 'true' : `(${conditions.join(' and ')})`;
}

/** On records.period, where each value has a row. */
export function periodCondition(
  value: DateValue,
  params: Params,
  now: number,
  type: string,
  param: string,
): string {
  return `exists (select from records.period p where p.tenant = r.tenant and p.rid = r.rid
    and p.type = ${params.once(`type:${type}`, type)} and p.param = ${params.add(param)}
    and ${spanCondition(value, params, now, 'p.starts', 'p.until')} offset 0)`;
}

/** `meta.lastUpdated` is an instant of one millisecond. */
export function lastUpdatedCondition(value: DateValue, params: Params, now: number): string {
  return spanCondition(value, params, now, 'r.updated', '(r.updated + 1)');
}
