/** Until when a visit is cancelled at no consequence, and until when it is moved. */
import type { ScheduleRule } from '../contract.ts';
import type { VisitRow } from '../visit-row.ts';

const hour = 3_600_000;

/** ms since epoch; undefined: until it begins, the clinic has no such policy. */
export function freeUntil(
  { starts }: Pick<VisitRow, 'starts'>,
  rule: Pick<ScheduleRule, 'cancelFreeHours'> | undefined,
): number | undefined {
  const hours = rule?.cancelFreeHours;
  return hours === undefined ? undefined : starts - hours * hour;
}

/** Cancelled after the free time. A request that nobody confirmed is never late. */
export function isLate(
  row: Pick<VisitRow, 'starts' | 'state'>,
  rule: Pick<ScheduleRule, 'cancelFreeHours'> | undefined,
  now: number,
): boolean {
  const free = freeUntil(row, rule);
  return row.state !== 'requested' && free !== undefined && now > free;
}

/** Nobody has come yet, and it is not over. */
export function canMove(row: Pick<VisitRow, 'state' | 'ends'>, now: number): boolean {
  return (row.state === 'requested' || row.state === 'booked') && row.ends > now;
}
