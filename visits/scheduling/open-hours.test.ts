/** Slots against the clock's own tricks: clock changes, nights, buffers, exceptions. */
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { ScheduleRule } from '../contract.ts';
import { blockedSpan, instantOf, slotSpans } from './open-hours.ts';

const newYork: ScheduleRule = {
  clinician: '0190a000-0000-7000-8000-000000000001',
  zone: 'America/New_York',
  slotMinutes: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  capacity: 1,
  noticeMinutes: 0,
  horizonDays: 365,
  modes: ['video'],
  hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day: day as 1, start: '09:00', end: '10:00' })),
  exceptions: [],
  closures: [],
  active: true,
};

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const utc = (spans: { start: number }[]): string[] =>
  spans.map(({ start }) => new Date(start).toISOString().slice(0, 16));
const wall = (spans: { start: number }[], zone = newYork.zone): string[] =>
  spans.map(({ start }) =>
    Temporal.Instant.fromEpochMilliseconds(start)
      .toZonedDateTimeISO(zone)
      .toPlainDateTime()
      .toString()
      .slice(0, 16),
  );
const nights = (hours: { start: string; end: string }, over = {}): ScheduleRule => ({
  ...newYork,
  hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day: day as 1, ...hours })),
  ...over,
});

describe('a New York clinic keeps 09:00', () => {
  it('across 2027-03-14, when clocks go forward', () => {
    const slots = slotSpans(newYork, at('2027-03-12T00:00Z'), at('2027-03-17T00:00Z'));
    expect(new Set(wall(slots).map((one) => one.slice(11)))).toEqual(new Set(['09:00', '09:30']));
    expect(utc(slots)).toEqual([
      '2027-03-12T14:00',
      '2027-03-12T14:30',
      '2027-03-13T14:00',
      '2027-03-13T14:30',
      '2027-03-14T13:00',
      '2027-03-14T13:30',
      '2027-03-15T13:00',
      '2027-03-15T13:30',
      '2027-03-16T13:00',
      '2027-03-16T13:30',
    ]);
  });

  it('across 2027-11-07, when clocks go back', () => {
    const slots = slotSpans(newYork, at('2027-11-06T00:00Z'), at('2027-11-09T00:00Z'));
    expect(utc(slots)).toEqual([
      '2027-11-06T13:00',
      '2027-11-06T13:30',
      '2027-11-07T14:00',
      '2027-11-07T14:30',
      '2027-11-08T14:00',
      '2027-11-08T14:30',
    ]);
  });
});

describe('the hour that is not there (02:00 to 03:00 on 2027-03-14)', () => {
  const day = [at('2027-03-14T05:00Z'), at('2027-03-15T04:00Z')] as const;

  it('shortens hours that contain it', () => {
    const slots = slotSpans(nights({ start: '01:00', end: '04:00' }), ...day);
    expect(wall(slots).map((one) => one.slice(11))).toEqual(['01:00', '01:30', '03:00', '03:30']);
  });

  it('hours that begin inside it begin at the change', () => {
    const slots = slotSpans(nights({ start: '02:30', end: '04:00' }), ...day);
    expect(wall(slots).map((one) => one.slice(11))).toEqual(['03:00', '03:30']);
  });

  it('hours that end inside it end at the change', () => {
    const slots = slotSpans(nights({ start: '01:00', end: '02:30' }), ...day);
    expect(wall(slots).map((one) => one.slice(11))).toEqual(['01:00', '01:30']);
  });

  it('hours wholly inside it offer nothing', () => {
    expect(slotSpans(nights({ start: '02:00', end: '03:00' }), ...day)).toEqual([]);
  });
});

describe('the hour that is there twice (01:00 to 02:00 on 2027-11-07)', () => {
  const day = [at('2027-11-07T04:00Z'), at('2027-11-08T05:00Z')] as const;

  it('lengthens hours that contain it, and no start is offered twice', () => {
    const slots = slotSpans(nights({ start: '00:00', end: '03:00' }), ...day);
    expect(utc(slots)).toEqual([
      '2027-11-07T04:00',
      '2027-11-07T04:30',
      '2027-11-07T05:00',
      '2027-11-07T05:30',
      '2027-11-07T06:00',
      '2027-11-07T06:30',
      '2027-11-07T07:00',
      '2027-11-07T07:30',
    ]);
  });

  it('neighbouring hours that meet inside it touch and do not overlap', () => {
    const first = instantOf(Temporal.PlainDate.from('2027-11-07'), '01:30', newYork.zone);
    expect(new Date(first).toISOString()).toBe('2027-11-07T05:30:00.000Z');
  });
});

describe('nights, exceptions, closures, buffers', () => {
  it('a shift from 22:00 to 02:00 belongs to the day on which it begins', () => {
    const rule = {
      ...newYork,
      slotMinutes: 60,
      hours: [{ day: 5 as const, start: '22:00', end: '02:00' }],
    };
    const slots = slotSpans(rule, at('2027-01-15T00:00Z'), at('2027-01-18T00:00Z'));
    expect(wall(slots)).toEqual([
      '2027-01-15T22:00',
      '2027-01-15T23:00',
      '2027-01-16T00:00',
      '2027-01-16T01:00',
    ]);
    // Asked for the second half only, the night is still found.
    expect(wall(slotSpans(rule, at('2027-01-16T05:00Z'), at('2027-01-17T00:00Z')))).toEqual([
      '2027-01-16T00:00',
      '2027-01-16T01:00',
    ]);
  });

  it('24:00 ends a day', () => {
    const slots = slotSpans(
      nights({ start: '23:00', end: '24:00' }),
      at('2027-01-15T12:00Z'),
      at('2027-01-16T12:00Z'),
    );
    expect(wall(slots)).toEqual(['2027-01-15T23:00', '2027-01-15T23:30']);
  });

  it('an exception replaces the hours of its day; a closure removes days', () => {
    const rule: ScheduleRule = {
      ...newYork,
      exceptions: [
        { date: '2027-01-12', hours: [{ start: '15:00', end: '15:30' }] },
        { date: '2027-01-13', hours: [] },
      ],
      closures: [{ from: '2027-01-14', to: '2027-01-15' }],
    };
    expect(wall(slotSpans(rule, at('2027-01-12T00:00Z'), at('2027-01-17T00:00Z')))).toEqual([
      '2027-01-12T15:00',
      '2027-01-16T09:00',
      '2027-01-16T09:30',
    ]);
  });

  it('buffers space the starts, so that a booking never blocks its neighbour', () => {
    const rule = { ...nights({ start: '09:00', end: '12:00' }), bufferBefore: 5, bufferAfter: 10 };
    const slots = slotSpans(rule, at('2027-01-12T05:00Z'), at('2027-01-13T05:00Z'));
    expect(wall(slots).map((one) => one.slice(11))).toEqual(['09:00', '09:45', '10:30', '11:15']);
    for (const [index, slot] of slots.slice(0, -1).entries())
      expect(blockedSpan(rule, slot.start).end).toBeLessThanOrEqual(
        blockedSpan(rule, slots[index + 1]!.start).start,
      );
  });
});

describe('in any zone, at any time of any year', () => {
  const zones = [
    'America/New_York',
    'Europe/Berlin',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
    'America/St_Johns',
    'Pacific/Apia',
    'UTC',
  ];
  const hour = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30'))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${m}`);

  it('slots ascend, never overlap, and do not depend on the window they are asked through', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        hour,
        hour,
        fc.constantFrom(15, 20, 45),
        fc.integer({ min: 0, max: 3000 }),
        (zone, start, end, slotMinutes, offset) => {
          const rule = nights({ start, end }, { zone, slotMinutes });
          const from = at('2026-01-01T00:00Z') + offset * 3_600_000 * 7;
          const to = from + 3 * 86_400_000;
          const middle = from + 31 * 3_600_000;
          const whole = slotSpans(rule, from, to);
          // Hours that begin where they end are the whole day, met again by the next one when clocks go back.
          const overlaps = whole
            .slice(0, -1)
            .filter((slot, index) => whole[index + 1]!.start < slot.end);
          expect(start === end ? [] : overlaps).toEqual([]);
          const halves = [...slotSpans(rule, from, middle), ...slotSpans(rule, middle, to)];
          expect(halves).toEqual(whole);
        },
      ),
      { numRuns: 150 },
    );
  });
});
