/** What a measured network is called. */
import { expect, it } from 'vitest';
import { judge, median } from './network-probe.ts';

it('needs both a short way and a wide one to be good', () => {
  expect(judge(40, 20)).toBe('good');
  expect(judge(200, 20)).toBe('fair');
  expect(judge(40, 0.8)).toBe('fair');
  expect(judge(500, 20)).toBe('poor');
  expect(judge(40, 0.1)).toBe('poor');
  expect(judge(40, 20, 0.2)).toBe('fair');
  expect(judge(40, 20, 0.5)).toBe('poor');
});

it('is not moved by one slow trip', () => {
  expect(median([10, 12, 900, 11, 13])).toBe(12);
});
