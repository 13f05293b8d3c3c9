/** Looks for thousands of byte patterns at once, in one pass. */
import { isMeant, patternsOf, type Encoding, type Pattern } from './encodings.ts';
import type { Needle } from './needles.ts';

export interface Hit {
  needle: Needle;
  encoding: Encoding;
  /** Offset in what was searched. */
  at: number;
}

export interface Matcher {
  find(bytes: Buffer): Hit[];
  /** The longest pattern, bytes: how far windows must overlap. */
  longest: number;
}

/** 2^22 bits: some ten thousand prefixes leave most places of a file untouched by the slow look. */
const bits = 22;
const slot = (prefix: number) => Math.imul(prefix, 0x9e3779b1) >>> (32 - bits);

/** By the first four bytes of a pattern: a bit that says perhaps, then a map that knows. */
export function createMatcher(needles: readonly Needle[]): Matcher {
  const perhaps = new Uint8Array(2 ** bits);
  const byPrefix = new Map<number, Pattern[]>();
  let longest = 0;
  for (const needle of needles)
    for (const pattern of patternsOf(needle)) {
      const prefix = pattern.bytes.readUInt32BE(0);
      perhaps[slot(prefix)] = 1;
      const known = byPrefix.get(prefix);
      if (known) known.push(pattern);
      else byPrefix.set(prefix, [pattern]);
      longest = Math.max(longest, pattern.bytes.length);
    }
  return {
    longest,
    find(bytes) {
      const hits: Hit[] = [];
      let prefix = 0;
      for (let at = 0; at < bytes.length; at++) {
        prefix = ((prefix << 8) | bytes[at]!) >>> 0;
        if (at < 3 || perhaps[slot(prefix)] === 0) continue;
        const start = at - 3;
        for (const pattern of byPrefix.get(prefix) ?? []) {
          const end = start + pattern.bytes.length;
          if (end > bytes.length || pattern.bytes.compare(bytes, start, end) !== 0) continue;
          if (isMeant(pattern, bytes, start))
            hits.push({ needle: pattern.needle, encoding: pattern.encoding, at: start });
        }
      }
      return hits;
    },
  };
}
