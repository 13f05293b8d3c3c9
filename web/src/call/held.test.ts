/** Messages that wait for what explains them. */
import { describe, expect, it } from 'vitest';
import { Held } from './held.ts';

describe('messages that wait', () => {
  it('are taken once, in order', () => {
    const held = new Held<number>();
    for (const n of [1, 2, 3]) held.push(n);
    expect(held.take()).toEqual([1, 2, 3]);
    expect(held.take()).toEqual([]);
  });

  it('are never more than three hundred, whoever sends them: the newest stay', () => {
    const held = new Held<number>();
    for (let n = 0; n < 5_000; n += 1) held.push(n);
    const left = held.take();
    expect(left).toHaveLength(300);
    expect(left.at(-1)).toBe(4_999);
  });
});
