/** When a reminder is due: by elapsed time or by the clock on her wall, outside her quiet hours, and never after the fact. */
import { beforeQuiet, isQuiet, quietEnds, type QuietHours } from '@afar/access';
import { Temporal } from 'temporal-polyfill';
import type { ReminderRule } from '../contract-reminders.ts';

/** Closer to the start than this, a reminder helps nobody. */
export const tooLateMs = 5 * 60_000;

/** The instant a rule names; a time that a clock change skips is as long after the gap, one that comes twice is the first [RFC 5545 3.3.5]. */
export function namedBy(rule: ReminderRule, starts: number, zone: string): number {
  if ('before' in rule) return starts - rule.before * 60_000;
  const day = Temporal.Instant.fromEpochMilliseconds(starts)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .subtract({ days: rule.daysBefore });
  const plainTime = Temporal.PlainTime.from(rule.at);
  return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds;
}

/**
 * When it is handed over: what would ring in quiet hours waits until they are over; where that is too late it rings before
 * they begin.
 * @returns undefined when neither is still to come
 */
export function dueOf(
  rule: ReminderRule,
  starts: number,
  zone: string,
  quiet: QuietHours | undefined,
  now: number,
): number | undefined {
  const named = namedBy(rule, starts, zone);
  if (named < now || named > starts - tooLateMs) return undefined;
  if (!quiet || !isQuiet(named, zone, quiet)) return named;
  const after = quietEnds(named, zone, quiet);
  // An hour's warning that comes ten minutes before is none: at least a third of it must be left.
  const least = Math.max(tooLateMs, (starts - named) / 3);
  if (after <= starts - least) return after;
  const before = beforeQuiet(named, zone, quiet);
  return before >= now ? before : undefined;
}

/** Each rule's instant; of two that fall together the later rule's stays. */
export function duesOf(
  rules: readonly ReminderRule[],
  starts: number,
  zone: string,
  quiet: QuietHours | undefined,
  now: number,
): { rule: string; due: number }[] {
  const at = new Map<number, string>();
  for (const rule of rules.toSorted(
    (a, b) => namedBy(a, starts, zone) - namedBy(b, starts, zone),
  )) {
    const due = dueOf(rule, starts, zone, quiet, now);
    if (due !== undefined) at.set(due, rule.id);
  }
  return [...at].map(([due, rule]) => ({ rule, due }));
}
