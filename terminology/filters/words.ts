/** The words of names, folded: what a text filter is compared with, the same in memory and in the database. */
import { fold } from '@afar/fhir';

/** Letters and digits of any script; everything else parts words. */
const parting = /[^\p{L}\p{N}]+/u;

export const wordsOf = (text: string): string[] => fold(text).split(parting).filter(Boolean);

/** More words than anybody types. */
const mostWords = 20;

export const askedWords = (text: string): string[] =>
  [...new Set(wordsOf(text))].slice(0, mostWords);

/** Each asked word begins one of the words. */
export const fits = (asked: readonly string[], words: readonly string[]): boolean =>
  asked.every((one) => words.some((word) => word.startsWith(one)));
