/** Frames sealed, opened, tampered with, replayed and reordered. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  clearBytes,
  Counter,
  openFrame,
  ReplayWindow,
  sealFrame,
  streams,
} from './frame-cipher.ts';

let key: CryptoKey;
let otherKey: CryptoKey;
const aes = { name: 'AES-GCM', length: 128 };
const frame = Uint8Array.from({ length: 200 }, (_, index) => index);
const seal = (counter: number, clear: number = clearBytes.key) =>
  sealFrame(frame, clear, streams.video, counter, key);

beforeAll(async () => {
  key = await crypto.subtle.generateKey(aes, true, ['encrypt', 'decrypt']);
  otherKey = await crypto.subtle.generateKey(aes, true, ['encrypt', 'decrypt']);
});

describe('a sealed frame', () => {
  it('opens to the same bytes, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(1, 3, 10),
        fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
        async (bytes, clear, counter) => {
          const plain = new Uint8Array(bytes);
          const sealed = await sealFrame(plain, clear, streams.audio, counter, key);
          expect(await openFrame(sealed, streams.audio, new ReplayWindow(), key)).toEqual(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps the codec header clear and hides the rest', async () => {
    const sealed = await seal(0);
    expect(sealed.subarray(0, 10)).toEqual(frame.subarray(0, 10));
    const body = Buffer.from(sealed.subarray(10));
    expect(body.includes(Buffer.from(frame.subarray(20, 28)))).toBe(false);
  });

  it('is refused after any one changed bit, header and trailer included', async () => {
    const sealed = await seal(7);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice();
      changed[at]! ^= 1;
      expect(await openFrame(changed, streams.video, new ReplayWindow(), key)).toBe('forged');
    }
  });

  it('is refused under another key, as another stream, cut short, or in the clear', async () => {
    const sealed = await seal(7);
    const open = (bytes: typeof sealed, stream: number, by: CryptoKey) =>
      openFrame(bytes, stream, new ReplayWindow(), by);
    expect(await open(sealed, streams.video, otherKey)).toBe('forged');
    expect(await open(sealed, streams.audio, key)).toBe('forged');
    expect(await open(sealed.slice(0, 20), streams.video, key)).toBe('short');
    expect(await open(frame, streams.video, key)).toBe('forged');
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
    const forged = await sealFrame(frame, 3, streams.video, 900_000, otherKey);
    expect(await openFrame(forged, streams.video, window, key)).toBe('forged');
    expect(await openFrame(await seal(0), streams.video, window, key)).toEqual(frame);
  });
});

it('never gives a number twice', () => {
  const counter = new Counter();
  expect([counter.take(), counter.take(), counter.take()]).toEqual([0, 1, 2]);
});
