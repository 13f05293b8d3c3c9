/** Dates of a series by the wall clock: months of all lengths, hours that are missing or there twice. */
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import type { Repeat } from '../contract.ts';
import { datesOf, movedLike } from './series-dates.ts';

const zone = 'America/New_York';
const at = (wall: string): number =>
  Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds;
const wall = (ms: number): string =>
  Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString()
    .slice(0, 16);
const walls = (first: string, every: Repeat['every'], times: number): string[] =>
  datesOf(at(first), zone, { every, times }).map((one) => wall(one.start));

it('every week and every two weeks keep the hour when clocks change', () => {
  expect(walls('2027-03-08T09:00', 'week', 2)).toEqual(['2027-03-08T09:00', '2027-03-15T09:00']);
  expect(walls('2027-10-31T09:00', 'two-weeks', 2)).toEqual([
    '2027-10-31T09:00',
    '2027-11-14T09:00',
  ]);
});

it('the 31st is the last day of shorter months, and the 31st again after them', () => {
  expect(walls('2027-01-31T09:00', 'monthly', 4).map((one) => one.slice(5, 10))).toEqual([
    '01-31',
    '02-28',
    '03-31',
    '04-30',
  ]);
});

it('the second Tuesday stays one; a fifth is the last where there are four', () => {
  expect(walls('2027-03-09T09:00', 'monthly-weekday', 3).map((one) => one.slice(5, 10))).toEqual([
    '03-09',
    '04-13',
    '05-11',
  ]);
  expect(walls('2027-03-30T09:00', 'monthly-weekday', 3).map((one) => one.slice(5, 10))).toEqual([
    '03-30',
    '04-27',
    '05-25',
  ]);
});

it('an hour that is not there that day is said to be missing; one that is there twice is its first', () => {
  const [, spring] = datesOf(at('2027-03-07T02:30'), zone, { every: 'week', times: 2 });
  expect(spring!.exists).toBe(false);
  const [, fall] = datesOf(at('2027-10-31T01:30'), zone, { every: 'week', times: 2 });
  expect([fall!.exists, new Date(fall!.start).toISOString()]).toEqual([
    true,
    '2027-11-07T05:30:00.000Z',
  ]);
});

it('the later one of a doubled hour stays the first date that was chosen', () => {
  const start = Date.parse('2027-11-07T06:30:00Z');
  expect(datesOf(start, zone, { every: 'week', times: 2 })[0]).toEqual({ start, exists: true });
});

it('moves by days and to the hour, across a clock change', () => {
  const moved = movedLike(
    at('2027-03-01T09:00'),
    at('2027-03-02T10:30'),
    at('2027-03-15T09:00'),
    zone,
  );
  expect(wall(moved.start)).toBe('2027-03-16T10:30');
});
