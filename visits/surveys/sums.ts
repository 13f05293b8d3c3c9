/** Sums over survey answers, from which nobody's own answer can be told: pure. */
import type { ScoreSum, SurveyCell, SurveyQuestion } from '../contract-surveys.ts';

export interface Answered {
  week: number;
  clinician: string;
  mode: string;
  scores: Record<string, number>;
}

/** Fewer answers than this are somebody's. */
export const least = 5;

type Scale = Extract<SurveyQuestion, { kind: 'scale' }>;
const isScale = (one: SurveyQuestion): one is Scale => one.kind === 'scale';

/** Promoters say 9 or 10, detractors 6 or less [Reichheld 2003]; of a short scale the two best count as satisfied. */
function scoreOf({ from, to }: Scale, values: readonly number[]): number {
  const share = (fits: (value: number) => boolean): number =>
    (100 * values.filter(fits).length) / values.length;
  if (from === 0 && to === 10) return share((value) => value >= 9) - share((value) => value <= 6);
  return share((value) => value >= to - 1);
}

function sumOf(question: Scale, values: readonly number[]): ScoreSum {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    n: values.length,
    mean: Math.round(mean * 100) / 100,
    score: Math.round(scoreOf(question, values)),
  };
}

/** A cell of these answers; of a question fewer than five answered nothing is said. */
export function cellOf(
  questions: readonly SurveyQuestion[],
  answers: readonly Answered[],
): SurveyCell {
  const scores = questions.filter(isScale).flatMap((question): [string, ScoreSum][] => {
    const values = answers.flatMap(({ scores: given }) => given[question.id] ?? []);
    return values.length < least ? [] : [[question.id, sumOf(question, values)]];
  });
  return { n: answers.length, scores: Object.fromEntries(scores) };
}

/**
 * Which of several groups that make up a whole may be shown. A small one is hidden; and where all hidden ones together are
 * fewer than five, or one alone, the whole less the others would give it away: the next smallest is hidden too.
 * @param sizes by group; empty groups hide nothing and give nothing away
 */
export function hiddenOf(sizes: ReadonlyMap<string, number>): Set<string> {
  const bySize = [...sizes].filter(([, n]) => n > 0).toSorted(([, a], [, b]) => a - b);
  const hidden = new Set(bySize.filter(([, n]) => n < least).map(([key]) => key));
  if (hidden.size === 0) return hidden;
  const together = (): number => [...hidden].reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0);
  for (const [key] of bySize) {
    if (hidden.size > 1 && together() >= least) break;
    hidden.add(key);
  }
  return hidden;
}

/**
 * A question that few answered in one group would be told by the whole less the other groups: where a question's sums are
 * hidden in one shown group, they are in every group but those hidden anyway.
 */
function withoutTold(cells: SurveyCell[], questions: readonly SurveyQuestion[]): SurveyCell[] {
  const shown = cells.filter((one) => (one.n ?? 0) > 0);
  const lost = questions
    .filter(isScale)
    .filter((one) => shown.some(({ scores }) => !scores[one.id]));
  return cells.map((cell) => ({
    ...cell,
    scores: Object.fromEntries(
      Object.entries(cell.scores).filter(([id]) => !lost.some((one) => one.id === id)),
    ),
  }));
}

/** The answers by a dimension: every key gets its cell, what must not be told is empty. */
export function cellsBy(
  questions: readonly SurveyQuestion[],
  answers: readonly Answered[],
  keys: readonly string[],
  keyOf: (one: Answered) => string,
): Map<string, SurveyCell> {
  const groups = Map.groupBy(answers, keyOf);
  const hidden = hiddenOf(new Map(keys.map((key) => [key, groups.get(key)?.length ?? 0])));
  const cells = withoutTold(
    keys.map((key) =>
      hidden.has(key) ? { scores: {} } : cellOf(questions, groups.get(key) ?? []),
    ),
    questions,
  );
  return new Map(keys.map((key, at) => [key, cells[at]!]));
}
