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

function hoursFaults(hours: unknown, at: string, withDay: boolean): OperationOutcomeIssue[] {
  if (!Array.isArray(hours) || hours.length > 100) return [fault(at, 'a list of at most 100')];
  return hours.flatMap((one: { day?: unknown; start?: unknown; end?: unknown }, index) => {
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
  issues.push(...hoursFaults(rule.hours, 'hours', true));
  const exceptions = Array.isArray(rule.exceptions) ? rule.exceptions : [undefined];
  for (const [index, one] of exceptions.entries()) {
    const at = `exceptions[${index}]`;
    if (!isDate(one?.date)) issues.push(fault(`${at}.date`, 'YYYY-MM-DD'));
    issues.push(...hoursFaults(one?.hours, `${at}.hours`, false));
  }
  const closures = Array.isArray(rule.closures) ? rule.closures : [undefined];
  for (const [index, one] of closures.entries())
    if (!isDate(one?.from) || !isDate(one?.to) || one.from > one.to)
      issues.push(fault(`closures[${index}]`, 'from and to as YYYY-MM-DD, in order'));
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
    exceptions: rule.exceptions.map(({ date, hours }) => ({
      date,
      hours: hours.map(({ start, end }) => ({ start, end })),
    })),
    closures: rule.closures.map(({ from, to }) => ({ from, to })),
    active: rule.active,
  };
}
