/** An invented terminology of SNOMED's size and shape: 350,000 concepts, 600,000 is-a links, up to 12 levels, several parents. */

export interface Synthetic {
  readonly size: number;
  /** Parents of concept n, as numbers; concept 0 is the root. */
  readonly parents: Int32Array[];
  readonly links: number;
  code(n: number): string;
  name(n: number): string;
}

const sites =
  'heart lung liver kidney hand foot knee hip eye ear skin brain spine colon bladder shoulder wrist ankle jaw neck'.split(
    ' ',
  );
const kinds =
  'injury disorder infection tumour fracture inflammation swelling atrophy bleeding stenosis rupture anomaly'.split(
    ' ',
  );
const words =
  'acute chronic congenital acquired left right partial total primary secondary recurrent benign severe mild deep open closed upper lower late'.split(
    ' ',
  );

/** The same numbers on every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function synthetic(size = 350_000, links = 600_000): Synthetic {
  const next = random(7);
  const parents: Int32Array[] = [new Int32Array(0)];
  // A concept's parents come from the tenth of the numbers before its own that makes about twelve levels.
  const parentOf = (n: number) => Math.floor(n * (0.05 + 0.4 * next() ** 2) * next());
  const extra = (links - size) / size;
  let made = 0;
  for (let n = 1; n < size; n++) {
    const own = new Set([parentOf(n)]);
    for (let more = next() * 2 * extra; more > 0.5; more -= 1) own.add(parentOf(n));
    made += own.size;
    parents.push(Int32Array.from(own));
  }
  const pick = (from: string[], n: number) => from[n % from.length]!;
  return {
    size,
    parents,
    links: made,
    code: (n) => String(100_000_000 + n * 7),
    name: (n) =>
      [
        pick(words, n),
        pick(words, Math.floor(n / 20) + 3),
        pick(kinds, Math.floor(n / 400)),
        'of',
        pick(sites, Math.floor(n / 4_800)),
        String(n),
      ].join(' '),
  };
}
