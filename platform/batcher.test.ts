/** The batcher: what comes together goes together, nobody waits without need, and nobody is held up for long. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { batcher } from './batcher.ts';

const gate = () => {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

it('runs what one turn brought in one go, answers in order', async () => {
  const runs: number[][] = [];
  const ask = batcher((keys: number[]) => {
    runs.push(keys);
    return Promise.resolve(keys.map((key) => key * 2));
  });
  expect(await Promise.all([1, 2, 3].map(ask))).toEqual([2, 4, 6]);
  expect(runs).toEqual([[1, 2, 3]]);
});

it('never answers a key from a run that had begun before it was asked', async () => {
  const first = gate();
  const runs: number[][] = [];
  const ask = batcher(
    async (keys: number[]) => {
      runs.push(keys);
      if (runs.length === 1) await first.opened;
      return keys;
    },
    { patience: 1_000 },
  );
  const one = ask(7);
  await sleep(5);
  const other = ask(7);
  first.open();
  await Promise.all([one, other]);
  expect(runs).toEqual([[7], [7]]);
});

it('gathers behind a run, and opens the next lane when that one is held up', async () => {
  const first = gate();
  const runs: number[][] = [];
  const ask = batcher(
    async (keys: number[]) => {
      runs.push(keys);
      if (keys[0] === 0) await first.opened;
      return keys;
    },
    { patience: 20 },
  );
  const held = ask(0);
  await sleep(2);
  const others = [1, 2, 3].map(ask);
  await sleep(2);
  expect(runs).toEqual([[0]]);
  await Promise.all(others);
  expect(runs).toEqual([[0], [1, 2, 3]]);
  first.open();
  await held;
});

it('takes what may go together, and forgets nobody', async () => {
  const runs: number[][] = [];
  const ask = batcher(
    (keys: number[]) => {
      runs.push(keys);
      return Promise.resolve(keys);
    },
    { lanes: 1, take: (all) => all.filter((key) => key % 2 === all[0]! % 2) },
  );
  await Promise.all([1, 2, 3, 4].map(ask));
  expect(runs).toEqual([
    [1, 3],
    [2, 4],
  ]);
});

it('gives a failure to those of its run only', async () => {
  const ask = batcher((keys: number[]) =>
    keys.includes(1) ? Promise.reject(new Error('no')) : Promise.resolve(keys),
  );
  await expect(ask(1)).rejects.toThrow('no');
  expect(await ask(2)).toBe(2);
});
