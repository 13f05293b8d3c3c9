/** How each stream of the others arrives, read from the statistics of one connection. Pure. */
import type { StreamName } from '../frame-cipher.ts';
import type { Arrival } from '../media-lines.ts';

type Stat = Record<string, unknown>;
const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** @param whose whose stream a line (mid) carries at this time */
export function arrivalsOf(
  report: Iterable<[string, unknown]>,
  whose: (mid: string) => { peer: string; stream: StreamName } | undefined,
): Arrival[] {
  const arrivals: Arrival[] = [];
  for (const [, value] of report) {
    const stat = value as Stat;
    const source = stat['type'] === 'inbound-rtp' ? whose(String(stat['mid'])) : undefined;
    if (!source) continue;
    arrivals.push({
      ...source,
      packets: count(stat['packetsReceived']),
      lost: count(stat['packetsLost']),
      bytes: count(stat['bytesReceived']),
      framesDecoded: count(stat['framesDecoded']),
      ...(typeof stat['frameWidth'] === 'number' ? { width: stat['frameWidth'] } : {}),
      ...(typeof stat['frameHeight'] === 'number' ? { height: stat['frameHeight'] } : {}),
      ...(typeof stat['audioLevel'] === 'number' ? { level: stat['audioLevel'] } : {}),
    });
  }
  return arrivals;
}

/** Statistics of two connections as one: names stay apart, and what the second says of its way counts. */
export function merged(
  down: Iterable<[string, unknown]>,
  up: Iterable<[string, unknown]>,
): [string, unknown][] {
  const references = [
    'id',
    'selectedCandidatePairId',
    'localCandidateId',
    'remoteCandidateId',
  ] as const;
  const named = (report: Iterable<[string, unknown]>, prefix: string): [string, unknown][] =>
    [...report].map(([id, value]) => {
      const stat = { ...(value as Stat) };
      for (const key of references) if (key in stat) stat[key] = prefix + String(stat[key]);
      return [prefix + id, stat];
    });
  return [...named(down, 'down-'), ...named(up, 'up-')];
}
