/** A source that is not waited for without end: so many bytes in so much time of waiting, or it is given up. */
import { OutboundError } from '../outbound/index.ts';

/** Bytes after which the waiting is counted from the beginning. */
const portion = 64 * 1024;

/**
 * The same pieces. What the reader does between two of them is not the source's waiting.
 * @param paceMs for 64 KiB, or for the end
 * @throws OutboundError `timeout`; the source is told by `giveUp`, because it cannot be asked while it is waited for
 */
export async function* paced(
  source: AsyncIterable<Uint8Array>,
  paceMs: number,
  giveUp: () => void,
): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  let waited = 0;
  let bytes = 0;
  let over = false;
  try {
    for (;;) {
      const began = performance.now();
      const next = await within(pieces.next(), paceMs - waited);
      if (next.done) {
        over = true;
        return;
      }
      waited += performance.now() - began;
      bytes += next.value.length;
      if (bytes >= portion) [waited, bytes] = [0, 0];
      yield next.value;
    }
  } finally {
    if (!over) giveUp();
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new OutboundError('timeout')), Math.max(0, ms));
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}
