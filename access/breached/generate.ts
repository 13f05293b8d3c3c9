/** Makes common.filter from the public list of common passwords in @zxcvbn-ts/language-common. Run: node access/breached/generate.ts */
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dictionary } from '@zxcvbn-ts/language-common';
import { addTo, headerOf, pageBytes, pageOf, pagesFor } from './filter.ts';

/** The words of the list: in lower case, each once. */
export const commonWords = (): string[] => [
  ...new Set(dictionary['passwords-common'].map((word) => word.toLowerCase())),
];

/** The whole file. */
export function commonFilter(): Buffer {
  const words = commonWords();
  const pages = pagesFor(words.length);
  const bits = Buffer.alloc(pages * pageBytes);
  for (const word of words) {
    const sha1 = hash('sha1', word, 'buffer');
    addTo(bits.subarray(pageOf(sha1, pages) * pageBytes).subarray(0, pageBytes), sha1);
  }
  return Buffer.concat([headerOf({ pages, words: words.length }), bits]);
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'common.filter'), commonFilter());
