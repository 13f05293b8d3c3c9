/** Child processes of the scripts: one at a time, signals passed on, so that ending `npm start` ends what it started. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const running = new Set();
let asked;

/** True once this was asked to end: a step that broke off then did not fail. */
export const ending = () => asked !== undefined;

function pass(signal) {
  asked ??= signal;
  for (const child of running) child.kill(signal);
  // Between two steps nothing would pass the signal on: end here.
  if (running.size === 0) process.exit(128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal]);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));

// npm runs scripts through a shell; a signal that ends npm or that shell does not reach us, but we get another parent.
const parent = process.ppid;
if (process.env.npm_lifecycle_event)
  setInterval(() => {
    if (process.ppid !== parent && !asked) pass('SIGTERM');
  }, 250).unref();

/** Runs a program in the project's folder; resolves with its exit code (128 + n when a signal ended it, 127 when it is missing). */
export function run(file, args = [], { env = {}, quiet = false, ...rest } = {}) {
  if (asked) process.exit(143);
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: quiet ? ['ignore', 'ignore', 'inherit'] : 'inherit',
      env: { ...process.env, ...env },
      ...rest,
    });
    running.add(child);
    child.once('error', (error) => {
      running.delete(child);
      console.error(`${file}: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      if (code !== null) resolve(code);
      else resolve(128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1));
    });
  });
}

/** Runs a program and returns its output (standard output and error together) with its exit code. */
export function capture(file, args = [], { env = {}, echo = false, ...rest } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...rest,
    });
    running.add(child);
    let output = '';
    const keep = (to) => (chunk) => {
      output += chunk;
      if (echo) to.write(chunk);
    };
    child.stdout.on('data', keep(process.stdout));
    child.stderr.on('data', keep(process.stderr));
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, output: error.message });
    });
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });
}
