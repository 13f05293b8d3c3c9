import { expect, it } from 'vitest';
import type { Arrival } from '../media-lines.ts';
import { nextAsides, noAsides } from './aside-words.ts';

const arrival = (peer: string, stream: Arrival['stream'], level: number): Arrival => ({
  peer,
  stream,
  level,
  packets: 1,
  lost: 0,
  bytes: 1,
  framesDecoded: 0,
});

it('tells who speaks aside, over the pauses between her words, and not for long after them', () => {
  const looks: [at: number, level: number][] = [
    [0, 0],
    [400, 0.2],
    [800, 0],
    [6_300, 0],
    [6_400, 0],
  ];
  let words = noAsides;
  const told = looks.map(([at, level]) => {
    words = nextAsides(words, [arrival('a', 'whisper', level), arrival('b', 'audio', 0.5)], at);
    return words.speaking.join();
  });
  expect(told).toEqual(['', 'a', 'a', 'a', '']);
});

it('does not tell of a microphone that is off, whatever it sends', () => {
  const silent = arrival('a', 'whisper', 0);
  let words = noAsides;
  for (let at = 0; at < 8_000; at += 400)
    words = nextAsides(words, [{ ...silent, packets: at }], at);
  expect(words).toBe(noAsides);
});
