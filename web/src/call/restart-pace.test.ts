/** How often ICE begins anew. */
import { expect, it } from 'vitest';
import { RestartPace } from './restart-pace.ts';

it('is at most once in four seconds, whoever asks', () => {
  const pace = new RestartPace();
  expect(pace.left(0)).toBe(0);
  expect(pace.take('ice-failed', 1_000)).toBe(true);
  expect(pace.take('no-media', 4_999)).toBe(false);
  expect(pace.left(3_000)).toBe(2_000);
  expect(pace.take('ice-disconnected', 5_000)).toBe(true);
  expect(pace.take('network-changed', 5_001)).toBe(false);
});

it('does not wait when a network comes after it began without one', () => {
  const pace = new RestartPace();
  expect(pace.take('no-media', 1_000)).toBe(true);
  expect(pace.take('network-changed', 2_000)).toBe(true);
  expect(pace.take('network-changed', 2_500)).toBe(false);
});
