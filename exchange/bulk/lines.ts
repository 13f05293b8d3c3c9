/** Lines of ndjson out of any stream of bytes, each of a bounded length. */

export interface Line {
  /** From 1. */
  number: number;
  /** Absent: longer than is taken. */
  text?: string;
}

const newline = 10;

/** Empty lines are counted and not told. */
export async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  mostBytes: number,
): AsyncGenerator<Line> {
  let held: Buffer[] = [];
  let size = 0;
  let number = 1;
  const end = (): Line | undefined => {
    const text = size > mostBytes ? undefined : Buffer.concat(held).toString('utf8').trim();
    const line = text === '' ? undefined : { number, ...(text !== undefined && { text }) };
    [held, size] = [[], 0];
    return line;
  };
  for await (const piece of source) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline)) {
      size += at;
      if (size <= mostBytes) held.push(rest.subarray(0, at));
      const line = end();
      if (line) yield line;
      number++;
      rest = rest.subarray(at + 1);
    }
    size += rest.length;
    // What is too long is counted, not kept. Copied: the source may use its buffer again.
    if (size <= mostBytes) held.push(Buffer.from(rest));
    else held = [];
  }
  const last = end();
  if (last) yield last;
}
