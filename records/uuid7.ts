/** Ids that sort by the time they were made [RFC 9562 5.7]: new rows land side by side at the end of every index. */
import { randomFillSync } from 'node:crypto';

// Randomness is drawn in blocks: one system call for 256 ids.
const block = Buffer.allocUnsafe(10 * 256);
let used = block.length;

/** @param at ms since epoch */
export function uuid7(at: number): string {
  if (used === block.length) {
    randomFillSync(block);
    used = 0;
  }
  const random = block.subarray(used, used + 10);
  used += 10;
  random[0] = 0x70 | (random[0]! & 0x0f);
  random[2] = 0x80 | (random[2]! & 0x3f);
  const time = Math.max(0, at).toString(16).padStart(12, '0');
  const rest = random.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}
