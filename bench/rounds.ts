/** Interleaved rounds: each step asks every server in turn, again and again, so that a busy minute of the machine falls on all of them. */
import { measure, type Figures, type Step, type Target } from './load.ts';
import { prove } from './steps.ts';
import { cpu, type Row } from './table.ts';

export interface Plan {
  target: Target;
  steps: Step[];
}

export const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;

/** Each figure's median over the rounds. */
function middle(all: readonly Figures[]): Figures {
  const of = (name: keyof Omit<Figures, 'why'>): number => median(all.map((one) => one[name]));
  const why = all.find((one) => one.why !== undefined)?.why;
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p95: of('p95'),
    p99: of('p99'),
    server: of('server'),
    postgres: of('postgres'),
    requests: all.reduce((sum, one) => sum + one.requests, 0),
    refused: all.reduce((sum, one) => sum + one.refused, 0),
    ...(why === undefined ? {} : { why }),
  };
}

/** All rounds of a step, by target, in the order of the rounds. */
export type Rounds = Map<string, Figures[]>;

/**
 * @param told after each step, with all its rounds
 * @returns a row for each step and target: medians
 */
export async function inRounds(
  plans: readonly Plan[],
  { rounds, seconds }: { rounds: number; seconds: number },
  told: (step: string, all: Rounds) => void = () => undefined,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let n = 0; n < (plans[0]?.steps.length ?? 0); n++) {
    const all: Rounds = new Map(plans.map(({ target }) => [target.name, []]));
    for (const { target, steps } of plans) await prove(target, steps[n]!);
    for (let round = 0; round < rounds; round++)
      // Whoever comes first in one round comes last in the next: what grows or tires does so for all.
      for (const { target, steps } of round % 2 ? plans.toReversed() : plans)
        all.get(target.name)!.push(await measure(target, steps[n]!, seconds));
    const step = plans[0]!.steps[n]!.name;
    for (const [target, figures] of all) rows.push({ step, target, figures: middle(figures) });
    process.stderr.write(`${step}\n`);
    told(step, all);
  }
  return rows;
}

/** The median over the rounds of what one cost as a multiple of another in the same round. */
export function ratioOf(all: Rounds, of: string, to: string): number {
  const base = all.get(to) ?? [];
  return median((all.get(of) ?? []).map((one, at) => cpu(one) / cpu(base[at]!)));
}
