/** A whole server as a process of its own, for tests: started from a temporary data folder, watched, and ended for certain. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const main = join(import.meta.dirname, '..', 'main.ts');

/** What a process of ours gets of the tests' own environment. */
export const childEnv: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
};

/** A data folder under /tmp that PostgreSQL's user can pass through. */
export function dataFolder(): { path: string; remove(): void } {
  const base = mkdtempSync(join(tmpdir(), 'afar-server-'));
  chmodSync(base, 0o711);
  return {
    path: join(base, 'data'),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

export interface ServerProcess {
  child: ChildProcess;
  /** Everything it said so far. */
  said(): string;
  /** The address in the ready line. */
  ready(): Promise<string>;
  /** Exit code, or the name of the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts one on a free port. */
export function spawnServer(data: string, env: Record<string, string> = {}): ServerProcess {
  const child = spawn(process.execPath, [main], {
    env: {
      ...childEnv,
      AFAR_DATA: data,
      AFAR_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    child,
    said: () => output,
    ended,
    async ready() {
      for (;;) {
        const url = /^Afar is ready: (\S+)$/m.exec(output)?.[1];
        if (url && (output.includes('Demo accounts: ') || env.AFAR_MODE === 'production'))
          return url;
        if (over) throw new Error(`the server ended before it was ready: ${output}`);
        await sleep(20);
      }
    },
  };
}

/** Ids and command lines of processes that mention the folder. */
export function processesOn(data: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command.includes(data) ? [{ pid: Number(name), command }] : [];
      } catch {
        return [];
      }
    });
}

/** The postmaster of the folder's embedded PostgreSQL. */
export function postmasterOf(data: string): number {
  const file = join(data, 'database', 'cluster', 'postmaster.pid');
  return Number(readFileSync(file, 'utf8').split('\n')[0]);
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Kills the server, its PostgreSQL and every backend at once, as a power cut would. */
export function killTree(server: ServerProcess, data: string): void {
  const postmaster = postmasterOf(data);
  const backends = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === postmaster);
  for (const pid of [server.child.pid!, postmaster, ...backends])
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
}
