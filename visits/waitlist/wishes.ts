/** Whether a free time is what somebody waits for, by the wall clock of the clinician's zone. */
import type { Span } from '../scheduling/open-hours.ts';
import { wallAt } from '../scheduling/series-dates.ts';
import type { EntryRow } from './rows.ts';

const minute = 60_000;

export type Wishes = Pick<EntryRow, 'first' | 'last' | 'days' | 'times' | 'notice_minutes'>;

export function isWished(wishes: Wishes, { start }: Span, zone: string, now: number): boolean {
  if (start < now + wishes.notice_minutes * minute) return false;
  const wall = wallAt(start, zone);
  const date = wall.toPlainDate().toString();
  if (date < wishes.first || date > wishes.last) return false;
  if (wishes.days && !wishes.days.includes(wall.dayOfWeek)) return false;
  const time = wall.toPlainTime().toString({ smallestUnit: 'minute' });
  return !wishes.times || wishes.times.some((one) => one.start <= time && time < one.end);
}
