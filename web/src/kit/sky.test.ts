/** Where the sun stands. */
import { expect, it } from 'vitest';
import { bodyAt, phaseOf } from './sky.tsx';

it('gives every hour a sky and keeps the sun in it', () => {
  expect([0, 6, 9, 13, 16, 19, 23].map(phaseOf)).toEqual([
    'night',
    'dawn',
    'morning',
    'noon',
    'afternoon',
    'dusk',
    'night',
  ]);
  for (let hour = 0; hour < 24; hour += 0.25) {
    const { x, y } = bodyAt(hour);
    expect(x).toBeGreaterThanOrEqual(40);
    expect(x).toBeLessThanOrEqual(360);
    expect(y).toBeGreaterThan(40);
    expect(y).toBeLessThanOrEqual(177);
  }
});
