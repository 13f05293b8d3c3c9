/** Whose link is weak, from both ends; and what another browser may say of it. */
import { describe, expect, it } from 'vitest';
import { mergeSamples } from './quality.ts';
import { reachOf } from './reach.ts';
import { levelOf, type LineReport, nextWeakness, noWeakness, readReport, whoseOf } from './weak.ts';

const at = '2027-01-01T00:00:00.000Z';
const calm = { strain: 4, late: 0, asked: 8 };
const strained = { strain: 70, late: 0.25, asked: 8 };
const good: LineReport = { level: 'good', fellBack: false };

describe('the level of a line', () => {
  it('falls with loss, delay, concealment and room', () => {
    expect(levelOf({ at, lossOut: 0.01, rttMs: 40 }, 2e6, false)).toBe('good');
    expect(levelOf({ at, lossIn: 0.03 }, 2e6, false)).toBe('fair');
    expect(levelOf({ at }, 250_000, false)).toBe('fair');
    expect(levelOf({ at, rttMs: 700 }, 2e6, false)).toBe('poor');
    expect(levelOf({ at, concealed: 0.2 }, 2e6, false)).toBe('poor');
    expect(levelOf({ at }, 2e6, true)).toBe('poor');
  });
});

describe('whose link it is', () => {
  it('is hers who reaches the clinic worse; alike, it lies between; unknown, nothing is said', () => {
    expect(whoseOf(strained, calm)).toBe('mine');
    expect(whoseOf(calm, strained)).toBe('theirs');
    expect(whoseOf(calm, calm)).toBe('between');
    expect(whoseOf(strained, { ...strained, strain: 60 })).toBe('between');
    expect(whoseOf(strained, undefined)).toBeUndefined();
    expect(whoseOf({ ...strained, asked: 3 }, calm)).toBeUndefined();
  });

  it('weak at one end is weak at both, after two looks, and stays said for eight seconds', () => {
    const mine = { ...good, reach: calm };
    const theirs: LineReport = { level: 'fair', fellBack: false, reach: strained };
    let now = nextWeakness(noWeakness, mine, theirs, 1000);
    expect(now.verdict).toEqual({ level: 'good' });
    now = nextWeakness(now, mine, theirs, 2000);
    expect(now.verdict).toEqual({ level: 'fair', weak: 'theirs' });
    now = nextWeakness(now, mine, good, 9000);
    expect(now.verdict.level).toBe('fair');
    expect(nextWeakness(now, mine, good, 10_001).verdict).toEqual({ level: 'good' });
  });

  it('is told by slow answers and by repeated packets', () => {
    expect(reachOf([], 1)).toBeUndefined();
    expect(reachOf([10, 12, 11, 230], 10)).toEqual({ strain: 2, late: 0.25, asked: 4 });
  });
});

describe('a report of the other end', () => {
  it('is read when it is one, and its odd parts are left out', () => {
    const said = { level: 'poor', fellBack: true, rttMs: 40, room: -1, fps: 'x', reach: strained };
    expect(readReport(JSON.stringify(said))).toEqual({
      level: 'poor',
      fellBack: true,
      rttMs: 40,
      reach: strained,
    });
    for (const odd of ['', 'null', '[]', '{"level":"great"}', '{'])
      expect(readReport(odd)).toBeUndefined();
  });
});

it('several looks are one sample: freezes added, figures averaged, the last size kept', () => {
  expect(
    mergeSamples([
      { at, rttMs: 10, freezes: 1, width: 960, fps: 30 },
      { at, rttMs: 30, freezes: 2, width: 320 },
    ]),
  ).toEqual({ at, rttMs: 20, freezes: 3, width: 320, fps: 30 });
});
