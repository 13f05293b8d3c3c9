/** The postmaster's process, as the data folder and the kernel tell of it. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The pid that `postmaster.pid` names; undefined when there is none. */
export function namedPid(cluster: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** True while the process runs; one that has ended but that nobody has waited for (a zombie) does not. */
export function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2)[0]!);
  } catch {
    return false;
  }
}

/** True when the process is the postmaster of this cluster, and not another that got its number after a reboot. */
export function servesCluster(pid: number, cluster: string): boolean {
  if (!alive(pid)) return false;
  try {
    if (!readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres')) return false;
  } catch {
    return false;
  }
  try {
    return realpathSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    // Another user's process does not show its folder (no CAP_SYS_PTRACE): the name has to do.
    return true;
  }
}

/** Waits until the process has ended; false when it has not after `ms`. */
export async function ended(pid: number, ms: number): Promise<boolean> {
  const until = Date.now() + ms;
  while (alive(pid)) {
    if (Date.now() > until) return false;
    await sleep(20);
  }
  return true;
}
