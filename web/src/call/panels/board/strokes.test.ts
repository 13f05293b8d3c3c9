/** Strokes of others: what is no stroke is nothing, nobody takes away another's, nobody fills the board. */
import { describe, expect, it } from 'vitest';
import {
  cleared,
  readPiece,
  readSurface,
  span,
  type Stroke,
  withPiece,
  without,
} from './strokes.ts';

const piece = (id: string, points: number[], at = 0) => ({ id, tool: 'pen' as const, at, points });

describe('a piece of a stroke', () => {
  it('is taken as it was drawn', () => {
    expect(readPiece({ id: 'a', tool: 'pen', at: 2, p: [0, span] })).toEqual(
      piece('a', [0, span], 2),
    );
  });

  it.each([
    { id: 'a', tool: 'pen', at: 0, p: [1, 2, 3] },
    { id: 'a', tool: 'pen', at: 0, p: [1, span + 1] },
    { id: 'a', tool: 'pen', at: 0, p: [1, NaN] },
    { id: 'a', tool: 'text', at: 0, p: [] },
    { id: '<b>', tool: 'pen', at: 0, p: [] },
    { id: 'a', tool: 'pen', at: -2, p: [] },
  ])('is none otherwise: %j', (said) => expect(readPiece(said)).toBeUndefined());

  it('goes on where it was, and an arrow has a new end', () => {
    const one = withPiece([], 'x', piece('a', [1, 1]));
    expect(withPiece(one, 'x', piece('a', [2, 2], 2))[0]!.points).toEqual([1, 1, 2, 2]);
    expect(withPiece(one, 'x', piece('a', [5, 5], 0))[0]!.points).toEqual([5, 5]);
  });

  it('of the same name by somebody else is another stroke', () => {
    const two = withPiece(withPiece([], 'x', piece('a', [1, 1])), 'y', piece('a', [2, 2]));
    expect(two.map(({ from, points }) => [from, points])).toEqual([
      ['x', [1, 1]],
      ['y', [2, 2]],
    ]);
    expect(without(two, 'x', 'a')).toEqual([two[1]]);
    expect(cleared(two, 'y', false)).toEqual([two[0]]);
    expect(cleared(two, 'y', true)).toEqual([]);
  });

  it('cannot be added without end', () => {
    let strokes: readonly Stroke[] = [];
    for (let i = 0; i < 400; i++) strokes = withPiece(strokes, 'x', piece(`s${i}`, [0, 0]));
    expect(strokes).toHaveLength(300);
    const long = withPiece(strokes, 'x', piece('s0', Array<number>(7_000).fill(1), 2));
    expect(long[0]!.points).toHaveLength(2);
  });
});

describe('a surface', () => {
  it('is blank, a screen or a camera of a seat', () => {
    expect(readSurface({ kind: 'blank' })).toEqual({ kind: 'blank' });
    expect(readSurface({ kind: 'screen', peer: 'p1' })).toEqual({ kind: 'screen', peer: 'p1' });
    expect(readSurface({ kind: 'screen' })).toBeUndefined();
    expect(readSurface({ kind: 'camera', peer: 'a b' })).toBeUndefined();
  });
});
