/** What arrives is held back on a lossy line, and on no other. */
import { expect, it } from 'vitest';
import { type Hold, nextHold, noHold } from './hold.ts';

const run = (from: Hold, seconds: number, loss: number, rtt = 40): Hold => {
  let state = from;
  for (let second = 0; second < seconds; second++) state = nextHold(state, { loss, rtt });
  return state;
};

it('a whole line is shown at once, and one bad second changes nothing', () => {
  expect(run(noHold, 60, 0).ms).toBeNull();
  expect(run(run(noHold, 1, 0.04), 30, 0).ms).toBeNull();
});

it('steady loss is waited out: long enough to ask twice, never longer than a talk bears', () => {
  expect(run(noHold, 8, 0.03).ms).toBe(230);
  expect(run(noHold, 8, 0.03, 900).ms).toBe(300);
});

it('the delay stays as it is while the line loses, and goes when it was whole for a while', () => {
  const held = run(noHold, 8, 0.03, 40);
  expect(run(held, 60, 0.02, 90).ms).toBe(230);
  expect(run(held, 10, 0).ms).toBe(230);
  expect(run(held, 40, 0).ms).toBeNull();
});
