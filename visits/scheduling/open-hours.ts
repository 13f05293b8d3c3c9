/** When a schedule is open, as instants: wall-clock rules of a zone laid over the calendar, clock changes included. */
import { Temporal } from 'temporal-polyfill';
import type { ScheduleRule } from '../contract.ts';

/** Ms since epoch, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

const minute = 60_000;

/**
 * The instant of a wall-clock time. Twice there (clocks go back): the first. Not there (clocks go forward): the moment of the
 * change, so that neighbouring hours still touch and none overlap.
 */
export function instantOf(date: Temporal.PlainDate, time: string, zone: string): number {
  const wall =
    time === '24:00' ? date.add({ days: 1 }).toPlainDateTime() : date.toPlainDateTime(time);
  const early = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (early.toPlainDateTime().equals(wall)) return early.epochMilliseconds;
  const change = early.getTimeZoneTransition('next');
  return (change ?? wall.toZonedDateTime(zone)).epochMilliseconds;
}

/** Open hours of one calendar day, in wall-clock order as the rule lists them. */
function hoursOn(rule: ScheduleRule, date: Temporal.PlainDate): { start: string; end: string }[] {
  const day = date.toString();
  if (rule.closures.some(({ from, to }) => from <= day && day <= to)) return [];
  const exceptions = rule.exceptions.filter((one) => one.date === day);
  const instead = exceptions.find((one) => !one.adds)?.hours;
  const added = exceptions.flatMap((one) => (one.adds ? one.hours : []));
  return [...(instead ?? rule.hours.filter((one) => one.day === date.dayOfWeek)), ...added];
}

/** Spans that overlap become one, so that added hours do not offer the same time on two grids; those that touch stay two. */
function merged(spans: readonly Span[]): Span[] {
  const apart: Span[] = [];
  for (const one of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = apart.at(-1);
    if (last && one.start < last.end) last.end = Math.max(last.end, one.end);
    else apart.push({ ...one });
  }
  return apart;
}

/** The open spans that touch [from, to), ascending. A span belongs to the day on which it begins, overnight ones too. */
export function openSpans(rule: ScheduleRule, from: number, to: number): Span[] {
  const dateAt = (ms: number): Temporal.PlainDate =>
    Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(rule.zone).toPlainDate();
  // An overnight span that began yesterday may still be open.
  let date = dateAt(from).subtract({ days: 1 });
  const last = dateAt(to);
  const spans: Span[] = [];
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 }))
    for (const { start, end } of hoursOn(rule, date)) {
      const endDate = end <= start ? date.add({ days: 1 }) : date;
      const span = {
        start: instantOf(date, start, rule.zone),
        end: instantOf(endDate, end, rule.zone),
      };
      if (span.end > from && span.start < to && span.end > span.start) spans.push(span);
    }
  return merged(spans);
}

/**
 * Every start that the rule offers in [from, to), free or not. Starts follow one another by visit plus both buffers, so that
 * taking one never takes its neighbour.
 */
export function slotSpans(rule: ScheduleRule, from: number, to: number): Span[] {
  const length = rule.slotMinutes * minute;
  const pace = length + (rule.bufferBefore + rule.bufferAfter) * minute;
  const slots = new Map<number, Span>();
  for (const span of openSpans(rule, from, to)) {
    // Spans may begin long before `from`: the first start is counted from the span's own beginning.
    const skipped = Math.max(0, Math.ceil((from - span.start) / pace));
    for (let start = span.start + skipped * pace; start + length <= span.end; start += pace) {
      if (start >= to) break;
      slots.set(start, { start, end: start + length });
    }
  }
  return [...slots.values()].toSorted((a, b) => a.start - b.start);
}

/** What one booking blocks: the visit with its buffers. */
export function blockedSpan(rule: ScheduleRule, start: number): Span {
  return {
    start: start - rule.bufferBefore * minute,
    end: start + (rule.slotMinutes + rule.bufferAfter) * minute,
  };
}
