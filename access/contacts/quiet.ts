/** Quiet hours: the part of a day, on her own clock, in which nothing rings. */
import { Temporal } from 'temporal-polyfill';

/** Minutes after midnight, `to` exclusive; `from` after `to` runs over midnight, equal ones are none. */
export interface QuietHours {
  from: number;
  to: number;
}

/** Nine in the evening to eight in the morning, for patients who said nothing. */
export const usualQuiet: QuietHours = { from: 21 * 60, to: 8 * 60 };

const wall = (at: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** @param at ms since epoch; @param zone an IANA name */
export function isQuiet(at: number, zone: string, quiet: QuietHours | undefined): boolean {
  if (!quiet || quiet.from === quiet.to) return false;
  const { hour, minute } = wall(at, zone);
  const now = hour * 60 + minute;
  return quiet.from < quiet.to
    ? now >= quiet.from && now < quiet.to
    : now >= quiet.from || now < quiet.to;
}

function clockOn(day: Temporal.PlainDate, minutes: number, zone: string): number {
  const time = new Temporal.PlainTime(Math.floor(minutes / 60), minutes % 60);
  // A time that a clock change skips is the same distance after the gap [RFC 5545 3.3.5].
  return day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
}

/** The first instant from `at` on that is not quiet. */
export function quietEnds(at: number, zone: string, quiet: QuietHours | undefined): number {
  if (!quiet || !isQuiet(at, zone, quiet)) return at;
  const day = wall(at, zone).toPlainDate();
  const today = clockOn(day, quiet.to, zone);
  return today > at ? today : clockOn(day.add({ days: 1 }), quiet.to, zone);
}

/** The last moment (a minute) before the quiet hours that `at` lies in began. */
export function beforeQuiet(at: number, zone: string, quiet: QuietHours): number {
  const day = wall(at, zone).toPlainDate();
  const today = clockOn(day, quiet.from, zone);
  return (today <= at ? today : clockOn(day.subtract({ days: 1 }), quiet.from, zone)) - 60_000;
}
