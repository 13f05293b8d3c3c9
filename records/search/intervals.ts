/** Interval logic of prefixes over dates, numbers and quantities [FHIR R4 search.html#prefix]. */
import type { DateValue, Prefix } from '@afar/fhir';

/** Start inclusive, end exclusive; open ends are infinite. */
export interface Interval {
  start: number;
  end: number;
}

/** Whether a target's interval answers a date of a query. `now`: the instant `ap` is measured from, ms. */
export function dateMatches(value: DateValue, target: Interval, now: number): boolean {
  if (value.prefix === 'ap') return overlaps(widened(value, now), target);
  return intervalMatches(value.prefix, value, target);
}

/** The interval `ap` stands for: a tenth of the distance to now on either side [FHIR R4 search.html#prefix]. */
export function widened(value: Interval, now: number): Interval {
  const slack = Math.abs(now - (value.start + value.end) / 2) / 10;
  return { start: value.start - slack, end: value.end + slack };
}

/** Every prefix but `ap`. */
export function intervalMatches(prefix: Prefix, value: Interval, target: Interval): boolean {
  const within = value.start <= target.start && target.end <= value.end;
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return !within;
    case 'gt':
      return target.end > value.end;
    case 'lt':
      return target.start < value.start;
    case 'ge':
      return target.end > value.end || within;
    case 'le':
      return target.start < value.start || within;
    case 'sa':
      return target.start >= value.end;
    case 'eb':
      return target.end <= value.start;
    case 'ap':
      return overlaps(value, target);
  }
}

/** Whether the two have an instant in common. */
export function overlaps(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end;
}
