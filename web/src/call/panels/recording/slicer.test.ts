/** What of a film may be kept when somebody's yes is taken back. */
import { expect, it } from 'vitest';
import { agreedTo } from './slicer.ts';

const slices = [1, 2, 3, 4, 5].map((second) => ({
  began: second * 1_000,
  ended: second * 1_000 + 1_000,
}));

it('keeps all while everybody agrees', () => {
  expect(agreedTo(slices, { offset: 0 }, undefined)).toEqual(slices);
});

it('throws away what was filmed after the no, however late the word of it came', () => {
  expect(agreedTo(slices, { offset: 0 }, 2_500).map(({ began }) => began)).toEqual([1_000, 2_000]);
  expect(agreedTo(slices, { offset: 0 }, 0)).toEqual([]);
});

it('reckons in the clock of the server', () => {
  expect(agreedTo(slices, { offset: 10_000 }, 12_500).map(({ began }) => began)).toEqual([
    1_000, 2_000,
  ]);
});
