/** Where the axis of time is marked, and with which words: whole years, months or days, never one word twice. Pure. */

export interface Tick {
  /** Instant, ms. */
  at: number;
  text: string;
}

const day = 86_400_000;
const year = 365.25 * day;

/**
 * Marks between two instants (ms), at most `room` of them and at least the two ends. Days are UTC days: a chart spans weeks and
 * more, and a mark is not a measurement.
 */
export function dateTicks(from: number, to: number, room: number, locale: string): Tick[] {
  const most = Math.max(2, Math.floor(room));
  const span = to - from;
  if (span >= 3 * year) {
    const first = new Date(from).getUTCFullYear() + 1;
    const last = new Date(to).getUTCFullYear();
    const step = Math.ceil((last - first + 1) / most);
    const count = Math.floor((last - first) / step) + 1;
    return Array.from({ length: count }, (_, n) => ({
      at: Date.UTC(first + n * step, 0, 1),
      text: String(first + n * step),
    }));
  }
  const words = new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    ...(span > 120 * day
      ? { month: 'short', year: 'numeric' }
      : { day: 'numeric', month: 'short' }),
  });
  // Half a mark's room stays free at both ends, so that no word is cut off.
  const edge = span / (2 * most);
  const marks = Array.from({ length: most }, (_, n) => {
    const at = Math.round(from + edge + (n * (span - 2 * edge)) / (most - 1));
    return { at, text: words.format(at) };
  });
  return marks.filter((one, at) => one.text !== marks[at - 1]?.text);
}
