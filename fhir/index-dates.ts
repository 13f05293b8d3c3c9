/** The interval an element covers, by its type [FHIR R4 search.html#date]. */
import { tryDateInterval, type Interval } from './dates.ts';
import type { Found } from './path-program.ts';

interface Period {
  start?: string;
  end?: string;
}

/** An open end reaches to infinity; a period that says neither has no place in time. */
function period({ start, end }: Period): Interval | undefined {
  const from = start === undefined ? undefined : tryDateInterval(start);
  const to = end === undefined ? undefined : tryDateInterval(end);
  if (!from && !to) return undefined;
  return { start: from?.start ?? -Infinity, end: to?.end ?? Infinity };
}

/** From the first event to the last, bounds included: the outer limits of the timing. */
function timing(value: {
  event?: string[];
  repeat?: { boundsPeriod?: Period };
}): Interval | undefined {
  const parts = (value.event ?? []).map((event) => (event ? tryDateInterval(event) : undefined));
  if (value.repeat?.boundsPeriod) parts.push(period(value.repeat.boundsPeriod));
  const known = parts.filter((one) => one !== undefined);
  if (known.length === 0) return undefined;
  return {
    start: Math.min(...known.map((one) => one.start)),
    end: Math.max(...known.map((one) => one.end)),
  };
}

/** Undefined for what lies nowhere in time: an age, a range, text that is no date. */
export function dateOf({ type, value }: Found): Interval | undefined {
  if (typeof value === 'string') return tryDateInterval(value);
  if (type === 'Period') return period(value as Period);
  return type === 'Timing' ? timing(value as never) : undefined;
}
