/** The memory of a server over minutes of the same load: it must not grow. */
import { readFileSync } from 'node:fs';

/** MiB in memory of a process; 0 when it has ended. */
export function memoryOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const median = (list: number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const sampleMs = 1_000;

/**
 * Repeats `work` for some minutes and prints the process's memory: median of the second fifth of the time and of the last.
 * The first fifth fills caches and heap.
 * @throws Error when the last is a tenth above the second
 */
export async function watchMemory(
  pid: number,
  minutes: number,
  work: () => Promise<void>,
): Promise<void> {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(memoryOf(pid)), sampleMs);
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) await work();
  clearInterval(timer);
  const fifth = Math.floor(samples.length / 5);
  const early = median(samples.slice(fifth, 2 * fifth));
  const late = median(samples.slice(-fifth));
  const most = Math.max(...samples);
  console.log(
    `memory over ${minutes} min of load: ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late, ${most.toFixed(0)} MiB at most`,
  );
  if (late > early * 1.1) throw new Error('the memory of the server grows under a steady load');
}
