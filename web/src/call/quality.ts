/** How the call is doing, from getStats: one sample, whose link is weak, and when to give video up. Pure. */
import type { QualitySample } from '@afar/visits/contract';

/** The counters of one moment that a sample is the difference of. */
export interface Totals {
  at: number;
  bytesIn: number;
  bytesOut: number;
  packetsIn: number;
  lostIn: number;
  /** 0..1, as the other end reports it of what we send. */
  lossOut: number | undefined;
  rtt: number | undefined;
  /** bit/s the network would take from us, as congestion control sees it. */
  room: number | undefined;
  framesDecoded: number;
  freezes: number;
  width: number | undefined;
  height: number | undefined;
  concealed: number;
  audioSamples: number;
  pair: { local: string; remote: string } | undefined;
}

type Stat = Record<string, unknown> & { type: string; id: string };
const num = (value: unknown): number => (typeof value === 'number' ? value : 0);
const maybe = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

export function totalsOf(report: Iterable<[string, unknown]>, at: number): Totals {
  const stats = new Map([...report] as [string, Stat][]);
  const totals: Totals = {
    at,
    bytesIn: 0,
    bytesOut: 0,
    packetsIn: 0,
    lostIn: 0,
    lossOut: undefined,
    rtt: undefined,
    room: undefined,
    framesDecoded: 0,
    freezes: 0,
    width: undefined,
    height: undefined,
    concealed: 0,
    audioSamples: 0,
    pair: undefined,
  };
  for (const stat of stats.values()) {
    if (stat.type === 'inbound-rtp') inbound(totals, stat);
    else if (stat.type === 'outbound-rtp') totals.bytesOut += num(stat['bytesSent']);
    else if (stat.type === 'remote-inbound-rtp')
      totals.lossOut = Math.max(totals.lossOut ?? 0, num(stat['fractionLost']));
    else if (stat.type === 'transport') path(totals, stat, stats);
  }
  return totals;
}

function inbound(totals: Totals, stat: Stat): void {
  totals.bytesIn += num(stat['bytesReceived']);
  totals.packetsIn += num(stat['packetsReceived']);
  totals.lostIn += num(stat['packetsLost']);
  if (stat['kind'] === 'video') {
    totals.framesDecoded += num(stat['framesDecoded']);
    totals.freezes += num(stat['freezeCount']);
    totals.width = maybe(stat['frameWidth']);
    totals.height = maybe(stat['frameHeight']);
  } else {
    totals.concealed += num(stat['concealedSamples']) - num(stat['silentConcealedSamples']);
    totals.audioSamples += num(stat['totalSamplesReceived']);
  }
}

function path(totals: Totals, stat: Stat, stats: Map<string, Stat>): void {
  const pair = stats.get(String(stat['selectedCandidatePairId']));
  if (!pair) return;
  const rtt = maybe(pair['currentRoundTripTime']);
  totals.rtt = rtt === undefined ? undefined : rtt * 1000;
  totals.room = maybe(pair['availableOutgoingBitrate']);
  const type = (id: unknown): string =>
    String(stats.get(String(id))?.['candidateType'] ?? 'unknown');
  totals.pair = { local: type(pair['localCandidateId']), remote: type(pair['remoteCandidateId']) };
}

const share = (part: number, whole: number): number | undefined =>
  whole > 0 ? Math.min(1, Math.max(0, part / whole)) : undefined;

/** What happened between two moments. */
export function sampleOf(before: Totals, now: Totals): QualitySample {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const lost = now.lostIn - before.lostIn;
  const all = {
    at: new Date(now.at).toISOString(),
    rttMs: now.rtt === undefined ? undefined : Math.round(now.rtt),
    lossIn: share(lost, lost + now.packetsIn - before.packetsIn),
    lossOut: now.lossOut,
    kbpsIn: Math.round(((now.bytesIn - before.bytesIn) * 8) / seconds / 1000),
    kbpsOut: Math.round(((now.bytesOut - before.bytesOut) * 8) / seconds / 1000),
    fps: Math.round((now.framesDecoded - before.framesDecoded) / seconds),
    width: now.width,
    height: now.height,
    concealed: share(now.concealed - before.concealed, now.audioSamples - before.audioSamples),
    freezes: Math.max(0, now.freezes - before.freezes),
    relayed: now.pair ? now.pair.local === 'relay' || now.pair.remote === 'relay' : undefined,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as QualitySample;
}

export interface Verdict {
  level: 'good' | 'fair' | 'poor';
  /** Whose link looks weak; undefined when it cannot be told or nothing is wrong. */
  weak?: 'mine' | 'theirs';
}

/**
 * Loss of 3 % and a round trip of 300 ms are where people begin to notice, 8 % and 600 ms where they
 * cannot talk [ITU-T G.114 for the delay; our own runs in Chromium for the loss].
 */
export function verdictOf(sample: QualitySample, room: number | undefined): Verdict {
  const out = sample.lossOut ?? 0;
  const into = sample.lossIn ?? 0;
  const rtt = sample.rttMs ?? 0;
  const narrow = room !== undefined && room < 150_000;
  const poor = out > 0.08 || into > 0.08 || rtt > 600 || (sample.concealed ?? 0) > 0.1;
  const fair = out > 0.03 || into > 0.03 || rtt > 300 || narrow || (sample.concealed ?? 0) > 0.04;
  if (!poor && !fair) return { level: 'good' };
  const level = poor ? 'poor' : 'fair';
  if (narrow || (out > 0.03 && out > into)) return { level, weak: 'mine' };
  if (into > 0.03 && into > out) return { level, weak: 'theirs' };
  return { level };
}

export interface Fallback {
  audioOnly: boolean;
  /** Looks in a row that spoke for a change. */
  run: number;
  /** Instant before which video is not tried again, ms; doubles with each failure. */
  tryAt: number;
  wait: number;
}

export const noFallback: Fallback = { audioOnly: false, run: 0, tryAt: 0, wait: 30_000 };

/** Below this the camera starves the voice: audio alone needs 40, the rest is headroom (bit/s). */
const tooNarrow = 110_000;
const looksBefore = 3;

/**
 * Gives video up after three looks without room for it, and tries again after 30 s, 60 s, 120 s...:
 * falling is quick, coming back is slow, so that a call on the edge does not flicker.
 */
export function nextFallback(
  state: Fallback,
  room: number | undefined,
  loss: number,
  now: number,
): Fallback {
  if (state.audioOnly) {
    if (now < state.tryAt || loss > 0.02) return state;
    return { ...state, audioOnly: false, run: 0 };
  }
  const bad = room !== undefined && room < tooNarrow;
  const run = bad ? state.run + 1 : 0;
  if (run < looksBefore) return { ...state, run };
  return {
    audioOnly: true,
    run: 0,
    tryAt: now + state.wait,
    wait: Math.min(240_000, state.wait * 2),
  };
}
