/** The dates of a series: the first one's wall-clock time, laid over the calendar of its zone. */
import { Temporal } from 'temporal-polyfill';
import type { Repeat } from '../contract.ts';

/** The wall clock of a zone at an instant. */
export const wallAt = (ms: number, zone: string): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime();

/** The same position in a later month: the second Tuesday stays one; a fifth becomes the last where there is none. */
function sameWeekday(first: Temporal.PlainDate, months: number): Temporal.PlainDate {
  const month = first.with({ day: 1 }).add({ months });
  const offset = (first.dayOfWeek - month.dayOfWeek + 7) % 7;
  const nth = Math.ceil(first.day / 7);
  const day = 1 + offset + (nth - 1) * 7;
  return month.with({ day: day > month.daysInMonth ? day - 7 : day });
}

function dateOf(
  first: Temporal.PlainDate,
  every: Repeat['every'],
  index: number,
): Temporal.PlainDate {
  switch (every) {
    case 'week':
      return first.add({ days: 7 * index });
    case 'two-weeks':
      return first.add({ days: 14 * index });
    case 'monthly':
      // Counted from the first date each time: the 31st is the 28th in February and the 31st again in March.
      return first.add({ months: index });
    case 'monthly-weekday':
      return sameWeekday(first, index);
  }
}

/** An instant, and whether the wall clock shows that time at all; one that is there twice is its first. */
export interface Dated {
  start: number;
  exists: boolean;
}

export function instantAt(wall: Temporal.PlainDateTime, zone: string): Dated {
  const at = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  return { start: at.epochMilliseconds, exists: at.toPlainDateTime().equals(wall) };
}

/** Every date of a series; the first is the very instant that was chosen, also where its time is there twice. */
export function datesOf(start: number, zone: string, { every, times }: Repeat): Dated[] {
  const wall = wallAt(start, zone);
  return Array.from({ length: times }, (_, index) => {
    if (index === 0) return { start, exists: true };
    const date = dateOf(wall.toPlainDate(), every, index);
    return instantAt(date.toPlainDateTime(wall.toPlainTime()), zone);
  });
}

/** A later date moved as the one that was touched: by the same days, to the same wall-clock time. */
export function movedLike(from: number, to: number, other: number, zone: string): Dated {
  const [before, after] = [wallAt(from, zone), wallAt(to, zone)];
  const days = before.toPlainDate().until(after.toPlainDate(), { largestUnit: 'days' }).days;
  const date = wallAt(other, zone).toPlainDate().add({ days });
  return instantAt(date.toPlainDateTime(after.toPlainTime()), zone);
}
