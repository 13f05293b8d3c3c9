/** Instants as a person reads them: in her own zone and language; days and zones computed by Intl. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${JSON.stringify(options)}`;
  let found = formatters.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, found);
  }
  return found;
}

export type Instant = string | number | Date;

export const toMs = (at: Instant): number =>
  at instanceof Date ? at.getTime() : typeof at === 'number' ? at : Date.parse(at);

/** The zone this browser stands in, an IANA name. */
export const browserZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "Tuesday, 24 November" */
export const longDay = (at: Instant, zone: string, locale: string): string =>
  formatter(locale, { weekday: 'long', day: 'numeric', month: 'long', timeZone: zone }).format(
    toMs(at),
  );

/** "24 Nov 2026" */
export const shortDate = (at: Instant, zone: string, locale: string): string =>
  formatter(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone }).format(
    toMs(at),
  );

/** "Tue, 24 Nov": a day soon to come, where the year goes without saying. */
export const weekDate = (at: Instant, zone: string, locale: string): string =>
  formatter(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: zone }).format(
    toMs(at),
  );

/** "9:30 AM" or "9:30", as the locale writes it. */
export const clockTime = (at: Instant, zone: string, locale: string): string =>
  formatter(locale, { hour: 'numeric', minute: '2-digit', timeZone: zone }).format(toMs(at));

/** One named part of an instant, for calendars drawn by hand. */
export function datePart(
  at: Instant,
  zone: string,
  locale: string,
  part: 'weekday' | 'day' | 'month',
): string {
  const style = part === 'day' ? 'numeric' : 'short';
  return formatter(locale, { [part]: style, timeZone: zone }).format(toMs(at));
}

/** Minutes east of UTC in a zone at an instant. */
export function offsetMinutes(at: Instant, zone: string): number {
  const name = formatter('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(toMs(at))
    .find((part) => part.type === 'timeZoneName')!.value;
  const match = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name);
  if (!match?.[1]) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** Whether two zones show different wall clocks at this instant. */
export const zonesDiffer = (at: Instant, one: string, other: string): boolean =>
  one !== other && offsetMinutes(at, one) !== offsetMinutes(at, other);

/** "Central European Time" */
export const zoneName = (at: Instant, zone: string, locale: string): string =>
  formatter(locale, { timeZone: zone, timeZoneName: 'longGeneric' })
    .formatToParts(toMs(at))
    .find((part) => part.type === 'timeZoneName')!.value;

/** The calendar day of an instant in a zone, `YYYY-MM-DD`. */
export const dayKey = (at: Instant, zone: string): string =>
  formatter('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: zone,
  }).format(toMs(at));

/** The hour of the wall clock, 0 to 24 with minutes as a fraction. */
export function wallHour(at: Instant, zone: string): number {
  const shifted = new Date(toMs(at) + offsetMinutes(at, zone) * 60_000);
  return shifted.getUTCHours() + shifted.getUTCMinutes() / 60;
}

/**
 * The first instant of a calendar day in a zone, in ms. Days whose midnight does not exist begin at
 * the first instant after the gap.
 */
export function startOfDay(day: string, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`);
  let guess = utc - offsetMinutes(utc, zone) * 60_000;
  guess = utc - offsetMinutes(guess, zone) * 60_000;
  // In a gap the guess can fall on the day before: step over it by the size of the usual shift.
  return dayKey(guess, zone) < day ? guess + 3_600_000 : guess;
}

/** The calendar day some days later. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** "in 20 minutes", "2 days ago": the largest unit that says something. */
export function relative(at: Instant, now: number, locale: string): string {
  const minutes = Math.round((toMs(at) - now) / 60_000);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (Math.abs(minutes) < 60) return words.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (Math.abs(hours) < 24) return words.format(hours, 'hour');
  const days = Math.round(hours / 24);
  return Math.abs(days) < 60
    ? words.format(days, 'day')
    : words.format(Math.round(days / 30.4), 'month');
}

/** "12:04" or "1:02:09" for a length in milliseconds. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}
