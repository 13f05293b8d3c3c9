/** Child processes: started again, ended with us, in one process of several, and nothing of theirs in the log that tells who was there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { testLog } from '../testing/index.ts';
import { alive, ended } from '../postgres/process.ts';
import { claimName } from './claim.ts';
import { chooseRunAs, findProgram } from './run-as.ts';
import { supervise, withoutAddresses, type Child } from './supervise.ts';

const folder = mkdtempSync(join(tmpdir(), 'afar-child-'));
const shell = findProgram('sh')!;
const running: Child[] = [];
afterAll(async () => {
  for (const one of running) await one.stop();
  rmSync(folder, { recursive: true, force: true });
});

function watch(script: string) {
  const pids: number[] = [];
  const lines: string[] = [];
  const run = chooseRunAs({
    program: '/usr/bin/env',
    folder,
    users: ['nobody'],
    name: 'a test',
    endsWithUs: true,
  });
  const child = supervise({
    name: 'a test',
    run,
    log: testLog(),
    graceMs: 300,
    prepare: () => Promise.resolve({ program: shell, args: ['-c', script] }),
    onLine: (line) => lines.push(line),
    onStart: (pid) => pids.push(pid),
  });
  running.push(child);
  return { child, pids, lines };
}

describe('a child process', () => {
  it('is started again when it ends by itself, and not when it was stopped', async () => {
    const { child, pids } = watch('sleep 60');
    await vi.waitFor(() => expect(pids).toHaveLength(1));
    process.kill(pids[0]!, 'SIGKILL');
    await vi.waitFor(() => expect(pids).toHaveLength(2), { timeout: 5_000 });
    await child.stop();
    expect(child.pid).toBeUndefined();
    expect(pids.some(alive)).toBe(false);
    expect(pids).toHaveLength(2);
  });

  it('is killed when it does not end in time', async () => {
    const script = `trap '' TERM; echo deaf; while :; do sleep 1; done`;
    const { child, pids, lines } = watch(script);
    await vi.waitFor(() => expect(lines).toContain('deaf'));
    await child.stop();
    expect(alive(pids[0]!)).toBe(false);
  });

  it('does not run as root', async () => {
    const { lines, child } = watch('id -u; sleep 60');
    await vi.waitFor(() => expect(lines).not.toHaveLength(0));
    expect(lines[0]).not.toBe('0');
    await child.stop();
  });

  it('ends when we are killed without a word', async () => {
    const script = `
      import { chooseRunAs } from '${import.meta.dirname}/run-as.ts';
      import { supervise } from '${import.meta.dirname}/supervise.ts';
      const log = { info() {}, error() {}, warn() {}, debug() {} };
      const run = chooseRunAs({ program: '/usr/bin/env', folder: '${folder}', users: ['nobody'], name: 'a test', endsWithUs: true });
      supervise({ name: 'a test', run, log, onStart: (pid) => console.log(pid),
        prepare: () => Promise.resolve({ program: '${shell}', args: ['-c', 'sleep 60'] }) });
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(line);
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    expect(await ended(pid, 5_000)).toBe(true);
  });

  it('leaves addresses and names out of what the log says of its end', () => {
    const said = withoutAddresses(
      'session 001: user <1700000000:0190a000>: peer 10.1.2.3:4000 lost, 2001:db8::1:2:3 too',
    );
    expect(said).toBe('session 001: user <...>: peer (address) lost, (address) too');
  });
});

describe('a claimed name', () => {
  it('belongs to one at a time, and comes back', async () => {
    const first = await claimName(folder);
    expect(first).toBeDefined();
    expect(await claimName(folder)).toBeUndefined();
    expect(await claimName(`${folder}/other`)).toBeDefined();
    await first!();
    expect(await claimName(folder)).toBeDefined();
    // Nobody who lists sockets learns whose folder it is.
    expect(readFileSync('/proc/net/unix', 'utf8')).not.toContain(folder);
  });
});
