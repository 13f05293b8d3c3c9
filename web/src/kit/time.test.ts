/** Wall clocks, days and zones as people read them, over changes of the clock too. */
import { describe, expect, it } from 'vitest';
import {
  addDays,
  dayKey,
  offsetMinutes,
  relative,
  startOfDay,
  stopwatch,
  wallHour,
  zonesDiffer,
} from './time.ts';

const hour = 3_600_000;

describe('zones', () => {
  it('compares wall clocks, not names', () => {
    const summer = '2027-07-01T12:00:00Z';
    expect(zonesDiffer(summer, 'Europe/Madrid', 'Europe/Berlin')).toBe(false);
    expect(zonesDiffer(summer, 'Europe/Madrid', 'America/New_York')).toBe(true);
    // Arizona keeps its clock: the same as Los Angeles in summer, an hour ahead in winter.
    expect(zonesDiffer(summer, 'America/Phoenix', 'America/Los_Angeles')).toBe(false);
    expect(zonesDiffer('2027-01-05T12:00:00Z', 'America/Phoenix', 'America/Los_Angeles')).toBe(
      true,
    );
  });

  it('knows offsets that are no whole hours', () => {
    expect(offsetMinutes('2027-01-05T12:00:00Z', 'Asia/Kathmandu')).toBe(345);
    expect(offsetMinutes('2027-01-05T12:00:00Z', 'America/St_Johns')).toBe(-210);
    expect(offsetMinutes('2027-01-05T12:00:00Z', 'UTC')).toBe(0);
  });
});

describe('days', () => {
  it('begins a day at its first instant, also when the clock changes', () => {
    const length = (day: string, zone: string) =>
      (startOfDay(addDays(day, 1), zone) - startOfDay(day, zone)) / hour;
    expect(new Date(startOfDay('2027-01-05', 'America/New_York')).toISOString()).toBe(
      '2027-01-05T05:00:00.000Z',
    );
    expect(length('2027-03-14', 'America/New_York')).toBe(23);
    expect(length('2027-11-07', 'America/New_York')).toBe(25);
    expect(length('2027-03-28', 'Europe/Madrid')).toBe(23);
  });

  it('begins a day that has no midnight after the gap', () => {
    // Lebanon's clock goes from 00:00 to 01:00 on the last Sunday of March.
    const start = startOfDay('2027-03-28', 'Asia/Beirut');
    expect(dayKey(start, 'Asia/Beirut')).toBe('2027-03-28');
    expect(dayKey(start - 1, 'Asia/Beirut')).toBe('2027-03-27');
  });

  it('tells the hour of the wall clock', () => {
    expect(wallHour('2027-07-01T13:30:00Z', 'America/New_York')).toBe(9.5);
    expect(wallHour('2027-01-05T22:00:00Z', 'Asia/Kathmandu')).toBe(3.75);
  });
});

describe('spans', () => {
  it('names the largest unit that says something', () => {
    const now = Date.parse('2027-01-05T12:00:00Z');
    expect(relative(now + 20 * 60_000, now, 'en')).toBe('in 20 minutes');
    expect(relative(now + 5 * hour, now, 'es')).toBe('dentro de 5 horas');
    expect(relative(now - 48 * hour, now, 'en')).toBe('2 days ago');
  });

  it('counts like a stopwatch', () => {
    expect([stopwatch(0), stopwatch(64_999), stopwatch(3_729_000), stopwatch(-5)]).toEqual([
      '0:00',
      '1:04',
      '1:02:09',
      '0:00',
    ]);
  });
});
