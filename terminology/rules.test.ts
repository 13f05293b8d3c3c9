/** Rules stay small when they are put together, and are refused when they cannot. */
import { describe, expect, it } from 'vitest';
import type { Rule } from './model.ts';
import { all, and, candidates, codes, none, not, or } from './rules.ts';

const below = (code: string): Rule => ({ is: 'below', code, self: true });

describe('and, or, not', () => {
  it('know everything and nothing', () => {
    expect(or([all, below('a')])).toBe(all);
    expect(and([all, below('a')])).toEqual(below('a'));
    expect(and([none, below('a')])).toBe(none);
    expect(or([none])).toBe(none);
    expect(not(not(below('a')))).toEqual(below('a'));
    expect(or([codes(['a', 'b']), codes(['b', 'c'])])).toEqual(codes(['a', 'b', 'c']));
  });

  it('doubling at each step ends in a refusal, not in memory', () => {
    let rule: Rule = below('a');
    const grow = () => {
      for (let step = 0; step < 40; step++)
        rule =
          step % 2
            ? and([rule, not(or([rule, below(`x${step}`)]))])
            : or([rule, and([rule, below(`y${step}`)])]);
    };
    expect(grow).toThrow('too-costly');
  });

  it('name the codes to look among, where they do', () => {
    expect(candidates(and([below('a'), codes(['x', 'y'])]))).toEqual(['x', 'y']);
    expect(candidates(or([codes(['x']), below('a')]))).toBeUndefined();
    expect(candidates(not(codes(['x'])))).toBeUndefined();
  });
});
