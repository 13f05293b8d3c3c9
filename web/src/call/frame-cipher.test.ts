/** Frames sealed, opened, tampered with, replayed and reordered. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  clearBytes,
  Counter,
  ofEpoch,
  openFrame,
  readHeader,
  ReplayWindow,
  sealFrame,
  streams,
} from './frame-cipher.ts';

let key: CryptoKey;
let otherKey: CryptoKey;
const aes = { name: 'AES-GCM', length: 128 };
const frame = Uint8Array.from({ length: 200 }, (_, index) => index);
const epoch = 70_000; // larger than the header tells
const seal = (counter: number, clear: number = clearBytes.key) =>
  sealFrame(frame, { stream: streams.video, clear, epoch, counter }, key);

beforeAll(async () => {
  key = await crypto.subtle.generateKey(aes, true, ['encrypt', 'decrypt']);
  otherKey = await crypto.subtle.generateKey(aes, true, ['encrypt', 'decrypt']);
});

describe('a sealed frame', () => {
  it('opens to the same bytes, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(0, 3, 10),
        fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
        async (bytes, clear, counter) => {
          const plain = new Uint8Array(bytes);
          const as = { stream: streams.audio, clear, epoch, counter };
          const sealed = await sealFrame(plain, as, key);
          const header = readHeader(sealed)!;
          expect([header.stream, header.counter]).toEqual([streams.audio, counter]);
          expect([ofEpoch(header, epoch), ofEpoch(header, epoch + 1)]).toEqual([true, false]);
          expect(await openFrame(sealed, streams.audio, new ReplayWindow(), key)).toEqual(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([10, 3, 0])('keeps %i bytes clear and hides the rest [K11]', async (clear) => {
    const sealed = await seal(0, clear);
    expect(sealed.subarray(0, clear)).toEqual(frame.subarray(0, clear));
    const body = Buffer.from(sealed.subarray(clear));
    for (let at = clear; at + 4 <= frame.length; at++)
      expect(body.includes(Buffer.from(frame.subarray(at, at + 4)))).toBe(false);
  });

  it('says little of itself: 20 bytes more at first, 23 at the most', async () => {
    expect((await seal(0)).length - frame.length).toBe(20);
    expect((await seal(0xff_ff_ff_ff)).length - frame.length).toBe(23);
  });

  it('is refused after any one changed bit, header and trailer included', async () => {
    const sealed = await seal(7);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at]! ^= 1;
      expect(await openFrame(changed, streams.video, new ReplayWindow(), key)).toBeTypeOf('string');
    }
  });

  it('is refused under another key, as another stream, cut short, or in the clear', async () => {
    const sealed = await seal(7);
    const open = (bytes: typeof sealed, stream: number, by: CryptoKey) =>
      openFrame(bytes, stream, new ReplayWindow(), by);
    expect(await open(sealed, streams.video, otherKey)).toBe('forged');
    expect(await open(sealed, streams.audio, key)).toBe('forged');
    expect(await open(sealed.slice(0, 4), streams.video, key)).toBe('short');
    for (const length of [20, 40, sealed.length - 1])
      expect(await open(sealed.slice(0, length), streams.video, key)).toBeTypeOf('string');
    expect(await open(frame, streams.video, key)).toBeTypeOf('string');
  });
});

describe('the replay window', () => {
  it('plays each frame once, and late ones while they are near', async () => {
    const window = new ReplayWindow();
    const [first, second] = [await seal(0), await seal(1)];
    expect(await openFrame(second, streams.video, window, key)).toEqual(frame);
    expect(await openFrame(first, streams.video, window, key)).toEqual(frame);
    expect(await openFrame(first, streams.video, window, key)).toBe('replayed');
    window.mark(5000);
    expect(await openFrame(await seal(2), streams.video, window, key)).toBe('replayed');
    expect(await openFrame(await seal(4500), streams.video, window, key)).toEqual(frame);
  });

  it('is not moved by a forgery', async () => {
    const window = new ReplayWindow();
    const forged = await sealFrame(
      frame,
      { stream: streams.video, clear: 3, epoch, counter: 900_000 },
      otherKey,
    );
    expect(await openFrame(forged, streams.video, window, key)).toBe('forged');
    expect(await openFrame(await seal(0), streams.video, window, key)).toEqual(frame);
  });
});

it('never gives a number twice', () => {
  const counter = new Counter();
  expect([counter.take(), counter.take(), counter.take()]).toEqual([0, 1, 2]);
});
