/** Dates as intervals [FHIR R4 search.html#date, datatypes.html#dateTime]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateInterval, tryDateInterval } from './index.ts';

const iso = (value: string): string[] => {
  const { start, end } = dateInterval(value);
  return [new Date(start).toISOString(), new Date(end).toISOString()];
};

describe('the interval of a date', () => {
  it.each([
    ['2026', '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['2026-03-01T10:30', '2026-03-01T10:30:00.000Z', '2026-03-01T10:31:00.000Z'],
    ['2026-03-01T10:30:05Z', '2026-03-01T10:30:05.000Z', '2026-03-01T10:30:06.000Z'],
    ['2026-03-01T10:30:05.5Z', '2026-03-01T10:30:05.500Z', '2026-03-01T10:30:05.600Z'],
    ['2026-03-01T10:30:05.57Z', '2026-03-01T10:30:05.570Z', '2026-03-01T10:30:05.580Z'],
    ['2026-03-01T10:30:05.123456Z', '2026-03-01T10:30:05.123Z', '2026-03-01T10:30:05.124Z'],
    ['2026-03-01T00:30:00+02:00', '2026-02-28T22:30:00.000Z', '2026-02-28T22:30:01.000Z'],
    ['2026-03-01T10:30:00-05:30', '2026-03-01T16:00:00.000Z', '2026-03-01T16:00:01.000Z'],
    ['0050', '0050-01-01T00:00:00.000Z', '0051-01-01T00:00:00.000Z'],
  ])('%s', (value, start, end) => {
    expect(iso(value)).toEqual([start, end]);
  });

  it.each([
    '',
    '26',
    '2026-13',
    '2026-00',
    '2026-02-29',
    '2026-01-01T24:00:00Z',
    '2026-01-01T10',
    '2026-01-01T10:00:00+15:00',
    '2026-1-1',
    'ge2026',
    '0000',
  ])('is none for %j', (value) => {
    expect(tryDateInterval(value)).toBeUndefined();
  });

  const instant = fc.date({
    min: new Date('0100-01-01'),
    max: new Date('9998-01-01'),
    noInvalidDate: true,
  });

  it('holds the instants it is a prefix of, and lies inside every coarser one', () => {
    fc.assert(
      fc.property(instant, (date) => {
        const text = date.toISOString();
        const at = date.getTime();
        const levels = [4, 7, 10, 16].map((length) => dateInterval(text.slice(0, length)));
        levels.push(dateInterval(`${text.slice(0, 19)}Z`), dateInterval(text));
        for (const { start, end } of levels) expect(start <= at && at < end).toBe(true);
        for (let i = 1; i < levels.length; i++)
          expect(
            levels[i - 1]!.start <= levels[i]!.start && levels[i]!.end <= levels[i - 1]!.end,
          ).toBe(true);
        expect(levels.at(-1)).toEqual({ start: at, end: at + 1 });
      }),
    );
  });

  it('of neighbours touch without gap or overlap', () => {
    fc.assert(
      fc.property(instant, (date) => {
        for (const length of [4, 7, 10]) {
          const { end } = dateInterval(date.toISOString().slice(0, length));
          const next = new Date(end).toISOString();
          expect(dateInterval(next.slice(0, length)).start).toBe(end);
        }
      }),
    );
  });

  it('agrees on one instant told in two zones', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, minutes) => {
        const seconds = new Date(Math.floor(date.getTime() / 1000) * 1000);
        const local = new Date(seconds.getTime() + minutes * 60_000).toISOString().slice(0, 19);
        const abs = Math.abs(minutes);
        const two = (n: number): string => String(n).padStart(2, '0');
        const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
        expect(dateInterval(local + zone).start).toBe(seconds.getTime());
      }),
    );
  });
});
