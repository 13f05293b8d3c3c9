/** Load shedding, with a clock of its own: when it turns away, whom it lets in, and how the limit finds its place. */
import { describe, expect, it } from 'vitest';
import { createShedding, type Shedding } from './shedding.ts';

let at = 0;
const now = () => at;
const make = (opts = {}): Shedding => {
  at = 0;
  return createShedding({ now, ...opts });
};

/** `n` requests come; how many are let in. */
const come = (shedding: Shedding, n: number, vital = false): number =>
  Array.from({ length: n }, () => shedding.enter(vital)).filter(Boolean).length;

const go = (shedding: Shedding, n: number, ms: number): void => {
  for (let i = 0; i < n; i++) shedding.leave(ms);
};

/** They go, and the limit learns nothing from it. */
const goUntold = (shedding: Shedding, n: number): void => {
  for (let i = 0; i < n; i++) shedding.leave(undefined);
};

/** A server with `cores` whose requests take `cost` ms of one: `offered` a second for so many seconds. */
function simulate(
  shedding: Shedding,
  {
    offered,
    cost,
    cores = 2,
    seconds,
  }: { offered: number; cost: number; cores?: number; seconds: number },
): { answered: number[]; shed: number } {
  const answered: number[] = [];
  const waiting: number[] = [];
  let shed = 0;
  const end = at + seconds * 1000;
  const step = 1;
  let due = 0;
  let worked = 0;
  for (; at < end; at += step) {
    due += (offered / 1000) * step;
    for (; due >= 1; due--)
      if (shedding.enter(false)) waiting.push(at);
      else shed++;
    worked += (cores * step) / cost;
    for (; worked >= 1 && waiting.length; worked--) {
      const took = at - waiting.shift()! + cost;
      answered.push(took);
      shedding.leave(took);
    }
    if (!waiting.length) worked = Math.min(worked, 1);
  }
  go(shedding, waiting.length, cost);
  return { answered, shed };
}

const p99 = (all: number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length * 0.99)]!;

describe('load shedding', () => {
  it('lets a burst in that is gone at once, and nobody beyond the most', () => {
    const shedding = make({ most: 100 });
    expect(come(shedding, 120)).toBe(100);
    expect(shedding.shed).toBe(20);
  });

  it('what stands longer than a moment is a queue: only as many as the limit are let in', () => {
    const shedding = make();
    expect(come(shedding, 120)).toBe(120);
    at += 300;
    expect(come(shedding, 10)).toBe(0);
    goUntold(shedding, 120 - Math.floor(shedding.limit) + 5);
    expect(come(shedding, 20)).toBe(5);
  });

  it('one person’s page on a busy machine is no queue, until it stands for seconds', () => {
    const shedding = make();
    expect(come(shedding, 40)).toBe(40);
    at += 1_500;
    expect(come(shedding, 20)).toBe(20);
    at += 600;
    expect(come(shedding, 1)).toBe(0);
  });

  it('after a calm second bursts are let in again', () => {
    const shedding = make();
    come(shedding, 120);
    at += 300;
    expect(come(shedding, 1)).toBe(0);
    goUntold(shedding, 120);
    at += 1_500;
    expect(come(shedding, 60)).toBe(60);
  });

  it('the vital have a share of their own', () => {
    const shedding = make();
    come(shedding, 120);
    at += 300;
    expect(come(shedding, 1)).toBe(0);
    goUntold(shedding, 120 - Math.ceil(shedding.limit));
    expect(come(shedding, 1)).toBe(0);
    expect(come(shedding, 3, true)).toBe(3);
  });

  it('what waits for its sender does not count, and comes back in whatever the limit', () => {
    const shedding = make({ most: 4 });
    expect(come(shedding, 4)).toBe(4);
    for (let i = 0; i < 4; i++) shedding.pause();
    expect(come(shedding, 4)).toBe(4);
    for (let i = 0; i < 4; i++) shedding.resume();
    expect(shedding.inService).toBe(8);
    expect(come(shedding, 1)).toBe(0);
  });

  it('ten times the load: nearly all that can be served is, and takes at most twice as long as before', () => {
    const shedding = make();
    const cost = 3;
    const capacity = (2 * 1000) / cost;
    const normal = simulate(shedding, { offered: 0.7 * capacity, cost, seconds: 20 });
    expect(normal.shed).toBe(0);
    const flood = simulate(shedding, { offered: 10 * capacity, cost, seconds: 30 });
    expect(flood.answered.length).toBeGreaterThan(0.95 * 30 * capacity);
    // A burst of 128 at its beginning is let in: less than one in a hundred.
    const limitTakes = (shedding.limit * cost) / 2 + cost;
    expect(p99(flood.answered)).toBeLessThanOrEqual(limitTakes * 2);
    expect(shedding.limit).toBeLessThanOrEqual(20);
  });

  it('a load it can serve raises the limit, and nobody is turned away', () => {
    const shedding = make();
    // Long requests that wait for others' machines: many at once, and none slower for it.
    for (let round = 0; round < 200; round++) {
      const many = come(shedding, Math.floor(shedding.limit));
      at += 20;
      go(shedding, many, 20);
    }
    expect(shedding.limit).toBeGreaterThan(200);
    expect(shedding.shed).toBe(0);
  });
});
