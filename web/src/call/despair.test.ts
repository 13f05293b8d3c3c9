/** What does not come is told of, again and again, until it comes. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Despair } from './despair.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tells after its time, and again each time', () => {
  const tell = vi.fn<() => void>();
  const despair = new Despair(tell, 30_000);
  despair.wait(60_000);
  despair.wait();
  vi.advanceTimersByTime(59_999);
  expect(tell).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(1);
  expect(tell).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(tell).toHaveBeenCalledTimes(3);
});

it('is quiet once it is over, also when whoever is told ends it', () => {
  const despair = new Despair(() => despair.over(), 1_000);
  const told = vi.fn<() => void>();
  const other = new Despair(told, 1_000);
  despair.wait();
  other.wait();
  other.over();
  vi.advanceTimersByTime(10_000);
  expect(told).toHaveBeenCalledTimes(0);
  expect(vi.getTimerCount()).toBe(0);
  other.wait();
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveBeenCalledTimes(1);
});
