/** Checks an availability rule: all faults at once, each with the place where it stands. */
import { Refusal } from '@afar/fhir';
import type { OperationOutcomeIssue } from '@afar/fhir';
import { Temporal } from 'temporal-polyfill';
import type { ScheduleRule, VisitMode } from '../contract.ts';

export const visitModes: readonly VisitMode[] = ['video', 'audio', 'chat', 'in-person'];
const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

/** RFC 3339, as every instant here is said. */
export function isInstant(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

/** A fault of a request, pointing at its field. */
export function fault(expression: string, diagnostics: string): OperationOutcomeIssue {
  return { severity: 'error', code: 'invalid', diagnostics, expression: [expression] };
}

/** All faults of a request as one refusal (422), or nothing. */
export function refuseFaults(issues: OperationOutcomeIssue[]): void {
  if (issues.length) throw new Refusal('invalid', { status: 422, issues });
}

export function isZone(zone: unknown): zone is string {
  if (typeof zone !== 'string' || !zone.includes('/')) return zone === 'UTC';
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

export function isDate(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  try {
    Temporal.PlainDate.from(value, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** Least and greatest of each number: a visit is no shorter than 5 minutes, no rule looks further than two years ahead. */
const numbers = {
  slotMinutes: [5, 480],
  bufferBefore: [0, 120],
  bufferAfter: [0, 120],
  capacity: [1, 100],
  noticeMinutes: [0, 43_200],
  horizonDays: [1, 730],
} as const;

/** Days that differ and spans closed, two years ahead: a rule is read at every booking. */
const mostDays = 400;

function hoursFaults(hours: unknown, at: string, withDay: boolean): OperationOutcomeIssue[] {
  if (!Array.isArray(hours) || hours.length > 100) return [fault(at, 'a list of at most 100')];
  return hours.flatMap((given: unknown, index) => {
    const one = (given ?? {}) as { day?: unknown; start?: unknown; end?: unknown };
    const here = `${at}[${index}]`;
    const found: OperationOutcomeIssue[] = [];
    if (withDay && !(Number.isInteger(one.day) && Number(one.day) >= 1 && Number(one.day) <= 7))
      found.push(fault(`${here}.day`, '1 (Monday) to 7 (Sunday)'));
    if (typeof one.start !== 'string' || !time.test(one.start))
      found.push(fault(`${here}.start`, 'HH:MM'));
    if (typeof one.end !== 'string' || !(time.test(one.end) || one.end === '24:00'))
      found.push(fault(`${here}.end`, 'HH:MM or 24:00'));
    return found;
  });
}

/** Faults of hours, exceptions and closures: what a clinician's rule and a resource's share. */
export function timeFaults(
  rule: Partial<Record<'hours' | 'exceptions' | 'closures', unknown>>,
): OperationOutcomeIssue[] {
  const issues = hoursFaults(rule.hours, 'hours', true);
  const list = (value: unknown): unknown[] =>
    Array.isArray(value) && value.length <= mostDays ? value : [undefined];
  for (const [index, one] of list(rule.exceptions).entries()) {
    const at = `exceptions[${index}]`;
    const { date, hours, adds } = (one ?? {}) as Record<string, unknown>;
    if (!isDate(date)) issues.push(fault(`${at}.date`, 'YYYY-MM-DD'));
    issues.push(...hoursFaults(hours, `${at}.hours`, false));
    if (adds !== undefined && typeof adds !== 'boolean')
      issues.push(fault(`${at}.adds`, 'true or false'));
  }
  for (const [index, one] of list(rule.closures).entries()) {
    const { from, to } = (one ?? {}) as Record<string, unknown>;
    if (!isDate(from) || !isDate(to) || from > to)
      issues.push(fault(`closures[${index}]`, 'from and to as YYYY-MM-DD, in order'));
  }
  return issues;
}

/** Faults of what a rule may leave out. */
function choiceFaults(rule: Partial<Record<keyof ScheduleRule, unknown>>): OperationOutcomeIssue[] {
  const { confirm, cancelFreeHours, rooms, offerMinutes } = rule;
  const within = (value: unknown, least: number, most: number): boolean =>
    value === undefined ||
    (Number.isInteger(value) && Number(value) >= least && Number(value) <= most);
  return [
    ...(confirm === undefined || typeof confirm === 'boolean'
      ? []
      : [fault('confirm', 'true or false')]),
    ...(within(cancelFreeHours, 0, 336)
      ? []
      : [fault('cancelFreeHours', 'a whole number from 0 to 336')]),
    ...(within(offerMinutes, 5, 1440)
      ? []
      : [fault('offerMinutes', 'a whole number from 5 to 1440')]),
    ...(rooms === undefined || (Array.isArray(rooms) && rooms.length <= 50 && rooms.every(isUuid))
      ? []
      : [fault('rooms', 'ids of rooms, at most 50')]),
  ];
}

/**
 * Every fault of a rule that came from outside.
 * @returns the rule as typed value when there is none
 * @throws Refusal 'invalid' (422) with one issue per fault
 */
export function readRule(input: unknown): ScheduleRule {
  const rule = (typeof input === 'object' && input !== null ? input : {}) as Partial<
    Record<keyof ScheduleRule, unknown>
  >;
  const issues: OperationOutcomeIssue[] = [];
  if (!isUuid(rule.clinician)) issues.push(fault('clinician', 'a Practitioner id'));
  if (!isZone(rule.zone)) issues.push(fault('zone', 'an IANA zone'));
  for (const [name, [least, most]] of Object.entries(numbers)) {
    const value = rule[name as keyof typeof numbers];
    if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
      issues.push(fault(name, `a whole number from ${least} to ${most}`));
  }
  const { modes } = rule;
  if (!Array.isArray(modes) || !modes.length || modes.some((one) => !visitModes.includes(one)))
    issues.push(fault('modes', `some of ${visitModes.join(', ')}`));
  issues.push(...timeFaults(rule), ...choiceFaults(rule));
  if (typeof rule.active !== 'boolean') issues.push(fault('active', 'true or false'));
  refuseFaults(issues);
  return normalise(rule as ScheduleRule);
}

/** Only the members we know, in our order. */
function normalise(rule: ScheduleRule): ScheduleRule {
  return {
    clinician: rule.clinician,
    zone: rule.zone,
    slotMinutes: rule.slotMinutes,
    bufferBefore: rule.bufferBefore,
    bufferAfter: rule.bufferAfter,
    capacity: rule.capacity,
    noticeMinutes: rule.noticeMinutes,
    horizonDays: rule.horizonDays,
    modes: visitModes.filter((one) => rule.modes.includes(one)),
    hours: rule.hours.map(({ day, start, end }) => ({ day, start, end })),
    exceptions: rule.exceptions.map(({ date, hours, adds }) => ({
      date,
      hours: hours.map(({ start, end }) => ({ start, end })),
      ...(adds && { adds }),
    })),
    closures: rule.closures.map(({ from, to }) => ({ from, to })),
    active: rule.active,
    ...(rule.confirm && { confirm: true }),
    ...(rule.cancelFreeHours !== undefined && { cancelFreeHours: rule.cancelFreeHours }),
    ...(rule.rooms?.length && { rooms: [...new Set(rule.rooms)] }),
    ...(rule.offerMinutes !== undefined && { offerMinutes: rule.offerMinutes }),
  };
}
