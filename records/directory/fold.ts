/** Folding: how two spellings of a name are brought to one, for comparison only. */

/** Letters that Unicode does not decompose. */
const letters: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
};
const special = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu');

/**
 * Case, accents and punctuation aside: `José  O'Keefe-Łuk` -> `jose okeefe luk`.
 * [FHIR R4 search.html#string] comparison ignores case, combining marks and, here, punctuation.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  // Most of what is folded, at a tenth of the cost.
  if (/^[a-z0-9]+(?: [a-z0-9]+)*$/.test(lower)) return lower;
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]+/gu, '') // accents only: vowel signs of Indic scripts are part of the name
    .replace(special, (letter) => letters[letter] ?? letter)
    .replace(/['’ʼ`]/gu, '')
    .replace(/[^\p{L}\p{M}\p{N}@+]+/gu, ' ')
    .trim();
}

/** The folded text from the start of each of its words on: `mary ann lee` -> itself, `ann lee`, `lee`. */
export function wordStarts(folded: string): string[] {
  const starts = [folded];
  for (let space = folded.indexOf(' '); space >= 0; space = folded.indexOf(' ', space + 1)) {
    starts.push(folded.slice(space + 1));
  }
  return starts;
}

/** Digits of a phone number, without the international prefix's plus or zeros: `+1 (555) 010-2030` -> `15550102030`. */
export function foldPhone(text: string): string {
  return text.replace(/\D+/gu, '').replace(/^00/u, '');
}

const sounds: [RegExp, string][] = [
  [/ph|gf/g, 'f'],
  [/^(kn|gn|pn)/, 'n'],
  [/^wr/, 'r'],
  [/^x/, 's'],
  [/x/g, 'ks'],
  [/sch|sh|ch|cz|tsch/g, 'j'],
  [/gh(?=[^aeiou]|$)/g, ''],
  [/dh|th/g, 't'],
  [/bh/g, 'p'],
  [/c(?=[eiy])/g, 's'],
  [/ck|cq|[cqg]/g, 'k'],
  [/z/g, 's'],
  [/v|w(?=[aeiou])/g, 'f'],
  [/b/g, 'p'],
  [/d/g, 't'],
  [/m(?=[pb])/g, 'n'],
];

/**
 * The sound of each word, roughly: consonants by family, vowels dropped but for a leading one.
 * `Smith`, `Smyth`, `Schmidt` -> not all one, but `smith` and `smyth` are. Good enough to offer candidates to a person.
 */
export function phonetic(text: string): string[] {
  const words = fold(text)
    .replace(/[^a-z ]+/g, '')
    .split(' ')
    .filter(Boolean);
  return words.map((word) => {
    let sound = word;
    for (const [from, to] of sounds) sound = sound.replace(from, to);
    const vowel = /^[aeiouy]/.test(sound) ? 'a' : '';
    return vowel + sound.replace(/[aeiouyhw]+/g, '').replace(/(.)\1+/g, '$1');
  });
}
