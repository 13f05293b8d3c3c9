/** How the call is doing, from getStats: totals of a moment, the sample between two, several samples as one. Pure. */
import type { QualitySample } from '@afar/visits/contract';

/** The counters of one moment that a sample is the difference of. */
export interface Totals {
  at: number;
  bytesIn: number;
  bytesOut: number;
  /** Anything at all that came by the paths in use, bytes and checks of the path [RFC 7675]: it grows while the path is there. */
  heard: number;
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
    heard: 0,
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
  for (const came of ['bytesReceived', 'requestsReceived', 'responsesReceived'])
    totals.heard += num(pair[came]);
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
    relayed: now.pair && relays(now.pair),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as QualitySample;
}

/** Whoever hears from a relay before it hears of it calls it `prflx`: then it is not known. */
function relays({ local, remote }: { local: string; remote: string }): boolean | undefined {
  if (local === 'relay' || remote === 'relay') return true;
  return remote === 'prflx' ? undefined : false;
}

const mean = (values: readonly number[]): number =>
  Math.round((values.reduce((sum, one) => sum + one, 0) / values.length) * 1000) / 1000;

/** Several looks as one: counts are added, the last size holds, everything else is averaged. */
export function mergeSamples(samples: readonly QualitySample[]): QualitySample {
  const last = samples.at(-1)!;
  const of = (
    name: 'rttMs' | 'lossIn' | 'lossOut' | 'kbpsIn' | 'kbpsOut' | 'fps' | 'concealed',
  ) => {
    const known = samples.flatMap((one) => one[name] ?? []);
    return known.length ? { [name]: mean(known) } : {};
  };
  return {
    ...last,
    ...of('rttMs'),
    ...of('lossIn'),
    ...of('lossOut'),
    ...of('kbpsIn'),
    ...of('kbpsOut'),
    ...of('fps'),
    ...of('concealed'),
    freezes: samples.reduce((sum, one) => sum + (one.freezes ?? 0), 0),
  };
}
