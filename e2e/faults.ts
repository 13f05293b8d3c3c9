/** What happens to a database: killed, held up, cut off, out of disk. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from './product.ts';

/** The embedded postmaster of the product. */
export function postmasterOf(product: Product): number {
  const file = join(product.data, 'database/cluster/postmaster.pid');
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** kill -9 of the postmaster alone; its backends follow when they notice. */
export async function killDatabase(product: Product): Promise<void> {
  process.kill(postmasterOf(product), 'SIGKILL');
  await sleep(200);
}

/** Every process of the database stands still for `ms`, as on a machine that swaps or a storage that hangs. */
export async function holdDatabase(product: Product, ms: number): Promise<void> {
  const postmaster = postmasterOf(product);
  const all = [postmaster, ...childrenOf(postmaster)];
  for (const pid of all) process.kill(pid, 'SIGSTOP');
  try {
    await sleep(ms);
  } finally {
    for (const pid of all)
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // ended meanwhile
      }
  }
}

/** A file system of its own of `megabytes`, in memory. Needs the right to mount. */
export function mountSmall(folder: string, megabytes: number): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', folder]);
  return () => void execFileSync('umount', ['-l', folder]);
}

/** Leaves no block free where `folder` is, for `ms`. */
export async function fillDisk(folder: string, ms: number): Promise<void> {
  const ballast = join(folder, 'ballast');
  try {
    const { bavail, bsize } = statfsSync(folder);
    try {
      writeFileSync(ballast, Buffer.alloc(Number(bavail) * Number(bsize), 1));
    } catch {
      // Full a little sooner: that is what was wanted.
    }
    await sleep(ms);
  } finally {
    rmSync(ballast, { force: true });
  }
}
