/** Lines come out whole however the bytes were cut, and none is longer than is taken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.ts';

async function read(pieces: Buffer[], most = 1_000) {
  const lines = [];
  for await (const line of linesOf(
    (async function* () {
      yield* pieces;
    })(),
    most,
  ))
    lines.push(line);
  return lines;
}

describe('lines of ndjson', () => {
  it('do not depend on where the stream was cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/\s/g, '_')),
        ),
        fc.integer({ min: 1, max: 7 }),
        async (texts, size) => {
          const bytes = Buffer.from(texts.join('\n'));
          const pieces = [];
          for (let at = 0; at < bytes.length; at += size)
            pieces.push(bytes.subarray(at, at + size));
          const wanted = texts.flatMap((text, at) => (text ? [{ number: at + 1, text }] : []));
          expect(await read(pieces)).toEqual(wanted);
        },
      ),
    );
  });

  it('are cut off where they are too long, and the next one is read', async () => {
    const pieces = [
      Buffer.from('x'.repeat(6)),
      Buffer.from('x'.repeat(6)),
      Buffer.from('\r\nok\r\n'),
    ];
    expect(await read(pieces, 10)).toEqual([{ number: 1 }, { number: 2, text: 'ok' }]);
  });
});
