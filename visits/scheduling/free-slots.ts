/** Free times: what the rule offers less what is taken, at this instant. */
import type { Queryable } from '@afar/platform';
import type { FreeSlot } from '../contract.ts';
import { iso } from '../house.ts';
import { blockedSpan, slotSpans, type Span } from './open-hours.ts';
import type { StoredSchedule } from './schedules.ts';
import { slotId } from './slot-id.ts';

const minute = 60_000;
const day = 86_400_000;

/** The stretch of time in which this schedule takes bookings now. */
export function bookable({ rule, until = Infinity }: StoredSchedule, now: number): Span {
  const end = Math.min(now + rule.horizonDays * day, until);
  return { start: now + rule.noticeMinutes * minute, end };
}

interface Taken extends Span {
  lane: number;
}

export async function takenSpans(
  sql: Queryable,
  tenant: number,
  actor: string,
  { start, end }: Span,
): Promise<Taken[]> {
  const { rows } = await sql.query<Taken>({
    name: 'visits.taken',
    text: `select lane, lower(blocked) as start, upper(blocked) as "end" from visits.busy
      where tenant = $1 and actor = $2 and blocked && int8range($3, $4)`,
    values: [tenant, actor, start, end],
  });
  return rows;
}

/** A time is free while one lane has nothing in the way of it. */
export function isFree(blocked: Span, capacity: number, taken: readonly Taken[]): boolean {
  const lanes = new Set(
    taken
      .filter((one) => one.start < blocked.end && one.end > blocked.start && one.lane < capacity)
      .map((one) => one.lane),
  );
  return lanes.size < capacity;
}

/** Every time of a schedule in [from, to) with whether it is free; past and too near ones are left out. */
export async function slotsOf(
  sql: Queryable,
  tenant: number,
  schedule: StoredSchedule,
  span: Span,
  now: number,
): Promise<(FreeSlot & { free: boolean })[]> {
  const { rule, rid } = schedule;
  const window = bookable(schedule, now);
  const from = Math.max(span.start, window.start);
  const to = Math.min(span.end, window.end);
  if (from >= to) return [];
  const offered = slotSpans(rule, from, to);
  const first = offered[0];
  if (!first) return [];
  const whole = {
    start: blockedSpan(rule, first.start).start,
    end: blockedSpan(rule, offered.at(-1)!.start).end,
  };
  const taken = await takenSpans(sql, tenant, rule.clinician, whole);
  return offered.map(({ start, end }) => ({
    id: slotId(rid, start),
    start: iso(start),
    end: iso(end),
    free: isFree(blockedSpan(rule, start), rule.capacity, taken),
  }));
}

export async function freeSlots(
  sql: Queryable,
  tenant: number,
  schedule: StoredSchedule,
  span: Span,
  now: number,
): Promise<FreeSlot[]> {
  const all = await slotsOf(sql, tenant, schedule, span, now);
  return all.filter((one) => one.free).map(({ id, start, end }) => ({ id, start, end }));
}
