/** The demo's calendar: days before today, at wall-clock times of a clinic. */
import { Temporal } from 'temporal-polyfill';

export interface Calendar {
  now: number;
  /** `YYYY-MM-DD`, that many days before today (UTC); negative for days to come. */
  day(daysAgo: number): string;
  /** The date on which somebody turned that age `days` days ago. */
  birth(years: number, days: number): string;
  /** An instant in UTC: that many days ago at a wall-clock time, moved back to Friday from a weekend. */
  at(daysAgo: number, time: string, zone: string): string;
  /** The same on whatever day it was: for what happens at home. */
  anyDay(daysAgo: number, time: string, zone: string): string;
  /** The instant `minutes` later. */
  later(instant: string, minutes: number): string;
}

const iso = (instant: Temporal.Instant) => instant.toString({ smallestUnit: 'second' });

const wall = (date: Temporal.PlainDate, time: string, zone: string) =>
  iso(
    date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).toInstant(),
  );

export function calendar(now: number): Calendar {
  const today = (zone: string) =>
    Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  return {
    now,
    day: (daysAgo) => today('UTC').subtract({ days: daysAgo }).toString(),
    birth: (years, days) => today('UTC').subtract({ days }).subtract({ years }).toString(),
    at(daysAgo, time, zone) {
      const date = today(zone).subtract({ days: daysAgo });
      return wall(date.subtract({ days: Math.max(0, date.dayOfWeek - 5) }), time, zone);
    },
    anyDay: (daysAgo, time, zone) => wall(today(zone).subtract({ days: daysAgo }), time, zone),
    later: (instant, minutes) => iso(Temporal.Instant.from(instant).add({ minutes })),
  };
}
