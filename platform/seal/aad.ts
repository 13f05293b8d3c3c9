/** One unambiguous byte string out of several values: what a seal is bound to. */

/** A value that takes part. Whole numbers and bigints of one value encode alike. */
export type AadPart = string | number | bigint | boolean | Buffer | null;

const NUL = 0;
const FALSE = 1;
const TRUE = 2;
const NUMBER = 3;
const TEXT = 4;
const BYTES = 5;

// Written to again and again and copied out: one allocation a call.
let scratch = Buffer.allocUnsafeSlow(4096);

function room(used: number, needed: number): void {
  if (used + needed <= scratch.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, used + needed));
  scratch.copy(larger, 0, 0, used);
  scratch = larger;
}

/**
 * Encodes the parts, each with its type and length, after their count: no two different lists give
 * the same bytes. A number and a bigint of the same value are the same part (a driver may return
 * either). Throws TypeError on NaN, infinities, and strings with half a surrogate pair.
 */
export function aad(...parts: AadPart[]): Buffer {
  let at = scratch.writeUInt16BE(parts.length, 0);
  for (const part of parts) {
    room(at, 5);
    if (part === null) at = scratch.writeUInt8(NUL, at);
    else if (typeof part === 'boolean') at = scratch.writeUInt8(part ? TRUE : FALSE, at);
    else if (typeof part === 'string') {
      if (!part.isWellFormed()) throw new TypeError('text with half a surrogate pair');
      // UTF-8 takes at most three bytes for one UTF-16 unit.
      room(at, 5 + part.length * 3);
      const length = scratch.write(part, at + 5, 'utf8');
      scratch.writeUInt8(TEXT, at);
      at = scratch.writeUInt32BE(length, at + 1) + length;
    } else if (Buffer.isBuffer(part)) {
      room(at, 5 + part.length);
      scratch.writeUInt8(BYTES, at);
      at = scratch.writeUInt32BE(part.length, at + 1);
      at += part.copy(scratch, at);
    } else {
      if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError('not a number');
      const digits = String(part);
      room(at, 5 + digits.length);
      scratch.writeUInt8(NUMBER, at);
      at = scratch.writeUInt32BE(digits.length, at + 1);
      at += scratch.write(digits, at, 'latin1');
    }
  }
  return Buffer.from(scratch.subarray(0, at));
}
