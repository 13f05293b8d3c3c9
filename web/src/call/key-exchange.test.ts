/** How long an exchange waits before it is begun anew. */
import { expect, it } from 'vitest';
import { waitAfter } from './key-exchange.ts';

it('waits ten seconds at first, longer each time, never two alike for long, a minute and a quarter at the most', () => {
  expect(waitAfter(0, 0.9)).toBe(10_000);
  expect([waitAfter(1, 0), waitAfter(1, 1)]).toEqual([15_000, 25_000]);
  expect(waitAfter(2, 0.5)).toBe(40_000);
  expect(waitAfter(30, 1)).toBe(75_000);
});

it('gives a room of eight, where 56 keys are shown, the time of eight', () => {
  expect(waitAfter(0, 0.5, 8)).toBe(25_000);
  expect(waitAfter(1, 0.5, 8)).toBe(50_000);
  expect(waitAfter(9, 1, 8)).toBe(75_000);
});
