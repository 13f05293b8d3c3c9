/** Nobody's own answer can be told from what is shown, alone or by subtraction. */
import { describe, expect, it } from 'vitest';
import type { SurveyQuestion } from '../contract-surveys.ts';
import { cellOf, cellsBy, hiddenOf, type Answered } from './sums.ts';

const questions: SurveyQuestion[] = [
  { id: 'csat', text: '', kind: 'scale', from: 1, to: 5 },
  { id: 'nps', text: '', kind: 'scale', from: 0, to: 10 },
  { id: 'text', text: '', kind: 'text', most: 100 },
];
const some = (n: number, clinician: string, scores: Record<string, number>): Answered[] =>
  Array.from({ length: n }, () => ({ week: 0, clinician, mode: 'video', scores }));

it('means, satisfied share and promoters less detractors', () => {
  const { n, scores } = cellOf(questions, [
    ...some(3, 'a', { csat: 5, nps: 10 }),
    ...some(1, 'a', { csat: 4, nps: 8 }),
    ...some(2, 'a', { csat: 1, nps: 2 }),
  ]);
  expect(n).toBe(6);
  expect(scores).toEqual({
    csat: { n: 6, mean: 3.5, score: 67 },
    nps: { n: 6, mean: 7, score: 17 },
  });
});

it('a question fewer than five answered says nothing', () => {
  const cell = cellOf(questions, [
    ...some(4, 'a', { csat: 5, nps: 1 }),
    ...some(3, 'a', { csat: 4 }),
  ]);
  expect(Object.keys(cell.scores)).toEqual(['csat']);
});

describe('hidden groups', () => {
  const hidden = (sizes: Record<string, number>) =>
    [...hiddenOf(new Map(Object.entries(sizes)))].toSorted();
  it.each([
    [{ a: 10, b: 12 }, []],
    [{ a: 0, b: 12 }, []],
    // The whole less b would be a: b goes too.
    [{ a: 3, b: 12 }, ['a', 'b']],
    [{ a: 3, b: 12, c: 30 }, ['a', 'b']],
    [{ a: 4, b: 1, c: 30 }, ['a', 'b']],
    // Together fewer than five.
    [{ a: 1, b: 2, c: 9, d: 30 }, ['a', 'b', 'c']],
    [{ a: 3 }, ['a']],
  ])('%j hides %j', (sizes, expected) => {
    expect(hidden(sizes)).toEqual(expected);
  });
});

it('no cell, no total and no difference is of fewer than five, whatever the groups', () => {
  for (let seed = 1; seed < 200; seed++) {
    const sizes = [seed % 7, (seed * 3) % 11, (seed * 5) % 23, (seed * 7) % 6];
    const keys = ['a', 'b', 'c', 'd'];
    const answers = keys.flatMap((key, at) => some(sizes[at]!, key, { csat: 1 + (seed % 5) }));
    const cells = cellsBy(questions, answers, keys, (one) => one.clinician);
    const shown = [...cells.values()].flatMap(({ n }) => (n ? [n] : []));
    expect(shown.every((n) => n >= 5)).toBe(true);
    const rest = answers.length - shown.reduce((sum, n) => sum + n, 0);
    // Where the total itself is shown: what is left of it is nobody, or five and of two groups at least.
    expect(answers.length < 5 || rest === 0 || rest >= 5).toBe(true);
  }
});

it('a question that few answered in one group is not told by the others', () => {
  const answers = [
    ...some(8, 'a', { csat: 5, nps: 9 }),
    ...some(9, 'b', { csat: 4 }),
    ...some(2, 'b', { csat: 4, nps: 0 }),
  ];
  const cells = cellsBy(questions, answers, ['a', 'b'], (one) => one.clinician);
  expect(Object.keys(cells.get('a')!.scores)).toEqual(['csat']);
  expect(Object.keys(cells.get('b')!.scores)).toEqual(['csat']);
});
