/** Quiet hours on somebody's own clock, over midnight and over clock changes. */
import { expect, it } from 'vitest';
import { beforeQuiet, isQuiet, quietEnds, usualQuiet } from './quiet.ts';

const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString();

it.each([
  ['2026-11-24T20:59:00-05:00', false],
  ['2026-11-24T21:00:00-05:00', true],
  ['2026-11-25T02:00:00-05:00', true],
  ['2026-11-25T08:00:00-05:00', false],
])('%s in New York is quiet: %s', (text, quiet) => {
  expect(isQuiet(at(text), 'America/New_York', usualQuiet)).toBe(quiet);
});

it('ends in the morning of her own day, wherever she is', () => {
  expect(iso(quietEnds(at('2026-11-24T18:00:00Z'), 'Asia/Kolkata', usualQuiet))).toBe(
    '2026-11-25T02:30:00.000Z',
  );
  expect(iso(quietEnds(at('2026-11-24T12:00:00Z'), 'Asia/Kolkata', usualQuiet))).toBe(
    '2026-11-24T12:00:00.000Z',
  );
});

it('a night in which clocks change ends at eight by the clock on the wall', () => {
  const night = at('2027-03-14T01:00:00-05:00');
  expect(iso(quietEnds(night, 'America/New_York', usualQuiet))).toBe('2027-03-14T12:00:00.000Z');
});

it('a morning that does not exist ends after the gap', () => {
  const quiet = { from: 22 * 60, to: 2 * 60 + 30 };
  const night = at('2027-03-14T01:00:00-05:00');
  expect(iso(quietEnds(night, 'America/New_York', quiet))).toBe('2027-03-14T07:30:00.000Z');
});

it('began at nine in the evening before', () => {
  const early = at('2026-11-25T06:00:00-05:00');
  expect(iso(beforeQuiet(early, 'America/New_York', usualQuiet))).toBe('2026-11-25T01:59:00.000Z');
});

it('none are none', () => {
  expect(isQuiet(0, 'UTC', undefined)).toBe(false);
  expect(isQuiet(0, 'UTC', { from: 0, to: 0 })).toBe(false);
});
