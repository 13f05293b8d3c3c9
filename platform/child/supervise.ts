/** Keeps a program of another project's running beside us: started again when it ends by itself, ended when we end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { RunAs } from './run-as.ts';

export interface ChildOptions {
  /** As the log names it. */
  name: string;
  run: RunAs;
  /** Before each start: writes its configuration, gives the command line. No secret stands in it: anybody on the machine reads it. */
  prepare(): Promise<{ program: string; args: string[]; cwd?: string }>;
  /** What it prints, line by line. It may hold addresses: nothing of it is logged here. */
  onLine?(line: string): void;
  /** It was started; not yet that it answers. */
  onStart?(pid: number): void;
  /** It is gone, by itself or because it was stopped. */
  onEnd?(): void;
  log: Log;
  /** How long it may take to end, ms, before it is killed. Default: 3 s. */
  graceMs?: number;
}

export interface Child {
  readonly pid: number | undefined;
  signal(signal: NodeJS.Signals): void;
  /** Ends it; it is not started again. Returns when it is gone. */
  stop(): Promise<void>;
}

/** Between starts of one that keeps ending: doubled up to 30 s, and forgotten when it ran for a minute. */
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const steadyMs = 60_000;
/** The last words of a child that does not start are what an operator needs; these are kept, without addresses. */
const wordsKept = 3;

/** IPv4, IPv6, user names and quoted values of a child's line: an address tells where a patient is. */
export const withoutAddresses = (line: string): string =>
  line
    .replace(/\d{1,3}(\.\d{1,3}){3}(:\d+)?/g, '(address)')
    .replace(/\[?[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,}\]?(:\d+)?/gi, '(address)')
    .replace(/<[^>]*>/g, '<...>')
    .slice(0, 200);

/** Starts it, and watches over it until `stop`. */
export function supervise(opts: ChildOptions): Child {
  const { name, log } = opts;
  const ending = new AbortController();
  let child: ChildProcess | undefined;

  /** Runs it once, to its end. */
  async function once(): Promise<string> {
    const { program, args, cwd } = await opts.prepare();
    if (ending.signal.aborted) return '';
    const command = opts.run.command(program, args);
    const words: string[] = [];
    const one = spawn(command.file, command.args, {
      ...opts.run.ids,
      cwd: cwd ?? '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = one;
    const gone = new Promise<string>((resolve) => {
      one.once('error', (error) => resolve(error.message));
      one.once('exit', (code, signal) => resolve(`${signal ?? `code ${code}`}`));
    });
    for (const stream of [one.stdout, one.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        words.push(line);
        if (words.length > wordsKept) words.shift();
        opts.onLine?.(line);
      });
    if (one.pid !== undefined) {
      log.info({ child: name, pid: one.pid }, 'a child process was started');
      opts.onStart?.(one.pid);
    }
    const why = await gone;
    child = undefined;
    opts.onEnd?.();
    return [why, ...words.map(withoutAddresses)].join('; ');
  }

  async function keep(): Promise<void> {
    let pause = firstPauseMs;
    while (!ending.signal.aborted) {
      const began = Date.now();
      const why = await once().catch((error: unknown) => String(error));
      if (ending.signal.aborted) return;
      if (Date.now() - began > steadyMs) pause = firstPauseMs;
      log.error(
        { child: name, why, againInMs: pause, alarm: 'media-down' },
        'a child process ended by itself',
      );
      await sleep(pause, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      pause = Math.min(2 * pause, longestPauseMs);
    }
  }

  const over = keep();
  return {
    get pid() {
      return child?.pid;
    },
    signal: (signal) => void child?.kill(signal),
    async stop() {
      ending.abort();
      child?.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), opts.graceMs ?? 3_000);
      await over;
      clearTimeout(late);
    },
  };
}
