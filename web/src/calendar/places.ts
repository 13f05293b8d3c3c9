/** Where a visit can be moved to: free times as steps for the arrow keys and as landings for a dragged one. Pure. */
import { dayKey } from '../kit/time.ts';
import { wallMinutes } from './wall.ts';

/** One free time of one clinician. */
export interface Place {
  slotId: string;
  clinician: string;
  /** Ms since epoch. */
  start: number;
  end: number;
}

/** What stands side by side: days of one calendar, or clinicians of one day. */
export type Columns = { by: 'day'; zone: string } | { by: 'clinician'; zone: string };

export const columnOf = (place: Pick<Place, 'clinician' | 'start'>, columns: Columns): string =>
  columns.by === 'day' ? dayKey(place.start, columns.zone) : place.clinician;

export type Step = 'earlier' | 'later' | 'back' | 'forth';

/** Among places, the one whose clock is nearest to that of an instant. */
function nearestClock(places: readonly Place[], at: number, zone: string): Place | undefined {
  const mark = wallMinutes(at, zone);
  const off = (one: Place): number => Math.abs(wallMinutes(one.start, zone) - mark);
  return places.toSorted((one, other) => off(one) - off(other) || one.start - other.start)[0];
}

/**
 * One step of an arrow key: the next place up or down in its own column, or the nearest hour in the next column that has any.
 * @param order the columns as they stand on screen, first to last
 * @returns undefined where there is nothing in that direction
 */
export function stepFrom(
  at: Pick<Place, 'clinician' | 'start'>,
  step: Step,
  places: readonly Place[],
  columns: Columns,
  order: readonly string[],
): Place | undefined {
  const here = columnOf(at, columns);
  if (step === 'earlier' || step === 'later') {
    const mine = places
      .filter((one) => columnOf(one, columns) === here)
      .toSorted((one, other) => one.start - other.start);
    return step === 'later'
      ? mine.find((one) => one.start > at.start)
      : mine.findLast((one) => one.start < at.start);
  }
  const index = order.indexOf(here);
  const beside = step === 'forth' ? order.slice(index + 1) : order.slice(0, index).toReversed();
  for (const column of beside) {
    const there = places.filter((one) => columnOf(one, columns) === column);
    const found = nearestClock(there, at.start, columns.zone);
    if (found) return found;
  }
  return undefined;
}

/** Further than this from the pointer nothing is meant: letting go there leaves the visit where it was. Minutes. */
const reach = 45;

/** Where a visit lands that is let go with its upper edge at a mark of a column. */
export function landing(
  column: string,
  mark: number,
  places: readonly Place[],
  columns: Columns,
): Place | undefined {
  const off = (one: Place): number => Math.abs(wallMinutes(one.start, columns.zone) - mark);
  return places
    .filter((one) => columnOf(one, columns) === column && off(one) <= reach)
    .toSorted((one, other) => off(one) - off(other) || one.start - other.start)[0];
}
