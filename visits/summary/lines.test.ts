/** Lines [UAX 9]: broken at spaces, Arabic in its own order, numbers and Latin inside it from left to right, brackets turned. */
import { describe, expect, it } from 'vitest';
import { directionOf, linesOf, type Direction } from './lines.ts';

const ten = ({ text }: { text: string }): number => 10 * text.length;
const drawn = (text: string, base: Direction, room = 10_000): string[][] =>
  linesOf(text, base, room, ten).map((line) => line.runs.map((run) => run.text));

describe('a line', () => {
  it('is broken at spaces, and a word that is too long anywhere; nothing is lost', () => {
    expect(drawn('one two three', 'ltr', 80)).toEqual([['one two'], ['three']]);
    const long = `ab ${'x'.repeat(25)} c`;
    const lines = drawn(long, 'ltr', 100).map((runs) => runs.join(''));
    expect(lines.every((line) => line.length <= 10)).toBe(true);
    expect(lines.join('').replaceAll(' ', '')).toBe(long.replaceAll(' ', ''));
    expect(drawn('', 'ltr')).toEqual([[]]);
  });

  it('of Arabic runs from right to left: its words in turn, numbers and Latin words as they are, brackets turned', () => {
    const [runs] = drawn('خذ 500 mg (مرتين)', 'rtl');
    // [UAX 9 N1] The space between a number and a Latin word is the paragraph's.
    expect(runs!.join('|')).toBe('(|مرتين|) |mg| |500| |خذ');
    expect(drawn('take خذ two', 'ltr')[0]!.join('|')).toBe('take |خذ| two');
  });

  it('never parts a letter from what joins to it', () => {
    const text = 'e\u0301'.repeat(30) + '😀'.repeat(30);
    for (const runs of drawn(text, 'ltr', 70)) expect(runs.join('')).toMatch(/^(e\u0301|😀)+$/u);
  });

  it('has the direction of its first strong letter', () => {
    expect(directionOf('Post-viral', 'rtl')).toBe('ltr');
    expect(directionOf('12 – خذ', 'ltr')).toBe('rtl');
    expect(directionOf('12 – 3', 'rtl')).toBe('rtl');
  });

  it('of 20,000 letters without a space takes no time to speak of', () => {
    let measured = 0;
    linesOf('x'.repeat(20_000), 'ltr', 1_000, (run) => {
      measured += run.text.length;
      return 10 * run.text.length;
    });
    // Each letter a few times, not each line's again for every letter.
    expect(measured).toBeLessThan(100_000);
  });
});
