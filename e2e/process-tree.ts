/** Finds and kills every process of one product, the way a power cut or an operator in a hurry would. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // ended meanwhile
    }
  }
  return found;
}

function insideFolder(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

/** The process itself, its children at any depth, and whatever runs inside its data folder (the postmaster and its backends). */
export function treeOf(pid: number, data: string): number[] {
  const up = parents();
  const below = (one: number): boolean => {
    for (let at: number | undefined = one; at && at > 1; at = up.get(at))
      if (at === pid) return true;
    return false;
  };
  return [...up.keys()].filter((one) => below(one) || insideFolder(one, data));
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0] !== 'Z';
  } catch {
    return false;
  }
};

/** SIGKILL to all of them at once, then waits until none is left. */
export async function killTree(pid: number, data: string): Promise<number> {
  const victims = treeOf(pid, data);
  for (const one of victims) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // ended meanwhile
    }
  }
  while (victims.some(alive)) await sleep(20);
  return victims.length;
}
