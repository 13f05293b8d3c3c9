/** Quality of a connection: samples from the browsers, checked, summed, and rated once the visit is over. */
import type { OperationOutcomeIssue } from '@afar/fhir';
import type { QualitySample, QualitySummary } from '../contract.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

/** Least and greatest believable value of each figure. */
const figures = {
  rttMs: [0, 60_000],
  lossIn: [0, 1],
  lossOut: [0, 1],
  kbpsIn: [0, 1_000_000],
  kbpsOut: [0, 1_000_000],
  fps: [0, 240],
  width: [0, 16_384],
  height: [0, 16_384],
  concealed: [0, 1],
  freezes: [0, 1_000_000],
  restarts: [0, 10_000],
} as const;

type Figure = keyof typeof figures;
const figureNames = Object.keys(figures) as Figure[];

/** Sums over one person's samples; means are made at the end. */
export interface QualitySums {
  samples: number;
  totals: Partial<Record<Figure, { sum: number; count: number }>>;
  audioOnly: boolean;
  restarts: number;
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readSamples(body: unknown): QualitySample[] {
  const samples = (body as { samples?: unknown } | null)?.samples;
  if (!Array.isArray(samples) || samples.length > 60) {
    refuseFaults([fault('samples', 'a list of at most 60')]);
    return [];
  }
  const issues: OperationOutcomeIssue[] = [];
  for (const [index, sample] of samples.entries() as Iterable<[number, Record<string, unknown>]>) {
    if (typeof sample !== 'object' || sample === null) {
      issues.push(fault(`samples[${index}]`, 'an object'));
      continue;
    }
    if (typeof sample.at !== 'string' || Number.isNaN(Date.parse(sample.at)))
      issues.push(fault(`samples[${index}].at`, 'an instant'));
    for (const name of figureNames) {
      const value = sample[name];
      const [least, most] = figures[name];
      if (value === undefined) continue;
      if (typeof value !== 'number' || !(value >= least && value <= most))
        issues.push(fault(`samples[${index}].${name}`, `a number from ${least} to ${most}`));
    }
  }
  refuseFaults(issues);
  return samples as QualitySample[];
}

export const noSums: QualitySums = { samples: 0, totals: {}, audioOnly: false, restarts: 0 };

export function addSamples(sums: QualitySums, samples: readonly QualitySample[]): QualitySums {
  const totals = { ...sums.totals };
  let { audioOnly, restarts } = sums;
  for (const sample of samples) {
    for (const name of figureNames) {
      const value = sample[name];
      if (value === undefined) continue;
      const before = totals[name] ?? { sum: 0, count: 0 };
      totals[name] = { sum: before.sum + value, count: before.count + 1 };
    }
    audioOnly ||= sample.audioOnly === true;
    restarts = Math.max(restarts, sample.restarts ?? 0);
  }
  return { samples: sums.samples + samples.length, totals, audioOnly, restarts };
}

function mean(all: readonly QualitySums[], names: Figure[]): number | undefined {
  let sum = 0;
  let count = 0;
  for (const one of all)
    for (const name of names) {
      sum += one.totals[name]?.sum ?? 0;
      count += one.totals[name]?.count ?? 0;
    }
  return count ? Math.round((sum / count) * 1000) / 1000 : undefined;
}

/**
 * One line for both ends. Bounds: ITU-T G.114 (05/2003) calls up to 150 ms one way (300 ms round trip) good for most talk and over 400 ms
 * (800 ms) unacceptable; 3 % loss was measured in Chromium to cost a third of the frames and no freeze; under 10 frames a second lips and words part.
 */
export function summarise(all: readonly QualitySums[]): QualitySummary {
  const samples = all.reduce((sum, one) => sum + one.samples, 0);
  const audioOnly = all.some((one) => one.audioOnly);
  const restarts = all.reduce((most, one) => Math.max(most, one.restarts), 0);
  if (!samples) return { rating: 'unknown', samples, audioOnly, restarts };
  const rttMs = mean(all, ['rttMs']);
  const loss = mean(all, ['lossIn', 'lossOut']);
  const fps = mean(all, ['fps']);
  const concealed = mean(all, ['concealed']);
  const poor =
    (rttMs ?? 0) > 800 ||
    (loss ?? 0) > 0.1 ||
    (concealed ?? 0) > 0.1 ||
    (!audioOnly && (fps ?? 30) < 10);
  const fair =
    (rttMs ?? 0) > 300 ||
    (loss ?? 0) > 0.03 ||
    (concealed ?? 0) > 0.03 ||
    audioOnly ||
    (fps ?? 30) < 15 ||
    restarts > 1;
  return {
    rating: poor ? 'poor' : fair ? 'fair' : 'good',
    samples,
    ...(rttMs !== undefined && { rttMs }),
    ...(loss !== undefined && { loss }),
    ...(fps !== undefined && { fps }),
    ...(concealed !== undefined && { concealed }),
    audioOnly,
    restarts,
  };
}
