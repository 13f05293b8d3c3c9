/** Which of the fonts that come along shows a character: Noto Sans in its subsets, Noto Sans Arabic [OFL]. Nothing is fetched. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unwrapped } from './woff.ts';

export type Weight = 400 | 700;

interface Subset {
  name: string;
  /** The font's bytes. */
  font(weight: Weight): Buffer;
  ranges: [from: number, to: number][];
}

const { resolve } = createRequire(import.meta.url);

function ranges(text: string): [number, number][] {
  return text.split(',').map((one) => {
    const [from, to] = one.trim().slice(2).split('-');
    return [parseInt(from!, 16), parseInt(to ?? from!, 16)];
  });
}

/** Each read when first needed, and kept: some 100 KB a subset. */
const fonts = new Map<string, Buffer>();

function kept(file: string): Buffer {
  const known = fonts.get(file) ?? unwrapped(readFileSync(file));
  fonts.set(file, known);
  return known;
}

function family(name: string, wanted: readonly string[]): Subset[] {
  const folder = dirname(resolve(`@fontsource/${name}/package.json`));
  const declared = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as Record<
    string,
    string
  >;
  return wanted.map((subset) => ({
    name: `${name}-${subset}`,
    font: (weight) => kept(join(folder, 'files', `${name}-${subset}-${weight}-normal.woff`)),
    ranges: ranges(declared[subset] ?? 'U+0'),
  }));
}

/** In the order in which they are asked. */
const subsets: readonly Subset[] = [
  ...family('noto-sans', ['latin', 'latin-ext']),
  ...family('noto-sans-arabic', ['arabic']),
  ...family('noto-sans', [
    'greek',
    'cyrillic',
    'vietnamese',
    'devanagari',
    'cyrillic-ext',
    'greek-ext',
  ]),
];

const first = subsets[0]!;
const has = ({ ranges: all }: Subset, point: number): boolean =>
  all.some(([from, to]) => point >= from && point <= to);
/** What joins to the letter before it is drawn in that letter's font, where it has it. */
const joins = /[\p{M}\u200c\u200d]/u;

/** The subset of each UTF-16 unit of a text; what no font has is drawn as a box of the first one. */
export function subsetsOf(text: string): Subset[] {
  const found: Subset[] = [];
  let before = first;
  for (const letter of text) {
    const point = letter.codePointAt(0)!;
    const subset =
      joins.test(letter) && has(before, point)
        ? before
        : (subsets.find((one) => has(one, point)) ?? first);
    for (let unit = 0; unit < letter.length; unit++) found.push(subset);
    before = subset;
  }
  return found;
}

export const isArabic = ({ name }: Pick<Subset, 'name'>): boolean => name.includes('arabic');
export type { Subset };
