/** Builds the great filter from a list of SHA-1 hashes in their order (as Pwned Passwords is given out), a page in memory at a time. */
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { addTo, headerOf, pageBytes, pageOf, pagesFor } from './filter.ts';

export interface Loaded {
  words: number;
  bytes: number;
}

/** 40 hex digits, a colon, one digit, a line feed: no line is shorter, so no file has more of them. */
const shortestLine = 43;
/** Pages gathered before a write. */
const gathered = 64;

/**
 * @param from lines `SHA1:count`, in the order of the hashes
 * @param to replaced only when the whole list was read
 * @param onWords told the count now and then
 * @throws Error naming the line that is not as it should be
 */
export async function loadBreached(
  from: string,
  to: string,
  onWords: (words: number) => void = () => undefined,
): Promise<Loaded> {
  const pages = pagesFor(Math.ceil((await stat(from)).size / shortestLine));
  const temporary = `${to}.new`;
  const file = await open(temporary, 'w', 0o600);
  let words = 0;
  try {
    await file.truncate((1 + pages) * pageBytes);
    const window = Buffer.alloc(gathered * pageBytes);
    let first = 0;
    const flush = () => {
      const length = Math.min(gathered, pages - first) * pageBytes;
      return file.write(window, 0, length, (1 + first) * pageBytes);
    };
    let line = 0;
    let before = '';
    for await (const text of createInterface({
      input: createReadStream(from),
      crlfDelay: Infinity,
    })) {
      line++;
      if (text === '') continue;
      if (!/^[0-9A-Fa-f]{40}(?::\d+)?$/.test(text))
        throw new Error(`line ${line} is no SHA-1 hash with a count`);
      const hex = text.slice(0, 40).toUpperCase();
      if (hex < before)
        throw new Error(
          `line ${line} is out of order: the list must be in the order of its hashes`,
        );
      before = hex;
      const sha1 = Buffer.from(hex, 'hex');
      const page = pageOf(sha1, pages);
      while (page >= first + gathered) {
        await flush();
        window.fill(0);
        first += gathered;
      }
      addTo(window.subarray((page - first) * pageBytes).subarray(0, pageBytes), sha1);
      if (++words % 10_000_000 === 0) onWords(words);
    }
    if (words === 0) throw new Error('the list is empty');
    await flush();
    await file.write(headerOf({ pages, words }), 0, pageBytes, 0);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, to);
  return { words, bytes: (1 + pages) * pageBytes };
}
