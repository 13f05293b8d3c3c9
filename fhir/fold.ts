/** Folds text for search: case, accents and spacing do not count [FHIR R4 search.html#string]. */

/** Letters whose base form Unicode does not decompose to. */
const letters: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  þ: 'th',
};

/** Lower case, no combining marks, single spaces, none at the ends; idempotent. */
export function fold(text: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase().replace(/\s+/g, ' ').trim();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøđðłħıþ]/g, (letter) => letters[letter]!)
    .replace(/\s+/g, ' ')
    .trim();
}
