/** How the line is, and whose weakness it is, from what both ends see and how each reaches the clinic. Pure. */
import type { QualitySample } from '@afar/visits/contract';
import type { Reach } from './reach.ts';

export type Level = 'good' | 'fair' | 'poor';
export type Whose = 'mine' | 'theirs' | 'between';

/** What one end tells the other, sealed, every few seconds. */
export interface LineReport {
  level: Level;
  rttMs?: number;
  /** Shares, 0..1, of what came here. */
  lossIn?: number;
  concealed?: number;
  kbpsIn?: number;
  fps?: number;
  freezes?: number;
  /** bit/s this end may send. */
  room?: number;
  /** Its pictures were given up for the line. */
  fellBack: boolean;
  reach?: Reach;
}

export interface Verdict {
  level: Level;
  /** Absent when nothing is wrong, or not yet told. */
  weak?: Whose;
}

const numbers = ['rttMs', 'lossIn', 'concealed', 'kbpsIn', 'fps', 'freezes', 'room'] as const;
const levels: readonly Level[] = ['good', 'fair', 'poor'];
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The other end's report; undefined when it is none. What another browser says is read with care. */
export function readReport(text: string): LineReport | undefined {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null || !levels.includes(said['level'] as Level))
    return undefined;
  const report: LineReport = { level: said['level'] as Level, fellBack: said['fellBack'] === true };
  for (const name of numbers) if (isNumber(said[name])) report[name] = said[name];
  const reach = said['reach'] as Partial<Reach> | undefined;
  if (isNumber(reach?.strain) && isNumber(reach.late) && isNumber(reach.asked))
    report.reach = { strain: reach.strain, late: Math.min(1, reach.late), asked: reach.asked };
  return report;
}

/**
 * Loss of 2 % and a round trip of 300 ms are where people begin to notice, 8 % and 600 ms where they cannot talk [ITU-T G.114 for
 * the delay; our own runs in Chromium for the loss]. Under 400 kbit/s the picture is smaller than it could be.
 */
export function levelOf(sample: QualitySample, room: number | undefined, fellBack: boolean): Level {
  const loss = Math.max(sample.lossIn ?? 0, sample.lossOut ?? 0);
  const rtt = sample.rttMs ?? 0;
  const concealed = sample.concealed ?? 0;
  if (fellBack || loss > 0.08 || rtt > 600 || concealed > 0.1) return 'poor';
  const narrow = room !== undefined && room < 400_000;
  return narrow || loss > 0.02 || rtt > 300 || concealed > 0.04 ? 'fair' : 'good';
}

const worse = (one: Level, other: Level): Level =>
  levels.indexOf(one) > levels.indexOf(other) ? one : other;

/** ms of strain that are nobody's fault: a busy computer, a distant clinic. */
const unstrained = 30;
/** A question lost on the way weighs as much as this many ms: TCP repeats it after 200 ms at the earliest. */
const lateWeighs = 400;

const strainOf = ({ strain, late }: Reach): number => strain + late * lateWeighs;

/** Both ends ask the clinic: whoever has more trouble reaching it sits on the weak link; alike, it lies between. */
export function whoseOf(mine: Reach | undefined, theirs: Reach | undefined): Whose | undefined {
  if (!mine || !theirs || mine.asked < 4 || theirs.asked < 4) return undefined;
  const [here, there] = [strainOf(mine), strainOf(theirs)];
  const most = Math.max(here, there);
  if (most < unstrained || Math.abs(here - there) < most / 3) return 'between';
  return here > there ? 'mine' : 'theirs';
}

export interface Weakness {
  verdict: Verdict;
  /** When it was last bad, ms: it is said for some seconds more, so that it does not flicker. */
  badAt: number;
  /** Looks in a row that were bad. */
  run: number;
}

export const noWeakness: Weakness = { verdict: { level: 'good' }, badAt: 0, run: 0 };
const lingers = 8_000;

/** The next verdict. Weak at one end is weak at both: they share the line. */
export function nextWeakness(
  before: Weakness,
  mine: LineReport,
  theirs: LineReport | undefined,
  at: number,
): Weakness {
  const level = worse(mine.level, theirs?.level ?? 'good');
  if (level === 'good') {
    const stays = before.verdict.level !== 'good' && at - before.badAt < lingers;
    return { verdict: stays ? before.verdict : { level }, badAt: before.badAt, run: 0 };
  }
  const run = before.run + 1;
  // One bad look is a hiccup.
  if (run < 2 && before.verdict.level === 'good') return { ...before, run };
  const whose = whoseOf(mine.reach, theirs?.reach) ?? before.verdict.weak;
  return { verdict: { level, ...(whose && { weak: whose }) }, badAt: at, run };
}
