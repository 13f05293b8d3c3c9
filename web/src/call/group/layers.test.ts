/** Which pictures are asked for, by size, speaker, line and budget. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layersFor, levels, nextStrain, noStrain, type Strain, type Tile } from './layers.ts';

const tile = (peer: string, height: number, kind: Tile['kind'] = 'video'): Tile => ({
  peer,
  kind,
  height,
});
const plenty = 10_000_000;

describe('the wanted layers', () => {
  it('are high for a large tile, low for a small one, none for a hidden one', () => {
    const tiles = [tile('a', 500), tile('b', 120), tile('c', 0)];
    expect(layersFor({ tiles, first: 'a', level: 'all', budget: plenty }).layers).toEqual({
      a: 'high',
      b: 'low',
      c: 'off',
    });
  });

  it('give the speaker the high one when there is room for one', () => {
    const tiles = [tile('a', 300), tile('b', 300), tile('c', 300)];
    const budget = 3 * 100_000 + 550_000;
    expect(layersFor({ tiles, first: 'b', level: 'all', budget }).layers).toEqual({
      a: 'low',
      b: 'high',
      c: 'low',
    });
  });

  it('give a screen before a camera, and on a strained line no camera', () => {
    const tiles = [tile('a', 600, 'screen'), tile('a', 120), tile('b', 300)];
    const only = layersFor({ tiles, first: 'b', level: 'all', budget: 600_000 });
    expect(only).toEqual({ screens: { a: 'high' }, layers: { a: 'off', b: 'low' } });
    const strained = layersFor({ tiles, first: 'b', level: 'screens', budget: plenty });
    expect(strained).toEqual({ screens: { a: 'high' }, layers: { a: 'off', b: 'off' } });
    const voices = layersFor({ tiles, first: 'b', level: 'voices', budget: plenty });
    expect(voices.screens).toEqual({ a: 'off' });
  });

  it('never cost more than the budget, and name every tile', () => {
    const price = { off: 0, low: 100_000, high: 650_000 };
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.record({
            peer: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
            height: fc.nat(900),
          }),
          { selector: (one) => one.peer },
        ),
        fc.nat(5_000_000),
        fc.constantFrom(...levels),
        (cameras, budget, level) => {
          const tiles = cameras.map(({ peer, height }) => tile(peer, height));
          const { layers } = layersFor({ tiles, first: 'a', level, budget });
          const spent = Object.values(layers).reduce((sum, layer) => sum + price[layer], 0);
          expect(spent).toBeLessThanOrEqual(budget);
          expect(Object.keys(layers).toSorted()).toEqual(
            cameras.map(({ peer }) => peer).toSorted(),
          );
        },
      ),
    );
  });
});

describe('a strained line', () => {
  const run = (from: Strain, loss: number, seconds: number): Strain => {
    let strain = from;
    for (let at = 0; at < seconds; at++) strain = nextStrain(strain, { loss, kbps: 0, over: 1000 });
    return strain;
  };

  it('gives up large pictures, then cameras, then screens; voices never', () => {
    expect(run(noStrain, 0.1, 3).level).toBe('all');
    expect(run(noStrain, 0.1, 4).level).toBe('small');
    expect(run(noStrain, 0.1, 8).level).toBe('screens');
    expect(run(noStrain, 0.1, 60).level).toBe('voices');
  });

  it('comes back step by step once it is good for 10 s', () => {
    const voices = run(noStrain, 0.1, 12);
    expect(run(voices, 0, 9).level).toBe('voices');
    expect(run(voices, 0, 80).level).toBe('all');
  });

  it('waits longer after each try that fails', () => {
    const small = run(noStrain, 0.1, 4);
    const tried = run(small, 0, 10);
    expect(tried.level).toBe('all');
    const again = run(tried, 0.1, 4);
    expect(again.level).toBe('small');
    expect(run(again, 0, 15).level).toBe('small');
    expect(run(again, 0, 20).level).toBe('all');
  });

  it('is not made better or worse by a little loss', () => {
    const small = run(noStrain, 0.1, 4);
    expect(run(small, 0.03, 300).level).toBe('small');
    expect(run(noStrain, 0.03, 300).level).toBe('all');
  });
});
