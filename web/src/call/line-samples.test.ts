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

  it('tell once of each silence, after three seconds of it', () => {
    const lines = new LineSamples();
    const bytes = [10, 20, 20, 20, 20, 20, 20, 20, 30, 30, 30, 30, 30];
    expect(silences(bytes.map((one, second) => lines.look(at(second, one))))).toEqual([4, 11]);
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
    expect(silences([0, 1, 61].map((second) => asleep.look(at(second, 20))))).toEqual([]);
  });
});
