/** JPEGs: their size is read, what the camera wrote beside them is taken out, and what is none is refused. */
import { describe, expect, it } from 'vitest';
import { pictureIn } from './stills.ts';
import { readJpeg } from './jpeg.ts';
import { jpegOf, segment } from '../testing/jpeg.ts';

describe('a picture', () => {
  it('keeps what draws it: frame, tables, scan, profile; place, time, device and comments are gone', () => {
    const bytes = jpegOf(640, 480);
    for (const word of ['GPSLatitude', 'Pixel 9', 'http://ns.adobe.com/xap', 'my comment'])
      expect(bytes.includes(word)).toBe(true);
    const found = readJpeg(bytes)!;
    expect([found.width, found.height]).toEqual([640, 480]);
    for (const word of ['GPSLatitude', 'Pixel 9', 'http://ns.adobe.com/xap', 'my comment'])
      expect(found.clean.includes(word)).toBe(false);
    for (const word of ['JFIF', 'ICC_PROFILE']) expect(found.clean.includes(word)).toBe(true);
    // The coded picture, byte for byte, with stuffed bytes and restart markers in it.
    expect(found.clean.includes(Buffer.from([1, 2, 0xff, 0, 3, 0xff, 0xd0, 4]))).toBe(true);
    expect(readJpeg(found.clean)!.clean.equals(found.clean)).toBe(true);
  });

  it('ends at its end: what was hidden behind it is thrown away', () => {
    const bytes = Buffer.concat([jpegOf(64, 64), Buffer.from('<script>')]);
    expect(readJpeg(bytes)!.clean.includes('<script>')).toBe(false);
  });
});

describe('what is no picture', () => {
  it('cut off anywhere, it is none, and never more than read', () => {
    const whole = jpegOf(640, 480);
    for (let end = 0; end < whole.length; end++)
      expect(readJpeg(whole.subarray(0, end))).toBeUndefined();
  });

  it('lying lengths and empty ones do not lead outside', () => {
    const long = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 1]);
    const none = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0, 0xff, 0xd9]);
    const bare = Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe0, 'JFIF\0')]);
    for (const bytes of [long, none, bare]) expect(readJpeg(bytes)).toBeUndefined();
    expect(() => pictureIn(Buffer.from('%PDF-1.7'))).toThrow('unsupported-media');
  });

  it('neither a dot nor a wall', () => {
    for (const [width, height] of [
      [63, 480],
      [640, 12_001],
      [12_000, 12_000],
    ] as const)
      expect(() => pictureIn(jpegOf(width, height))).toThrow('unprocessable');
    expect(pictureIn(jpegOf(4032, 3024))).toMatchObject({ width: 4032, height: 3024 });
  });
});
