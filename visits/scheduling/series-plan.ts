/** What stands against each date of a series, told date by date. */
import type { Queryable } from '@afar/platform';
import type { SeriesConflict, SeriesDate } from '../contract.ts';
import { iso } from '../house.ts';
import { alongIn, type Need } from './along.ts';
import { bookable } from './free-slots.ts';
import { blockedSpan, slotSpans, type Span } from './open-hours.ts';
import type { StoredResource } from './resources.ts';
import type { StoredSchedule } from './schedules.ts';
import type { Dated } from './series-dates.ts';
import { isFree, takenSpans } from './taken.ts';

export interface PlannedDate {
  index: number;
  span: Span;
  /** Rooms and interpreters of this date. */
  along: StoredResource[];
  conflict?: SeriesConflict;
}

export interface SeriesPlan {
  tenant: number;
  schedule: StoredSchedule;
  patient: string;
  needs: readonly Need[];
  dates: readonly (Dated & { index: number })[];
  now: number;
  staff: boolean;
  /** How many more the patient may book. */
  room: number;
}

const minute = 60_000;

/** Only a time the rule offers on that day; whoever moves a series moves it to such times as well. */
function closedBecause(
  { schedule, now, staff }: SeriesPlan,
  { start, exists }: Dated,
): SeriesConflict | undefined {
  if (!exists) return 'no-such-time';
  const window = bookable(schedule, now, staff);
  if (start < window.start) return 'too-near';
  if (start >= window.end) return 'too-far';
  return slotSpans(schedule.rule, start, start + 1).length ? undefined : 'closed';
}

/** In the transaction that has locked the actors, or in none: a preview. */
export async function planDates(sql: Queryable, plan: SeriesPlan): Promise<PlannedDate[]> {
  const { tenant, schedule, patient, needs, dates, now } = plan;
  const { rule } = schedule;
  const starts = dates.map((one) => one.start);
  const length = (rule.slotMinutes + rule.bufferAfter) * minute;
  const whole = {
    start: Math.min(...starts) - rule.bufferBefore * minute,
    end: Math.max(...starts) + length,
  };
  const actors = [rule.clinician, patient];
  const taken = await takenSpans(sql, { tenant, actors, span: whole, now });
  const along = await alongIn(sql, { tenant, needs, span: whole, now });
  let { room } = plan;
  return dates.map((date): PlannedDate => {
    const { index, start } = date;
    const span = { start, end: start + rule.slotMinutes * minute };
    const found = along(span);
    const isHers = isFree(span, 1, taken.get(patient) ?? []);
    const isOpen = isFree(blockedSpan(rule, start), rule.capacity, taken.get(rule.clinician) ?? []);
    const conflict =
      closedBecause(plan, date) ??
      (!isOpen ? 'taken' : !isHers ? 'patient-busy' : found.missing ? 'no-resource' : undefined) ??
      (room <= 0 ? 'limit' : undefined);
    if (!conflict) room--;
    return { index, span, along: found.chosen, ...(conflict && { conflict }) };
  });
}

export const reported = (
  { index, span, conflict }: PlannedDate,
  appointment?: string,
): SeriesDate => ({
  index,
  start: iso(span.start),
  end: iso(span.end),
  ...(appointment && { appointment }),
  ...(conflict && { conflict }),
});
