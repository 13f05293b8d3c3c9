/** The starts that a rule offers on a day, before anything is booked: what its keeper sees while she writes it. Pure. */
import type { ScheduleException, ScheduleRule, WeeklyHours } from '@afar/visits/contract';
import { addDays } from '../../kit/time.ts';
import type { Span } from '../layout.ts';
import { atWall } from '../wall.ts';

/** What says when something is open: a clinician's rule, or a room's. */
export interface Opening {
  zone: string;
  hours: readonly WeeklyHours[];
  exceptions: readonly ScheduleException[];
  closures: readonly { from: string; to: string }[];
}

const minute = 60_000;
const clock = /^(\d\d):(\d\d)$/;

function marksOf(time: string): number | undefined {
  const match = clock.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

/** Hours of one day of the rule's own calendar; half-written ones are left out. */
function hoursOn(opening: Opening, day: string): { start: string; end: string }[] {
  if (opening.closures.some(({ from, to }) => from <= day && day <= to)) return [];
  const weekday = new Date(`${day}T12:00:00Z`).getUTCDay() || 7;
  const special = opening.exceptions.filter((one) => one.date === day);
  const instead = special.find((one) => !one.adds)?.hours;
  const added = special.flatMap((one) => (one.adds ? one.hours : []));
  return [...(instead ?? opening.hours.filter((one) => one.day === weekday)), ...added];
}

/** Open spans that begin on a day, overlapping ones as one, in order. */
export function openOn(opening: Opening, day: string): Span[] {
  const spans = hoursOn(opening, day).flatMap(({ start, end }): Span[] => {
    const [from, to] = [marksOf(start), marksOf(end)];
    if (from === undefined || to === undefined) return [];
    const last = to <= from ? addDays(day, 1) : day;
    const span = { start: atWall(day, from, opening.zone), end: atWall(last, to, opening.zone) };
    return span.end > span.start ? [span] : [];
  });
  const apart: Span[] = [];
  for (const one of spans.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    const last = apart.at(-1);
    if (last && one.start < last.end) last.end = Math.max(last.end, one.end);
    else apart.push({ ...one });
  }
  return apart;
}

/** Starts follow one another by visit and both buffers, counted from the beginning of an open span. */
export function timesOn(rule: ScheduleRule, day: string): number[] {
  const length = rule.slotMinutes * minute;
  const pace = length + (rule.bufferBefore + rule.bufferAfter) * minute;
  // An unfinished number would never come to an end.
  if (!(rule.slotMinutes >= 5) || !(pace >= length)) return [];
  const starts = new Set<number>();
  for (const { start, end } of openOn(rule, day))
    for (let at = start; at + length <= end; at += pace) starts.add(at);
  return [...starts].sort((a, b) => a - b);
}
