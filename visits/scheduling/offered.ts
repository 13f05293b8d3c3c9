/** Which schedule and span a slot id means, and whether it may be booked now. */
import { Refusal } from '@afar/fhir';
import type { VisitMode } from '../contract.ts';
import { bookable } from './free-slots.ts';
import { slotSpans, type Span } from './open-hours.ts';
import { fault, refuseFaults } from './rule.ts';
import type { StoredSchedule } from './schedules.ts';
import { readSlotId } from './slot-id.ts';

export interface Offered {
  schedule: StoredSchedule;
  span: Span;
}

/**
 * The schedule and span of a slot that may be booked now.
 * @param type absent: whichever way they meet
 * @throws Refusal 'invalid' (422): unknown, never offered, past, too near, too far, or not in this mode
 */
export function offered(
  schedules: readonly StoredSchedule[],
  { slotId, type }: { slotId: string; type?: VisitMode | undefined },
  now: number,
  staff = false,
): Offered {
  const refuse = (diagnostics: string): never => {
    throw new Refusal('invalid', { status: 422, issues: [fault('slotId', diagnostics)] });
  };
  const read = readSlotId(
    slotId,
    schedules.map((one) => one.rid),
  );
  const schedule = schedules.find((one) => one.rid === read?.schedule);
  const span = schedule && read && slotSpans(schedule.rule, read.start, read.start + 1).at(0);
  if (!schedule || !span) return refuse('no such time');
  const window = bookable(schedule, now, staff);
  if (span.start < now) refuse('this time is over');
  if (span.start < window.start) refuse('this time is too near');
  if (span.start >= window.end) refuse('this time is too far ahead');
  if (type && !schedule.rule.modes.includes(type))
    refuseFaults([fault('type', 'not offered by this clinician')]);
  return { schedule, span };
}
