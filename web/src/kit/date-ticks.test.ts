/** Marks of time: no word twice, none outside, enough to read a date from. */
import { expect, it } from 'vitest';
import { dateTicks } from './date-ticks.ts';

const at = (text: string): number => Date.parse(text);
const cases: [string, string, number][] = [
  ['2011-10-01', '2020-09-05', 3.4],
  ['1973-11-24', '2026-11-21', 4],
  ['2026-05-01', '2026-11-20', 3],
  ['2026-11-01', '2026-11-20', 4],
  ['2026-11-20T08:00:00Z', '2026-11-20T17:00:00Z', 4],
  ['2023-11-22', '2026-11-20', 1],
];

it.each(cases)('%s to %s', (from, to, room) => {
  const ticks = dateTicks(at(from), at(to), room, 'en');
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.length).toBeLessThanOrEqual(Math.max(2, Math.floor(room)));
  expect(new Set(ticks.map((one) => one.text)).size).toBe(ticks.length);
  for (const one of ticks) {
    expect(one.at).toBeGreaterThanOrEqual(at(from));
    expect(one.at).toBeLessThanOrEqual(at(to));
  }
});

it('a long span is marked by years, at their first day', () => {
  const ticks = dateTicks(at('2011-10-01'), at('2020-09-05'), 3.4, 'en');
  expect(ticks.map((one) => one.text)).toEqual(['2012', '2015', '2018']);
  expect(ticks[0]!.at).toBe(at('2012-01-01'));
});
