/** CPU of processes by /proc, and programs started for a measurement and ended after it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;

interface Stat {
  parent: number;
  cpuMs: number;
}

function stat(pid: number): Stat | undefined {
  try {
    // The program's name in brackets may hold spaces: fields count from after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    // utime, stime, and cutime, cstime: a backend that has ended lives on in its parent's sum.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), cpuMs: ticks * tickMs };
  } catch {
    return undefined;
  }
}

/** CPU ms since their start of a process and all below it, apart from the trees of `except`. */
export function cpuOfTree(root: number, except: number[] = []): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = stat(Number(name));
      return found ? [{ pid: Number(name), ...found }] : [];
    });
  const sum = (pid: number): number =>
    except.includes(pid)
      ? 0
      : (all.find((one) => one.pid === pid)?.cpuMs ?? 0) +
        all.filter((one) => one.parent === pid).reduce((total, one) => total + sum(one.pid), 0);
  return sum(root);
}

export interface Program {
  pid: number;
  child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a program with its output in a file; `stop` sends SIGTERM and waits. */
export function startProgram(
  args: string[],
  env: Record<string, string>,
  logFile: string,
): Program {
  const out = openSync(logFile, 'a');
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', out, out],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    pid: child.pid!,
    child,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits until the address answers below 500; throws when the program ends before, or after two minutes. */
export async function untilAnswers(url: string, program: Program, everyMs = 100): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end;) {
    if (program.child.exitCode !== null)
      throw new Error(`the program ended with ${program.child.exitCode}`);
    try {
      if ((await fetch(url)).status < 500) return;
    } catch {
      // Not listening yet.
    }
    await sleep(everyMs);
  }
  throw new Error(`nothing answers at ${url}`);
}
