/** Looks into a JPEG: how large it is, and the picture without what the camera wrote beside it. */

export interface Jpeg {
  width: number;
  height: number;
  /** The same picture: place, time, device, thumbnails and comments are gone. */
  clean: Buffer;
}

const marker = { SOI: 0xd8, EOI: 0xd9, SOS: 0xda, COM: 0xfe, APP0: 0xe0, APP2: 0xe2, APP14: 0xee };

/** Frames that hold a picture of any coding [ITU-T T.81 table B.1]; C4, C8 and CC are none. */
const isFrame = (code: number): boolean =>
  code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;

/** JFIF, the colour profile and Adobe's transform are needed to draw it; every other application segment and comment is not. */
const isKept = (code: number, segment: Buffer): boolean => {
  if (code === marker.COM) return false;
  if (code < 0xe0 || code > 0xef) return true;
  const is = (text: string): boolean =>
    segment.subarray(4, 4 + text.length).toString('latin1') === text;
  return (
    (code === marker.APP0 && is('JFIF\0')) ||
    (code === marker.APP2 && is('ICC_PROFILE\0')) ||
    (code === marker.APP14 && is('Adobe'))
  );
};

/** Where the coded picture that starts at `at` ends: at the next marker that is neither a restart nor a stuffed byte. */
function endOfScan(bytes: Buffer, at: number): number {
  for (let next = bytes.indexOf(0xff, at); next >= 0; next = bytes.indexOf(0xff, next + 1)) {
    const code = bytes[next + 1];
    if (code === undefined) return -1;
    if (code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7)) return next;
  }
  return -1;
}

/** [ITU-T T.81 annex B] Undefined: no JPEG, or one that is cut off. What follows its end is thrown away. */
export function readJpeg(bytes: Buffer): Jpeg | undefined {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== marker.SOI) return undefined;
  const kept = [bytes.subarray(0, 2)];
  let size: { width: number; height: number } | undefined;
  let at = 2;
  while (at + 4 <= bytes.length || bytes[at + 1] === marker.EOI) {
    if (bytes[at] !== 0xff) return undefined;
    const code = bytes[at + 1]!;
    if (code === 0xff) {
      at += 1; // fill bytes [B.1.1.2]
      continue;
    }
    if (code === marker.EOI) {
      kept.push(bytes.subarray(at, at + 2));
      return size && { ...size, clean: Buffer.concat(kept) };
    }
    const length = bytes.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return undefined;
    const segment = bytes.subarray(at, end);
    if (isFrame(code)) {
      if (length < 8 || size) return undefined;
      size = { height: segment.readUInt16BE(5), width: segment.readUInt16BE(7) };
    }
    if (isKept(code, segment)) kept.push(segment);
    at = end;
    if (code === marker.SOS) {
      const after = endOfScan(bytes, at);
      if (after < 0) return undefined;
      kept.push(bytes.subarray(at, after));
      at = after;
    }
  }
  return undefined;
}
