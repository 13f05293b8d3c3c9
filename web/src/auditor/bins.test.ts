/** Bars of the audit chart: nothing is counted twice, nothing is lost. */
import { expect, it } from 'vitest';
import { bins } from './bins.ts';

const hour = 3_600_000;

it('keeps every count, in the bar it belongs to', () => {
  const hours = Array.from({ length: 24 * 30 }, (_, at) => ({
    hour: at * hour,
    count: 2,
    refused: 1,
  }));
  const made = bins(hours, 0, 24 * 30 * hour);
  expect(made).toHaveLength(60);
  expect(made.every((bin) => bin.count === 24 && bin.refused === 12)).toBe(true);
});

it('shows empty hours as empty bars and leaves out what lies outside', () => {
  const made = bins(
    [
      { hour: 3 * hour, count: 5, refused: 0 },
      { hour: -hour, count: 9, refused: 9 },
      { hour: 24 * hour, count: 9, refused: 9 },
    ],
    0,
    24 * hour,
  );
  expect(made).toHaveLength(24);
  expect(made.map((bin) => bin.count).filter(Boolean)).toEqual([5]);
  expect(made[3]).toEqual({ from: 3 * hour, to: 4 * hour, count: 5, refused: 0 });
});
