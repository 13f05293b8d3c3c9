/** Counts by hour, gathered into as many bars as a screen can show. */

export interface HourCount {
  /** Start of the hour, ms since epoch. */
  hour: number;
  count: number;
  refused: number;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
  refused: number;
}

const hourMs = 3_600_000;

/** Bars of equal length that cover [from, to) without a gap; hours without an event count as none. */
export function bins(hours: HourCount[], from: number, to: number, most = 60): Bin[] {
  const total = Math.max(1, Math.round((to - from) / hourMs));
  const per = Math.ceil(total / most);
  const made: Bin[] = Array.from({ length: Math.ceil(total / per) }, (_, at) => ({
    from: from + at * per * hourMs,
    to: Math.min(to, from + (at + 1) * per * hourMs),
    count: 0,
    refused: 0,
  }));
  for (const one of hours) {
    const bin = made[Math.floor((one.hour - from) / (per * hourMs))];
    if (!bin) continue;
    bin.count += one.count;
    bin.refused += one.refused;
  }
  return made;
}
