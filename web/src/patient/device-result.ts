/** What the last device check found. About this device, not about a person; kept for the session only. */
import type { Checks } from '@afar/visits/contract';

const storageKey = 'afar.device-check';
/** A day: headsets are unplugged and permissions taken back. */
const lasts = 24 * 3_600_000;

export interface DeviceResult {
  at: number;
  checks: Checks;
}

export const skipped: Checks = {
  camera: 'skipped',
  microphone: 'skipped',
  speaker: 'skipped',
  network: 'skipped',
};

export function lastCheck(now = Date.now()): Checks | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as DeviceResult | null;
    return kept && now - kept.at < lasts ? kept.checks : undefined;
  } catch {
    return undefined;
  }
}

export function keepCheck(checks: Checks, now = Date.now()): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ at: now, checks } satisfies DeviceResult));
  } catch {
    // Storage is off: the check is simply offered again.
  }
}
