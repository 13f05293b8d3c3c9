/** What runs of media, for `afar status` and whoever watches: each process writes its numbers into the media folder, ids and addresses none. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaStats } from '@afar/visits';

export interface MediaNumbers {
  relay: 'coturn' | 'configured' | 'none';
  /** Relayed addresses in use; only in the process that runs coturn. */
  relayed?: number;
  many?: MediaStats;
}

const everyMs = 2_000;
const mine = (folder: string): string => join(folder, `status-${process.pid}.json`);

/** Writes the numbers when they change. @returns the way to stop */
export function tellNumbers(folder: string, numbers: () => MediaNumbers): () => void {
  let told = '';
  const tell = (): void => {
    const now = JSON.stringify(numbers());
    if (now === told) return;
    told = now;
    writeFileSync(mine(folder), now, { mode: 0o600 });
  };
  tell();
  const timer = setInterval(tell, everyMs).unref();
  return () => {
    clearInterval(timer);
    rmSync(mine(folder), { force: true });
  };
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The numbers of every process of this machine that runs now. */
export function readNumbers(folder: string): MediaNumbers[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const [, pid] = /^status-(\d+)\.json$/.exec(name) ?? [];
    if (pid === undefined || !runs(Number(pid))) return [];
    return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as MediaNumbers];
  });
}

/** In one line each, as an operator reads it. */
export function mediaLines(all: readonly MediaNumbers[]): [what: string, how: string][] {
  if (all.length === 0) return [];
  const sum = (of: (one: MediaNumbers) => number | undefined): number =>
    all.reduce((total, one) => total + (of(one) ?? 0), 0);
  const relay = all.some((one) => one.relayed !== undefined)
    ? `coturn runs, ${sum((one) => one.relayed)} relayed addresses in use`
    : { coturn: 'coturn does not run', configured: 'servers of your own', none: 'none' }[
        all[0]!.relay
      ];
  const many = all.map((one) => one.many).filter((one) => one !== undefined);
  const engine = many[0];
  const group = engine
    ? `${engine.engine === 'sfu' ? 'Janus' : 'LiveKit'}, ${sum((one) => one.many?.rooms)} rooms`
    : 'none: visits have two people';
  return [
    ['relay', relay],
    ['group calls', group],
  ];
}
