/** When reminders are due: elapsed hours and clocks on walls, over clock changes; quiet nights; what comes too late. */
import { expect, it } from 'vitest';
import type { ReminderRule } from '../contract-reminders.ts';
import { dueOf, duesOf, namedBy } from './due.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
const day: ReminderRule = { id: '24h', before: 1440 };
const hour: ReminderRule = { id: '1h', before: 60 };
const evening: ReminderRule = { id: 'eve', daysBefore: 1, at: '18:00' };
const quiet = { from: 21 * 60, to: 8 * 60 };
const ny = 'America/New_York';
const long = at('2027-01-01T00:00:00Z');

it('24 hours are 24 hours, the evening before is six by the clock: over spring forward', () => {
  // Sunday 14 March 2027, 10:00 EDT; clocks went from 02:00 to 03:00 that night.
  const visit = at('2027-03-14T10:00:00-04:00');
  expect(iso(namedBy(day, visit, ny))).toBe('2027-03-13T14:00:00.000Z'); // 09:00 EST
  expect(iso(namedBy(evening, visit, ny))).toBe('2027-03-13T23:00:00.000Z'); // 18:00 EST
});

it('and over fall back', () => {
  const visit = at('2027-11-07T10:00:00-05:00');
  expect(iso(namedBy(day, visit, ny))).toBe('2027-11-06T15:00:00.000Z'); // 11:00 EDT
  expect(iso(namedBy(evening, visit, ny))).toBe('2027-11-06T22:00:00.000Z'); // 18:00 EDT
});

it('a time that does not exist is after the gap, one that comes twice the first [RFC 5545 3.3.5]', () => {
  const night: ReminderRule = { id: 'n', daysBefore: 0, at: '02:30' };
  const twice: ReminderRule = { id: 't', daysBefore: 0, at: '01:30' };
  expect(iso(namedBy(night, at('2027-03-14T18:00:00Z'), ny))).toBe('2027-03-14T07:30:00.000Z');
  expect(iso(namedBy(twice, at('2027-11-07T18:00:00Z'), ny))).toBe('2027-11-07T05:30:00.000Z');
});

it('the evening before is that of her own day: Kolkata is already there', () => {
  const visit = at('2027-03-13T21:30:00Z'); // the 14th, 03:00 in Kolkata
  expect(iso(namedBy(evening, visit, 'Asia/Kolkata'))).toBe('2027-03-13T12:30:00.000Z');
  expect(iso(namedBy(evening, visit, ny))).toBe('2027-03-12T23:00:00.000Z');
});

it.each([
  [
    '09:30 visit: an hour before is half past eight',
    '2027-03-10T09:30:00-05:00',
    hour,
    '2027-03-10T13:30:00.000Z',
  ],
  [
    '08:40 visit: rings at eight, when the night is over',
    '2027-03-10T08:40:00-05:00',
    hour,
    '2027-03-10T13:00:00.000Z',
  ],
  [
    '08:10 visit: ten minutes are no warning, so the evening before',
    '2027-03-10T08:10:00-05:00',
    hour,
    '2027-03-10T01:59:00.000Z',
  ],
  [
    '07:00 visit: a day before waits for eight',
    '2027-03-10T07:00:00-05:00',
    day,
    '2027-03-09T13:00:00.000Z',
  ],
  [
    '23:00 visit: a day before waits for the morning',
    '2027-03-10T23:00:00-05:00',
    day,
    '2027-03-10T13:00:00.000Z',
  ],
])('%s', (_name, visit, rule, due) => {
  expect(iso(dueOf(rule, at(visit), ny, quiet, long))).toBe(due);
});

it('booked too late for a rule, it is left out', () => {
  const visit = at('2027-03-10T12:00:00-05:00');
  const now = at('2027-03-10T09:00:00-05:00');
  expect(duesOf([day, hour], visit, ny, quiet, now).map((one) => one.rule)).toEqual(['1h']);
  expect(
    dueOf(hour, at('2027-03-10T08:10:00-05:00'), ny, quiet, at('2027-03-10T03:00:00-05:00')),
  ).toBeUndefined();
});

it('two that fall on the same minute are one', () => {
  const three: ReminderRule = { id: '3h', before: 180 };
  const two: ReminderRule = { id: '2h', before: 120 };
  const visit = at('2027-03-10T09:30:00-05:00');
  // 06:30 and 07:30 both wait for eight.
  expect(duesOf([three, two], visit, ny, quiet, long)).toEqual([
    { rule: '2h', due: at('2027-03-10T08:00:00-05:00') },
  ]);
});
