/** The words of an entry that was erased leave the memory; those of others stay. */
import { expect, it } from 'vitest';
import { WordIndex } from './word-index.ts';

const found = (look: (found: (slot: number) => void) => void): number[] => {
  const slots: number[] = [];
  look((slot) => slots.push(slot));
  return slots.sort((a, b) => a - b);
};

it('forgets a slot by every way to it, and the texts that led to it alone', () => {
  const words = new WordIndex();
  // More than a merge's worth, so that some are sorted and some fresh.
  for (let slot = 10; slot < 400; slot++) words.add(`word${slot}`, slot);
  words.add('vergissmeinnicht', 1);
  words.add('mina', 1);
  words.add('mina', 2);
  expect(found((add) => words.prefix('vergiss', add))).toEqual([1]);
  words.add('vergissdeinnicht', 1);
  words.forget(1);
  for (const part of ['vergiss', 'nicht'])
    expect(found((add) => words.contains(part, add))).toEqual([]);
  expect(found((add) => words.prefix('vergiss', add))).toEqual([]);
  expect(found((add) => words.exact('vergissmeinnicht', add))).toEqual([]);
  expect(found((add) => words.exact('mina', add))).toEqual([2]);
  expect(found((add) => words.prefix('word399', add))).toEqual([399]);
});
