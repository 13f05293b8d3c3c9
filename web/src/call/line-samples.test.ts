/** What one look after another at the lines says, and when nothing comes by them any more. */
import { describe, expect, it } from 'vitest';
import { type Look, LineSamples } from './line-samples.ts';
import { totalsOf } from './quality.ts';

/** The counters at a second, with so many bytes and checks of the path that had come by then. */
const at = (second: number, bytes: number, checks = 0) =>
  totalsOf(
    new Map<string, unknown>([
      ['a', { type: 'inbound-rtp', id: 'a', kind: 'audio', bytesReceived: bytes }],
      ['t', { type: 'transport', id: 't', selectedCandidatePairId: 'p' }],
      ['p', { type: 'candidate-pair', id: 'p', bytesReceived: bytes, requestsReceived: checks }],
    ]),
    second * 1_000,
  );

const silences = (looks: readonly (Look | undefined)[]): number[] =>
  looks.flatMap((look, index) => (look?.silent ? [index] : []));

describe('looks at the lines', () => {
  it('have nothing to say of the first one, nor of the first after another connection', () => {
    const lines = new LineSamples();
    expect(lines.look(at(0, 100))).toBeUndefined();
    expect(lines.look(at(1, 1_100))).toMatchObject({ sample: { kbpsIn: 8 }, mute: false });
    lines.reset();
    expect(lines.look(at(2, 50))).toBeUndefined();
  });

  it('tell of a silence after three seconds of it, until something was done about it, and of the next one later', () => {
    const lines = new LineSamples();
    const told = (from: number, to: number, bytes: number): number[] =>
      Array.from({ length: to - from }, (_, index) => from + index).filter(
        (second) => lines.look(at(second, bytes))?.silent,
      );
    told(0, 1, 10);
    expect(told(1, 8, 20)).toEqual([4, 5, 6, 7]);
    lines.acted();
    expect(told(8, 12, 20)).toEqual([]);
    expect(told(12, 20, 30)).toEqual([18, 19]);
    lines.acted();
    expect(told(20, 35, 40)).toEqual([32, 33, 34]);
    // A minute of peace, and it is as it was.
    for (let second = 35; second < 100; second += 1) lines.look(at(second, second * 10));
    expect(told(100, 105, 990)).toEqual([102, 103, 104]);
  });

  it('call nothing silent where the path is still checked though nobody speaks', () => {
    const lines = new LineSamples();
    const looks = Array.from({ length: 12 }, (_, second) =>
      lines.look(at(second, 20, Math.floor(second / 2))),
    );
    expect(looks.slice(1).every((look) => look!.mute)).toBe(true);
    expect(silences(looks)).toEqual([]);
  });

  it('call nothing silent where nothing ever came, or where it was the page that stood still', () => {
    const never = new LineSamples();
    expect(silences([0, 1, 2, 3, 4, 5].map((second) => never.look(at(second, 0))))).toEqual([]);
    const asleep = new LineSamples();
    expect(silences([0, 1, 2, 62, 63, 64].map((second) => asleep.look(at(second, 20))))).toEqual(
      [],
    );
  });
});
