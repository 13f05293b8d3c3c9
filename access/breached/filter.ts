/** A Bloom filter of SHA-1 hashes in pages, in a file: one page is read for a question, and pages are written in the order of the hashes. */
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The file: a header of one page, then the pages of bits. The first 48 bits of a hash choose the page, so that a list in the
 * order of its hashes fills page after page; bits inside come from the rest of it.
 */
const magic = 'AFAR pw1';
export const pageBytes = 4096;
const pageBits = pageBytes * 8;
/** 15 bits a word and ten questions give about 1 in 1,300 [Bloom 1970: 0.6185 ^ bits]. */
const bitsPerWord = 15;
const questions = 10;

export interface FilterHeader {
  pages: number;
  /** How many words went in. */
  words: number;
}

/** How many pages hold this many words. */
export const pagesFor = (words: number): number =>
  Math.max(1, Math.ceil((words * bitsPerWord) / pageBits));

export function headerOf({ pages, words }: FilterHeader): Buffer {
  const header = Buffer.alloc(pageBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(pages, 8);
  header.writeDoubleLE(words, 16);
  return header;
}

/** The page of a hash: never lower than that of a smaller hash. */
export const pageOf = (sha1: Buffer, pages: number): number =>
  // 48 bits as a fraction of one: a double holds them exactly.
  Math.floor(((sha1.readUInt32BE(0) + sha1.readUInt16BE(4) / 65_536) / 2 ** 32) * pages);

/** The bits of a hash in its page: enhanced double hashing [Dillinger and Manolios 2004]. */
function* bitsOf(sha1: Buffer): Generator<number> {
  let a = sha1.readUInt32BE(8) % pageBits;
  let b = (sha1.readUInt32BE(12) % pageBits) | 1;
  for (let at = 0; at < questions; at++) {
    yield a;
    a = (a + b) % pageBits;
    b = (b + at) % pageBits;
  }
}

export function addTo(page: Buffer, sha1: Buffer): void {
  for (const bit of bitsOf(sha1)) page[bit >> 3]! |= 1 << (bit & 7);
}

export function isIn(page: Buffer, sha1: Buffer): boolean {
  for (const bit of bitsOf(sha1)) if (!(page[bit >> 3]! & (1 << (bit & 7)))) return false;
  return true;
}

/** @returns undefined when there is no such file; @throws Error when it is none of ours */
export function askFile(path: string, hashes: readonly Buffer[]): boolean | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const page = Buffer.alloc(pageBytes);
    const at = (n: number): Buffer => {
      if (readSync(file, page, 0, pageBytes, n * pageBytes) !== pageBytes)
        throw new Error(`${path} is cut short`);
      return page;
    };
    const pages = pagesIn(at(0), path);
    return hashes.some((sha1) => isIn(at(1 + pageOf(sha1, pages)), sha1));
  } finally {
    closeSync(file);
  }
}

function pagesIn(header: Buffer, path: string): number {
  if (header.toString('latin1', 0, magic.length) !== magic)
    throw new Error(`${path} is no filter of passwords`);
  return header.readUInt32LE(8);
}
