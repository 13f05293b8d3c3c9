/** The wall clock of a zone as a ruler of 24 hours: where an instant stands on it, and which instant stands at a mark. Pure. */
import { addDays, dayKey, offsetMinutes, startOfDay } from '../kit/time.ts';

const minute = 60_000;
/** Marks on the ruler of one day. */
export const dayMinutes = 1440;

/** Minutes of the wall clock since midnight, 0 to 1440. A clock that goes back shows some marks twice. */
export function wallMinutes(at: number, zone: string): number {
  const shifted = new Date(at + offsetMinutes(at, zone) * minute);
  return shifted.getUTCHours() * 60 + shifted.getUTCMinutes() + shifted.getUTCSeconds() / 60;
}

/**
 * The instant of a mark of a day, in ms. A mark shown twice is the first of both; a mark that the clock leaps over is the
 * moment of the leap.
 */
export function atWall(day: string, minutes: number, zone: string): number {
  const from = startOfDay(day, zone);
  const until = startOfDay(addDays(day, 1), zone);
  const utc = Date.parse(`${day}T00:00:00Z`) + minutes * minute;
  // Before and after a change of the clock on this day: the earlier reading that shows the mark wins.
  const tries = [from, until].map((near) => utc - offsetMinutes(near, zone) * minute);
  const shows = (at: number): boolean =>
    at + offsetMinutes(at, zone) * minute === utc && at >= from && at <= until;
  const found = tries.filter(shows).sort((a, b) => a - b)[0];
  return found ?? leap(from, until, zone) ?? from;
}

/** The moment within a span at which the clock of a zone changes, to the minute. */
export function leap(from: number, until: number, zone: string): number | undefined {
  const before = offsetMinutes(from, zone);
  if (offsetMinutes(until, zone) === before) return undefined;
  let [low, high] = [from, until];
  while (high - low > minute) {
    const middle = low + Math.floor((high - low) / 2 / minute) * minute;
    if (offsetMinutes(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** The marks of a day that its clock leaps over (spring), `undefined` on any other day. */
export function missingHour(day: string, zone: string): { from: number; to: number } | undefined {
  const from = startOfDay(day, zone);
  const change = leap(from, startOfDay(addDays(day, 1), zone) - minute, zone);
  if (change === undefined) return undefined;
  const gained = offsetMinutes(change, zone) - offsetMinutes(from, zone);
  if (gained <= 0) return undefined;
  const to = wallMinutes(change, zone);
  return { from: to - gained, to };
}

/** Whether the clock shows this time a second time on its day, or has shown it before (autumn). */
export function isShownTwice(at: number, zone: string): boolean {
  const here = wallMinutes(at, zone);
  const day = dayKey(at, zone);
  // No zone has ever turned its clock back by more than two hours and less than half of one.
  return [-120, -60, -30, 30, 60, 120].some((by) => {
    const other = at + by * minute;
    return dayKey(other, zone) === day && wallMinutes(other, zone) === here;
  });
}
