/** Messages over a cut line: each once. */
import { expect, it } from 'vitest';
import { PostBox } from './post-box.ts';

const restart = (to: string) => ({ to, type: 'restart', reason: 'no-media' }) as const;

it('says again after a cut what was not heard, under the same numbers [L5]', () => {
  const box = new PostBox();
  expect(['a', 'b', 'c'].map((to) => box.stamp(restart(to)).seq)).toEqual([1, 2, 3]);
  box.heard(1);
  expect(box.unheard.map(({ to, seq }) => `${to} ${seq}`)).toEqual(['b 2', 'c 3']);
  box.heard(3);
  expect(box.unheard).toEqual([]);
  expect(box.stamp(restart('d')).seq).toBe(4);
});

it('takes each number once, and whatever has none', () => {
  const box = new PostBox();
  expect([1, 2, 2, 1, 3, 0, 0].map((n) => box.fresh(n))).toEqual([
    true,
    true,
    false,
    false,
    true,
    true,
    true,
  ]);
  expect(box.after).toBe(3);
});

it('begins anew with a session', () => {
  const box = new PostBox();
  box.stamp(restart('a'));
  box.fresh(7);
  box.reset();
  expect([box.unheard, box.after]).toEqual([[], 0]);
  expect(box.stamp(restart('a')).seq).toBe(1);
});
