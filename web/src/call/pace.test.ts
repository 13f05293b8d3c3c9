/** What is said again after a cut: all of it, in order, and never so fast that the server hangs up. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pace } from './pace.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('lets sixty through at once and twenty a second, in order', () => {
  const said: number[] = [];
  const pace = new Pace<number>((one) => said.push(one));
  for (let n = 0; n < 200; n++) pace.push(n);
  expect(said).toHaveLength(60);
  vi.advanceTimersByTime(1_000);
  expect(said).toHaveLength(80);
  pace.push(200);
  vi.advanceTimersByTime(7_000);
  expect(said).toEqual(Array.from({ length: 201 }, (_, n) => n));
});

it('writes at once while little is said', () => {
  const said: number[] = [];
  const pace = new Pace<number>((one) => said.push(one));
  for (let n = 0; n < 100; n++) {
    pace.push(n);
    expect(said).toHaveLength(n + 1);
    vi.advanceTimersByTime(80);
  }
});

it('says nothing of a socket that is gone', () => {
  const said: number[] = [];
  const pace = new Pace<number>((one) => said.push(one));
  for (let n = 0; n < 100; n++) pace.push(n);
  pace.clear();
  vi.advanceTimersByTime(10_000);
  expect(said).toHaveLength(60);
});
