/** Frames over a change of epoch: nothing is lost, nothing is opened that should not be. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clearBytes, readHeader } from './frame-cipher.ts';
import { PeerKeys, SendKey } from './frame-keys.ts';

const frame = Uint8Array.from({ length: 100 }, (_, index) => index);
let keys: CryptoKey[];

beforeAll(async () => {
  const make = (): Promise<CryptoKey> =>
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt', 'decrypt']);
  keys = await Promise.all([make(), make(), make()]);
});

const send = (epoch: number) => new SendKey(epoch, keys[epoch % 3]!);
const picture = (key: SendKey) => key.seal(frame, 'video', clearBytes.delta);

describe('a sender', () => {
  it('numbers frames of all layers of a picture once, though sealed side by side [K12]', async () => {
    const key = send(1);
    const sealed = await Promise.all(Array.from({ length: 300 }, () => picture(key)));
    const numbers = sealed.map((one) => readHeader(one)!.counter);
    expect(new Set(numbers).size).toBe(300);
    const other = await key.seal(frame, 'screen', clearBytes.delta);
    expect(readHeader(other)!.counter).toBe(0);
  });
});

describe('a receiver', () => {
  it('opens the former epoch until 2 s after the first frame of the new one [K12]', async () => {
    const [old, fresh] = [send(1), send(2)];
    const peer = new PeerKeys();
    peer.add(1, keys[1]!, 0);
    expect(await peer.open(await picture(old), 'video', 0)).toEqual(frame);
    peer.add(2, keys[2]!, 1_000);
    expect(await peer.open(await picture(old), 'video', 5_000)).toEqual(frame);
    expect(await peer.open(await picture(fresh), 'video', 6_000)).toEqual(frame);
    expect(await peer.open(await picture(old), 'video', 7_900)).toEqual(frame);
    expect(await peer.open(await picture(old), 'video', 8_100)).toBe('no-key');
    expect(await peer.open(await picture(fresh), 'video', 8_100)).toEqual(frame);
  });

  it('gives the former keys up after 10 s, though nothing new comes', async () => {
    const peer = new PeerKeys();
    peer.add(1, keys[1]!, 0);
    peer.add(2, keys[2]!, 1_000);
    expect(await peer.open(await picture(send(1)), 'video', 11_100)).toBe('no-key');
  });

  it('says so when the key is not there yet, and opens the frame once it is', async () => {
    const peer = new PeerKeys();
    const sealed = await picture(send(1));
    expect(await peer.open(sealed, 'video', 0)).toBe('no-key');
    peer.add(1, keys[1]!, 0);
    expect(await peer.open(sealed, 'video', 0)).toEqual(frame);
    expect(await peer.open(sealed, 'video', 0)).toBe('replayed');
  });

  it('does not play a frame again because its key is told again, or two copies come together', async () => {
    const peer = new PeerKeys();
    peer.add(1, keys[1]!, 0);
    const sealed = await picture(send(1));
    const both = await Promise.all([peer.open(sealed, 'video', 0), peer.open(sealed, 'video', 0)]);
    expect(both.filter((one) => typeof one !== 'string')).toHaveLength(1);
    peer.add(1, keys[1]!, 0);
    expect(await peer.open(sealed, 'video', 0)).toBe('replayed');
    peer.add(0, keys[0]!, 0); // an epoch that is over
    expect(await peer.open(await picture(send(0)), 'video', 0)).toBe('no-key');
  });

  it('refuses the camera as a screen, and a frame in the clear', async () => {
    const peer = new PeerKeys();
    peer.add(1, keys[1]!, 0);
    expect(await peer.open(await picture(send(1)), 'screen', 0)).toBe('forged');
    expect(await peer.open(frame, 'video', 0)).toBeTypeOf('string');
  });
});
