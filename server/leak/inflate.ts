/** Undoes compression wherever it may stand: zlib, gzip, zstd, raw deflate with our dictionaries, PostgreSQL's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** 16 MiB: what a stream may grow to here. */
const maxOutputLength = 16 * 1024 * 1024;
// A stream cut off at the end of a file still tells what it began with.
const cutOff = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH };

function attempt(work: () => Buffer): Buffer[] {
  try {
    const plain = work();
    // Two bytes that happen to open a stream give a few bytes of nothing.
    return plain.length >= 5 ? [plain] : [];
  } catch {
    return [];
  }
}

let scratch = Buffer.allocUnsafeSlow(1024 * 1024);

/**
 * PostgreSQL's pglz: a control byte, then for each of its bits a literal byte or a copy of what came before (12 bits of
 * distance, 4 of length, a further byte when those are full). Undefined when the bytes are not such a stream of exactly
 * `size` bytes.
 */
export function pglz(from: Buffer, size: number): Buffer | undefined {
  // Most tries fail: one place for all of them.
  if (size > scratch.length) scratch = Buffer.allocUnsafeSlow(size);
  const into = scratch;
  let read = 0;
  let written = 0;
  while (read < from.length && written < size) {
    const control = from[read++]!;
    for (let bit = 0; bit < 8 && read < from.length && written < size; bit++) {
      if ((control >> bit) % 2 === 0) {
        into[written++] = from[read++]!;
        continue;
      }
      if (read + 1 >= from.length) return undefined;
      let length = (from[read]! & 0x0f) + 3;
      const distance = ((from[read]! & 0xf0) << 4) | from[read + 1]!;
      read += 2;
      if (length === 18) length += from[read++] ?? 0;
      if (distance === 0 || distance > written || written + length > size) return undefined;
      for (; length > 0; length--, written++) into[written] = into[written - distance]!;
    }
  }
  return written === size && read === from.length ? Buffer.from(into.subarray(0, size)) : undefined;
}

/** A value compressed inside a row begins with its length (low bits 10) and the length it had. [PostgreSQL varatt.h] */
function pglzAt(bytes: Buffer, at: number): Buffer[] {
  const head = bytes.readUInt32LE(at);
  if ((head & 3) !== 2) return [];
  const length = head >>> 2;
  const info = bytes.readUInt32LE(at + 4);
  const size = info & 0x3fffffff;
  if (length < 16 || length > 8_192 || info >>> 30 !== 0) return [];
  if (size < length - 8 || size > 1_048_576 || at + length > bytes.length) return [];
  const plain = pglz(bytes.subarray(at + 8, at + length), size);
  return plain ? [plain] : [];
}

/** A value moved out of its row lies in pieces of its own; the first begins with the length it had. */
function pglzChunk(value: Buffer): Buffer[] {
  if (value.length < 8) return [];
  const size = value.readUInt32LE(0) & 0x3fffffff;
  if (size < value.length - 4 || size > 16_777_216) return [];
  const plain = pglz(value.subarray(4), size);
  return plain ? [plain] : [];
}

/**
 * Where the deflated part of a gzip member begins [RFC 1952 2.3]. Node's own gunzip takes whatever follows the member for
 * a damaged next one.
 */
function gzipBody(bytes: Buffer, at: number): number {
  const flags = bytes[at + 3]!;
  let body = at + 10;
  if (flags & 4) body += 2 + bytes.readUInt16LE(body);
  if (flags & 8) body = bytes.indexOf(0, body) + 1;
  if (flags & 16) body = bytes.indexOf(0, body) + 1;
  return flags & 2 ? body + 2 : body;
}

/** Every stream found inside the bytes, wherever it begins, inflated. */
export function* inflatedWithin(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 8 <= bytes.length; at++) {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (
      first === 0x78 &&
      (second === 0x01 || second === 0x5e || second === 0x9c || second === 0xda)
    )
      yield* attempt(() => inflateSync(bytes.subarray(at), cutOff));
    else if (first === 0x1f && second === 0x8b && bytes[at + 2] === 8)
      yield* attempt(() => inflateRawSync(bytes.subarray(gzipBody(bytes, at)), cutOff));
    else if (first === 0x28 && second === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd)
      yield* attempt(() => zstdDecompressSync(bytes.subarray(at), { maxOutputLength }));
    else if ((first & 3) === 2 && bytes[at + 3] === 0) yield* pglzAt(bytes, at);
  }
}

let dictionaries: Buffer[] | undefined;
/** The dictionaries that bodies are compressed with. */
export function ourDictionaries(): Buffer[] {
  const folder = join(import.meta.dirname, '../../platform/seal/dictionaries');
  dictionaries ??= readdirSync(folder)
    .filter((name) => name.endsWith('.dict'))
    .map((name) => readFileSync(join(folder, name)));
  return dictionaries;
}

/** One whole value, inflated every way that works: also raw deflate, which has no mark to be found by. */
export function* inflatedValue(value: Buffer): Generator<Buffer> {
  yield* inflatedWithin(value);
  yield* pglzChunk(value);
  yield* attempt(() => inflateRawSync(value, { maxOutputLength }));
}

/** One whole value, inflated as our own bodies are. Any bytes may copy words out of the dictionary: those prove nothing. */
export function* inflatedWithDictionary(value: Buffer): Generator<Buffer> {
  for (const dictionary of ourDictionaries())
    yield* attempt(() => inflateRawSync(value, { maxOutputLength, dictionary }));
}
