/** Chance that can be repeated: a small seeded generator, and ids that are the same every time. */
import { createHash } from 'node:crypto';

/** Numbers from 0 to 1, the same for the same seed (mulberry32: 32 bits of state, ample for a demo). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A version 8 UUID made of a name [RFC 9562 5.8]: loading the demo twice meets the same ids. */
export function idOf(seed: number, name: string): string {
  const hex = createHash('sha256').update(`afar demo ${seed} ${name}`).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
