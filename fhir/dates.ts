/** FHIR dates as intervals: what a value of some precision covers, in ms, end exclusive. */

export interface Interval {
  /** ms since epoch, inclusive; -Infinity when open. */
  start: number;
  /** ms since epoch, exclusive; Infinity when open. */
  end: number;
}

/**
 * year, month, day, hour, minute, second, fraction, zone. Wider than `dateTime` [FHIR R4 datatypes.html#dateTime]:
 * a search may leave out seconds and zone [FHIR R4 search.html#date].
 */
const pattern =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

const minute = 60_000;

/**
 * The interval a date, dateTime or instant covers at its precision; zone-less values are UTC.
 * `2026-03` is all of March; `10:00:00.5` is 100 ms. Undefined when it is no date.
 */
export function tryDateInterval(value: string): Interval | undefined {
  const found = pattern.exec(value);
  if (!found) return undefined;
  const [, y, mo, d, h, mi, s, fraction, zone] = found;
  const year = Number(y);
  const month = mo === undefined ? 1 : Number(mo);
  const day = d === undefined ? 1 : Number(d);
  const shift = offset(zone);
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month))
    return undefined;
  if (Number(h ?? 0) > 23 || Number(mi ?? 0) > 59 || Number(s ?? 0) > 60 || shift === undefined)
    return undefined;
  const start = utc(year, month, day) + Number(h ?? 0) * 60 * minute + Number(mi ?? 0) * minute;
  if (mo === undefined) return { start, end: utc(year + 1, 1, 1) };
  if (d === undefined)
    return { start, end: month === 12 ? utc(year + 1, 1, 1) : utc(year, month + 1, 1) };
  if (h === undefined) return { start, end: start + 1440 * minute };
  if (s === undefined) return { start: start - shift, end: start - shift + minute };
  const at = start - shift + Number(s) * 1000;
  if (fraction === undefined) return { start: at, end: at + 1000 };
  // Below a millisecond the interval stays 1 ms wide: time is kept in whole ms.
  const step = Math.max(1, 10 ** (3 - fraction.length));
  const ms = Math.floor(Number(`0.${fraction}`) * 1000 + 1e-7);
  return { start: at + ms, end: at + ms + step };
}

/** As `tryDateInterval`, for values known to be valid. Throws RangeError otherwise. */
export function dateInterval(value: string): Interval {
  const interval = tryDateInterval(value);
  if (!interval) throw new RangeError('Not a date');
  return interval;
}

// Date.UTC reads years below 100 as 19xx.
function utc(year: number, month: number, day: number): number {
  if (year >= 100) return Date.UTC(year, month - 1, day);
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function offset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 14 || minutes > 59 || (hours === 14 && minutes > 0)) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minute;
}
