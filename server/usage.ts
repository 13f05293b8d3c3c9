/** Who used what: requests and bytes as they leave, and the process's CPU shared out by the time each tenant's requests took. */
import type { Meter } from '@afar/platform';

export interface Usage {
  answered(tenant: number, elapsedMs: number, egressBytes: number): void;
  close(): void;
}

/** Counts into the meter; CPU is read and shared out every five seconds. */
export function createUsage(meter: Meter): Usage {
  let shares = new Map<number, number>();
  let last = process.cpuUsage();

  function shareOut(): void {
    const used = process.cpuUsage(last);
    const total = [...shares.values()].reduce((sum, one) => sum + one, 0);
    // While nobody asked anything the process's own upkeep belongs to nobody: it is carried to who comes next.
    if (total === 0) return;
    last = process.cpuUsage();
    for (const [tenant, share] of shares)
      meter.add(tenant, 'cpu_us', ((used.user + used.system) * share) / total);
    shares = new Map();
  }

  const timer = setInterval(shareOut, 5_000);
  timer.unref();
  return {
    answered(tenant, elapsedMs, egressBytes) {
      meter.add(tenant, 'requests', 1);
      meter.add(tenant, 'egress_bytes', egressBytes);
      shares.set(tenant, (shares.get(tenant) ?? 0) + Math.max(elapsedMs, 0.01));
    },
    close() {
      clearInterval(timer);
      shareOut();
    },
  };
}
