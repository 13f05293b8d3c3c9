/** How good the way to the clinic is: round trips and one small download, in about two seconds. */
import type { NetworkCheck } from '@afar/visits/contract';

export interface Probe {
  result: NetworkCheck;
  /** Median round trip, ms. */
  rtt?: number;
  /** Megabits a second, downwards. */
  mbps?: number;
  /** Share of the answers that came as late as a packet that was lost and sent again, 0..1. */
  late?: number;
}

const trips = 12;
/** TCP repeats a lost packet after 200 ms at the earliest [RFC 6298 2.4, as Linux has it]. */
const repeated = 190;

/** 640x480 at 30 pictures wants about 1 Mbit/s and conversation less than 150 ms one way [ITU-T G.114]. */
export function judge(rtt: number, mbps: number, late = 0): NetworkCheck {
  if (rtt <= 150 && mbps >= 1.5 && late <= 0.1) return 'good';
  return rtt <= 400 && mbps >= 0.4 && late <= 0.3 ? 'fair' : 'poor';
}

export const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;

async function timed(path: string): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  // A query of its own goes past the service worker's kept files; nothing in it is personal.
  const response = await fetch(`${path}?probe=${start.toFixed(0)}`, {
    cache: 'no-store',
    signal: AbortSignal.timeout(8000),
  });
  if (!response.ok) throw new Error('the probe was refused');
  const { byteLength } = await response.arrayBuffer();
  return { ms: performance.now() - start, bytes: byteLength };
}

export async function probeNetwork(): Promise<Probe> {
  try {
    await timed('/icons/mark.svg'); // the first one pays for opening the connection
    const times: number[] = [];
    for (let trip = 0; trip < trips; trip += 1) times.push((await timed('/icons/mark.svg')).ms);
    const rtt = median(times);
    const shortest = Math.min(...times);
    const late = times.filter((one) => one - shortest >= repeated).length / trips;
    const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]');
    const path = script ? new URL(script.src).pathname : '/icons/icon-512.png';
    const { ms, bytes } = await timed(path);
    const mbps = (bytes * 8) / 1000 / Math.max(1, ms - rtt / 2);
    return { result: judge(rtt, mbps, late), rtt, mbps, late };
  } catch {
    return { result: 'failed' };
  }
}
