/**
 * What a thief tries who holds the database and knows the world it was drawn from: frequency analysis of the blind index
 * [Naveed, Kamara, Wright: Inference Attacks on Property-Preserving Encrypted Databases, CCS 2015].
 */

/** A row of the stolen index, and what it truly says (the thief does not see `truth`; the judge does). */
export interface StolenRow {
  rid: string;
  owner: string;
  tokens: readonly string[];
  truth: string;
}

export interface Verdict {
  attack: string;
  rows: number;
  /** Rows for which the thief named the right value. */
  right: number;
  /** right / rows. */
  share: number;
}

/** Values (or tokens) from the most to the least frequent; ties by name, so that a run can be repeated. */
export function ranked(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
}

export function countOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function judge(
  attack: string,
  rows: readonly StolenRow[],
  guess: (row: StolenRow) => string | undefined,
): Verdict {
  const right = rows.filter((row) => guess(row) === row.truth).length;
  return { attack, rows: rows.length, right, share: right / Math.max(rows.length, 1) };
}

/** Without a look at the index: the commonest value for every row. What an attack has to beat. */
export function blindGuess(
  rows: readonly StolenRow[],
  world: ReadonlyMap<string, number>,
): Verdict {
  const [commonest] = ranked(world);
  return judge('always the commonest value', rows, () => commonest);
}

/**
 * The nth most frequent token is the nth most frequent value, over the whole clinic. The thief is given the tokens of the
 * right parameter only: he is helped past telling a code from a status.
 */
export function rankAttack(
  rows: readonly StolenRow[],
  world: ReadonlyMap<string, number>,
): Verdict {
  const tokens = ranked(countOf(rows.flatMap((row) => row.tokens)));
  const values = ranked(world);
  const named = new Map(values.map((value, at) => [tokens[at]!, value]));
  return judge('frequency rank, whole clinic', rows, (row) =>
    row.tokens.map((token) => named.get(token)).find((value) => value !== undefined),
  );
}

/** The nth most frequent pair of tokens that meet in a chart is the nth most frequent pair of values, over the whole clinic. */
export function pairAttack(rows: readonly StolenRow[], world: readonly StolenRow[]): Verdict {
  const truth = new Map(rows.flatMap((row) => row.tokens.map((token) => [token, row.truth])));
  const stolen = pairsIn(rows, (row) => row.tokens);
  const values = ranked(pairsIn(world, (row) => [row.truth]));
  let all = 0;
  let right = 0;
  for (const [at, pair] of ranked(stolen).entries()) {
    const weight = stolen.get(pair)!;
    all += weight;
    const meant = pair.split(pairMark).map((token) => truth.get(token)!);
    if (values[at] === pairOf(meant)) right += weight;
  }
  return { attack: 'frequency rank of pairs', rows: all, right, share: right / Math.max(all, 1) };
}

const pairMark = '\u0000';

const pairOf = (names: readonly string[]): string => names.toSorted().join(pairMark);

/** How many charts hold both names of a pair. */
function pairsIn(
  rows: readonly StolenRow[],
  namesOf: (row: StolenRow) => readonly string[],
): Map<string, number> {
  const pairs: string[] = [];
  for (const chart of Map.groupBy(rows, (row) => row.owner).values()) {
    const names = [...new Set(chart.flatMap(namesOf))];
    names.forEach((a, at) => {
      for (const b of names.slice(at + 1)) pairs.push(pairOf([a, b]));
    });
  }
  return countOf(pairs);
}

/**
 * Which values keep company in one chart: the thief counts, for each token, with how many rows and how many other tokens
 * of its chart it stands together, and names it by the value whose company in the world is most alike.
 */
export function companyAttack(rows: readonly StolenRow[], world: readonly StolenRow[]): Verdict {
  const profiles = companies(world, (row) => [row.truth]);
  const model = [...profiles].map(([value, [own, others, kinds]]) => ({
    value,
    own,
    others,
    kinds,
  }));
  const totals = countOf(world.map((row) => row.truth));
  const named = new Map<string, string>();
  for (const [token, [own, others, kinds]] of companies(rows, (row) => row.tokens)) {
    let best = -Infinity;
    for (const one of model) {
      const far =
        Math.abs(Math.log((own + 1) / (one.own + 1))) +
        Math.abs(Math.log((others + 1) / (one.others + 1))) +
        Math.abs(Math.log((kinds + 1) / (one.kinds + 1)));
      const score = Math.log(totals.get(one.value)!) / 10 - far;
      if (score > best) {
        best = score;
        named.set(token, one.value);
      }
    }
  }
  return judge('company of each token in its chart', rows, (row) =>
    row.tokens.map((token) => named.get(token)).find((value) => value !== undefined),
  );
}

/** For each name: mean rows of its own in a chart, mean rows of others beside it, mean number of other names. */
function companies(
  rows: readonly StolenRow[],
  namesOf: (row: StolenRow) => readonly string[],
): Map<string, [number, number, number]> {
  const charts = Map.groupBy(rows, (row) => row.owner);
  const sums = new Map<string, [number, number, number, number]>();
  for (const chart of charts.values()) {
    const counts = countOf(chart.flatMap(namesOf));
    for (const [name, own] of counts) {
      const sum = sums.get(name) ?? [0, 0, 0, 0];
      sums.set(name, [
        sum[0] + own,
        sum[1] + chart.length - own,
        sum[2] + counts.size - 1,
        sum[3] + 1,
      ]);
    }
  }
  return new Map([...sums].map(([name, [a, b, c, n]]) => [name, [a / n, b / n, c / n]]));
}

/** The same rank attack inside each chart alone: what a deterministic token of one chart gives away at the most. */
export function chartRankAttack(
  rows: readonly StolenRow[],
  world: ReadonlyMap<string, number>,
): Verdict {
  const values = ranked(world);
  const named = new Map<string, string>();
  for (const chart of Map.groupBy(rows, (row) => row.owner).values())
    ranked(countOf(chart.flatMap((row) => row.tokens))).forEach((token, at) => {
      if (values[at] !== undefined) named.set(token, values[at]);
    });
  return judge('frequency rank, chart by chart', rows, (row) =>
    row.tokens.map((token) => named.get(token)).find((value) => value !== undefined),
  );
}

/** A token that stands on as many rows as one value does in the world has that value: no ranks, only counts. */
export function countAttack(
  rows: readonly StolenRow[],
  world: ReadonlyMap<string, number>,
): Verdict {
  const byCount = new Map([...world].map(([value, n]) => [n, value]));
  const named = new Map(
    [...countOf(rows.flatMap((row) => row.tokens))].map(([token, n]) => [token, byCount.get(n)]),
  );
  return judge('exact count, whole clinic', rows, (row) =>
    row.tokens.map((token) => named.get(token)).find((value) => value !== undefined),
  );
}

/**
 * The index that codes could be found by across patients: a value's rows fall into buckets of random sizes, one for each
 * `size` rows. Not what is stored; docs/decisions/0010 says why.
 */
export function acrossPatients(
  rows: readonly StolenRow[],
  size: number,
  random: () => number,
): StolenRow[] {
  const limits = new Map<string, number[]>();
  for (const [value, n] of countOf(rows.map((row) => row.truth))) {
    const weights = Array.from({ length: Math.ceil(n / size) }, () => -Math.log(1 - random()));
    const sum = weights.reduce((a, b) => a + b, 0);
    let upTo = 0;
    limits.set(
      value,
      weights.map((weight) => (upTo += weight / sum)),
    );
  }
  return rows.map((row) => {
    const drawn = random();
    const bucket = limits.get(row.truth)!.findIndex((limit) => drawn <= limit);
    return { ...row, tokens: [`${row.truth} ${bucket}`] };
  });
}

/** Length of the sealed row against the length of each value: what padding has to hide. */
export function lengthAttack(
  rows: readonly { length: number; truth: string }[],
  lengthOf: (value: string) => number,
  world: ReadonlyMap<string, number>,
): Verdict {
  const lengths = ranked(countOf(rows.map((row) => String(row.length))));
  const shapes = ranked(
    [...world].reduce(
      (sum, [value, n]) =>
        sum.set(String(lengthOf(value)), (sum.get(String(lengthOf(value))) ?? 0) + n),
      new Map<string, number>(),
    ),
  );
  const byShape = new Map<string, string>();
  for (const value of ranked(world))
    if (!byShape.has(String(lengthOf(value)))) byShape.set(String(lengthOf(value)), value);
  const named = new Map(lengths.map((length, at) => [length, byShape.get(shapes[at] ?? '')]));
  const right = rows.filter((row) => named.get(String(row.length)) === row.truth).length;
  return {
    attack: 'length of the sealed row',
    rows: rows.length,
    right,
    share: right / Math.max(rows.length, 1),
  };
}
