/** Sealed messages: to everybody, to one alone, over a change of epoch, and with a server that meddles. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { EpochKeys } from './epoch-keys.ts';
import { mostBytes, SealedData } from './sealed-data.ts';
import { keysOf } from './testing.ts';

const visit = '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11';
const text = new TextEncoder().encode('is typing');

let first: Map<string, EpochKeys>;
let second: Map<string, EpochKeys>;
beforeAll(async () => {
  first = await keysOf(visit, 1, ['a', 'b', 'c']);
  second = await keysOf(visit, 2, ['a', 'b', 'c', 'd']);
});

function member(peer: string, ...epochs: Map<string, EpochKeys>[]): SealedData {
  const data = new SealedData(visit, peer);
  for (const keys of epochs) data.use(keys.get(peer)!, 0);
  return data;
}

describe('a sealed message', () => {
  it('to everybody is opened by everybody, once', async () => {
    const [a, b, c] = [member('a', first), member('b', first), member('c', first)];
    const body = (await a.seal('typing', text, 'all'))!;
    expect(await b.open('a', 'typing', body, 0)).toEqual(text);
    expect(await c.open('a', 'typing', body, 0)).toEqual(text);
    expect(await b.open('a', 'typing', body, 0)).toBeUndefined();
  });

  it('to one is opened by no other, though the server brings it', async () => {
    const [a, b, c] = [member('a', first), member('b', first), member('c', first)];
    const body = (await a.seal('whisper', text, 'b'))!;
    expect(await c.open('a', 'whisper', body, 0)).toBeUndefined();
    expect(await b.open('a', 'whisper', body, 0)).toEqual(text);
  });

  it('is refused as of another kind or sender, changed, replayed or out of order', async () => {
    const [a, b] = [member('a', first), member('b', first)];
    const one = (await a.seal('stroke', text, 'all'))!;
    const two = (await a.seal('stroke', text, 'all'))!;
    expect(await b.open('a', 'caption', one, 0)).toBeUndefined();
    expect(await b.open('c', 'stroke', one, 0)).toBeUndefined();
    expect(await b.open('a', 'stroke', one.slice(0, -2), 0)).toBeUndefined();
    expect(await b.open('a', 'stroke', '!', 0)).toBeUndefined();
    expect(await b.open('a', 'stroke', two, 0)).toEqual(text);
    expect(await b.open('a', 'stroke', one, 0)).toBeUndefined();
  });

  it('of the former epoch is opened for 10 s by who was there, never by who came later', async () => {
    const a = member('a', first);
    const body = (await a.seal('typing', text, 'all'))!;
    const late = (await a.seal('typing', text, 'all'))!;
    const b = member('b', first, second);
    expect(await b.open('a', 'typing', body, 9_000)).toEqual(text);
    expect(await b.open('a', 'typing', late, 10_001)).toBeUndefined();
    expect(await member('d', second).open('a', 'typing', body, 0)).toBeUndefined();
  });

  it('is not made without keys, for somebody who is not there, or too large', async () => {
    expect(await member('a').seal('typing', text, 'all')).toBeUndefined();
    expect(await member('a', first).seal('typing', text, 'd')).toBeUndefined();
    const body = await member('a', first).seal('stroke', new Uint8Array(mostBytes), 'all');
    expect(Math.floor((body!.length * 3) / 4)).toBeLessThanOrEqual(16 * 1024);
    const larger = member('a', first).seal('stroke', new Uint8Array(mostBytes + 1), 'all');
    await expect(larger).rejects.toThrow(RangeError);
  });
});
