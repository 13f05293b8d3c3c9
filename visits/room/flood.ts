/** How much one socket may say: messages by a token bucket, bytes by a window (signalling.md S5). */

/** ICE sends its candidates in bursts: some 60 at a start with several networks. */
const burst = 120;
const perSecond = 40;
const windowMs = 10_000;
const windowBytes = 512 * 1024;

/** True while within bounds; once false the socket is closed. */
export function flood(now: number): (at: number, bytes: number) => boolean {
  let tokens = burst;
  let last = now;
  let windowStart = now;
  let bytesInWindow = 0;
  return (at, bytes) => {
    tokens = Math.min(burst, tokens + ((at - last) / 1000) * perSecond);
    last = at;
    if (at - windowStart >= windowMs) {
      windowStart = at;
      bytesInWindow = 0;
    }
    bytesInWindow += bytes;
    tokens -= 1;
    return tokens >= 0 && bytesInWindow <= windowBytes;
  };
}
