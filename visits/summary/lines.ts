/** Lines of a paragraph: broken where they are full, each as runs from left to right [Unicode UAX 9]. */
import { createRequire } from 'node:module';
import type bidiFactory from 'bidi-js';
import { isArabic, subsetsOf, type Subset } from './fonts.ts';

// Its types tell of a module, its code is a script.
const makeBidi = createRequire(import.meta.url)('bidi-js') as typeof bidiFactory.default;
const bidi = makeBidi();

/** A piece of a line in one font, as it is handed to the font: Arabic in the order of reading, which its font turns and joins. */
export interface Run {
  text: string;
  subset: Subset;
}

export interface Line {
  runs: Run[];
  /** Units of the paragraph it shows. */
  from: number;
  to: number;
}

export type Direction = 'ltr' | 'rtl';

interface Span {
  from: number;
  to: number;
  level: number;
  subset: Subset;
}

/** The direction of a text by its first strong letter; `otherwise` where it has none. */
export function directionOf(text: string, otherwise: Direction): Direction {
  if (!/[\p{L}]/u.test(text)) return otherwise;
  return bidi.getEmbeddingLevels(text).paragraphs[0]?.level === 1 ? 'rtl' : 'ltr';
}

function spansOf(levels: Uint8Array, subsets: Subset[], from: number, to: number): Span[] {
  const spans: Span[] = [];
  for (let at = from; at < to; at++) {
    const [level, subset] = [levels[at]!, subsets[at]!];
    const last = spans.at(-1);
    if (last && last.level === level && last.subset === subset) last.to = at + 1;
    else spans.push({ from: at, to: at + 1, level, subset });
  }
  return spans;
}

/** [UAX 9 L2] From the highest level down, what is at least that high is turned around. */
function reordered(spans: Span[]): Span[] {
  const most = Math.max(0, ...spans.map((one) => one.level));
  const turned = [...spans];
  for (let level = most; level > 0; level--)
    for (let at = 0; at < turned.length; at++) {
      if (turned[at]!.level < level) continue;
      let end = at;
      while (end < turned.length && turned[end]!.level >= level) end++;
      turned.splice(at, end - at, ...turned.slice(at, end).toReversed());
      at = end;
    }
  return turned;
}

/** [UAX 9 L4] Brackets and the like among right-to-left letters, in a font that does not turn them itself. */
function mirrored(text: string): string {
  const letters = Array.from(text).toReversed();
  return letters.map((one) => bidi.getMirroredCharacter(one) ?? one).join('');
}

/**
 * Breaks a paragraph at spaces, and a word that is longer than a line anywhere.
 * @param width of a text in a font, in the unit of `room`
 */
export function linesOf(
  text: string,
  base: Direction,
  room: number,
  width: (run: Run) => number,
): Line[] {
  const { levels } = bidi.getEmbeddingLevels(text, base);
  const subsets = subsetsOf(text);
  const logical = (from: number, to: number): number =>
    spansOf(levels, subsets, from, to).reduce(
      (sum, span) => sum + width({ text: text.slice(span.from, span.to), subset: span.subset }),
      0,
    );
  const lines: { from: number; to: number }[] = [];
  let from = 0;
  let used = 0;
  const breakAt = (to: number): void => {
    lines.push({ from, to });
    from = to;
    used = 0;
  };
  for (const word of text.matchAll(/\S+\s*/g)) {
    const start = word.index;
    const bare = start + word[0].trimEnd().length;
    const full = start + word[0].length;
    const long = logical(start, bare);
    if (used > 0 && used + long > room) breakAt(start);
    if (long <= room) {
      used += logical(start, full);
      continue;
    }
    // Letter by letter: each is measured once, however long the word is.
    for (let at = start; at < bare;) {
      const next = nextLetter(text, at);
      const one = logical(at, next);
      if (used > 0 && used + one > room) breakAt(at);
      used += one;
      at = next;
    }
  }
  if (from < text.length || lines.length === 0) lines.push({ from, to: text.length });
  return lines.map((line) => {
    const end = line.from + text.slice(line.from, line.to).trimEnd().length;
    const runs = reordered(spansOf(levels, subsets, line.from, end)).map((span): Run => {
      const said = text.slice(span.from, span.to);
      const turned = span.level % 2 === 1 && !isArabic(span.subset);
      return { text: turned ? mirrored(said) : said, subset: span.subset };
    });
    return { runs, from: line.from, to: end };
  });
}

function nextLetter(text: string, at: number): number {
  // Never between the halves of a letter beyond the first plane, nor before what joins to it.
  let end = at + (text.codePointAt(at)! > 0xff_ff ? 2 : 1);
  while (end < text.length && /[\p{M}\u200c\u200d]/u.test(text[end]!)) end++;
  return end;
}
