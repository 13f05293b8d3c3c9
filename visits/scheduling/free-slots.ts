/** Free times: what the rule offers less what is taken, at this instant. */
import type { Queryable } from '@afar/platform';
import type { FreeSlot } from '../contract.ts';
import { iso } from '../house.ts';
import { alongIn, type Need } from './along.ts';
import { blockedSpan, slotSpans, type Span } from './open-hours.ts';
import type { StoredSchedule } from './schedules.ts';
import { slotId } from './slot-id.ts';
import { isFree, takenSpans } from './taken.ts';

const minute = 60_000;
const day = 86_400_000;
/** No rule looks further; staff may book as far. */
const furthestDays = 730;

/** The stretch of time in which this schedule takes bookings now. Staff book what is nearer and further than patients may. */
export function bookable(
  { rule, until = Infinity }: StoredSchedule,
  now: number,
  staff = false,
): Span {
  const days = staff ? furthestDays : rule.horizonDays;
  const notice = staff ? 0 : rule.noticeMinutes;
  return { start: now + notice * minute, end: Math.min(now + days * day, until) };
}

export interface SlotWishes {
  /** Rooms and interpreters that must be free, too. */
  needs?: readonly Need[];
  staff?: boolean;
  /** Whose visit it would be: who has another one then, but for the one that is moved, is not offered the time. */
  patient?: { id: string; moving?: string };
  /** Time taken by these counts as free: the appointment that is moved, one's own hold. */
  except?: readonly string[];
}

/** Every time of a schedule in [from, to) with whether it is free; past and too near ones are left out. */
export async function slotsOf(
  sql: Queryable,
  tenant: number,
  schedule: StoredSchedule,
  span: Span,
  now: number,
  { needs = [], staff = false, except = [], patient }: SlotWishes = {},
): Promise<(FreeSlot & { free: boolean })[]> {
  const { rule, rid } = schedule;
  const window = bookable(schedule, now, staff);
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
  const [taken, along, planned] = await Promise.all([
    takenSpans(sql, { tenant, actors: [rule.clinician], span: whole, now, except }),
    alongIn(sql, { tenant, needs, span: whole, now, except }),
    takenSpans(sql, {
      tenant,
      actors: patient ? [patient.id] : [],
      span: whole,
      now,
      except: patient?.moving ? [...except, patient.moving] : except,
    }),
  ]);
  const hers = taken.get(rule.clinician) ?? [];
  const theirs = (patient && planned.get(patient.id)) || [];
  return offered.map((one) => ({
    id: slotId(rid, one.start),
    start: iso(one.start),
    end: iso(one.end),
    free:
      isFree(blockedSpan(rule, one.start), rule.capacity, hers) &&
      isFree(one, 1, theirs) &&
      !along(one).missing,
  }));
}

export async function freeSlots(
  sql: Queryable,
  tenant: number,
  schedule: StoredSchedule,
  span: Span,
  now: number,
  wishes: SlotWishes = {},
): Promise<FreeSlot[]> {
  const all = await slotsOf(sql, tenant, schedule, span, now, wishes);
  return all.filter((one) => one.free).map(({ id, start, end }) => ({ id, start, end }));
}
