/** The embedded PostgreSQL: started, or adopted when it outlived the program before, started again when it ends by itself, and stopped so that no process stays. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { socketUrl } from '../database/url.ts';
import type { Log } from '../log.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './init.ts';
import { alive, ended, namedPid, servesCluster } from './process.ts';
import { postgresRunAs, type RunAs } from './run-as.ts';
import { settings, type Settings } from './settings.ts';
import { watchPostmaster } from './watch.ts';

export interface ClusterOptions {
  /** `<AFAR_DATA>/database`: holds cluster/, archive/, postgres.log. */
  folder: string;
  adminPassword: string;
  log: Log;
  /** Overrides of single settings (tests). */
  settings?: Settings;
  /** Start it again when it ends by itself. Default true. */
  watched?: boolean;
}

export interface Cluster {
  /** The superuser's connection string, database `postgres`. */
  adminUrl: string;
  /** The postmaster that runs now: another one after one that ended by itself was started again. */
  readonly pid: number;
  /** True when it already ran. */
  adopted: boolean;
  archive: string;
  /** Fast shutdown; returns when the process is gone. */
  stop(): Promise<void>;
  /** Immediate shutdown, not waited for; the next start recovers from the log. */
  abandon(): void;
}

/** Kills are 28 ms from being adopted, but children of a killed postmaster may hold its memory for about 2 s: 10 s is ample. */
const patienceMs = 10_000;
const biggestLog = 10 * 1024 * 1024;

/** Starts the cluster in `folder`, making it when it is not there. */
export async function startCluster(opts: ClusterOptions): Promise<Cluster> {
  const { log } = opts;
  const folder = resolve(opts.folder);
  const binaries = findBinaries();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const run = postgresRunAs(binaries, folder);
  await ensureCluster(binaries, run, folder, opts.adminPassword);

  const cluster = join(folder, 'cluster');
  const way = socketFolder(cluster);
  const adminUrl = socketUrl(way.path, 'afar_admin', opts.adminPassword, 'postgres');
  try {
    const before = namedPid(cluster);
    const adopted = before !== undefined && (await adopt(before, cluster, adminUrl));
    if (!adopted) await startAndWait(binaries.postgres, run, cluster, adminUrl, opts);
    let pid = pidOf(cluster);
    log.info({ pid, adopted }, adopted ? 'adopted the running PostgreSQL' : 'PostgreSQL started');
    const watch = watchPostmaster(
      () => opts.watched === false || servesCluster(pid, cluster),
      async () => {
        // Somebody else (an operator) may have been faster.
        const now = namedPid(cluster);
        if (now === undefined || !(await adopt(now, cluster, adminUrl)))
          await startAndWait(binaries.postgres, run, cluster, adminUrl, opts);
        pid = pidOf(cluster);
        log.warn({ pid }, 'PostgreSQL runs again');
      },
      log,
    );
    return {
      adminUrl,
      get pid() {
        return pid;
      },
      adopted,
      archive: join(folder, 'archive'),
      async stop() {
        await watch.stop();
        await stopPostmaster(pid, cluster);
        way.release();
        log.info({ pid }, 'PostgreSQL stopped');
      },
      abandon() {
        void watch.stop();
        if (servesCluster(pid, cluster)) process.kill(pid, 'SIGQUIT');
      },
    };
  } catch (error) {
    way.release();
    throw error;
  }
}

function pidOf(cluster: string): number {
  const pid = namedPid(cluster);
  if (pid === undefined) throw new Error('PostgreSQL ended right after its start');
  return pid;
}

/**
 * The folder as a client names it. Socket paths end at 107 bytes, so a long one goes through an open descriptor of ours: no other
 * process can use that name, which is why short paths stay as they are.
 */
function socketFolder(cluster: string): { path: string; release(): void } {
  const socketName = '/.s.PGSQL.5432';
  if (Buffer.byteLength(cluster + socketName) <= 100)
    return { path: cluster, release: () => undefined };
  const open = openSync(cluster, 'r');
  return { path: `/proc/self/fd/${open}`, release: () => closeSync(open) };
}

/** Why a connection attempt failed, or undefined when it succeeded. */
async function tryConnect(adminUrl: string): Promise<Error | undefined> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True when a postmaster already serves this cluster; waits while it is starting, recovering or shutting down. */
async function adopt(pid: number, cluster: string, adminUrl: string): Promise<boolean> {
  const until = Date.now() + 60_000;
  while (servesCluster(pid, cluster) && Date.now() < until) {
    const failure = await tryConnect(adminUrl);
    if (!failure) return true;
    if ((failure as { code?: string }).code === '28P01')
      throw new Error(
        `the running PostgreSQL does not take the password in keys/database.json: do the keys and database folders belong together?`,
      );
    await sleep(100);
  }
  return false;
}

async function startAndWait(
  program: string,
  run: RunAs,
  cluster: string,
  adminUrl: string,
  opts: ClusterOptions,
): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const { pid, exited } = launch(program, run, cluster, opts);
    // Recovery after a crash replays the log first: as long as it takes, while the process lives.
    let failure: Error | undefined;
    while (!exited() && alive(pid)) {
      failure = await tryConnect(adminUrl);
      if (!failure) return;
      await sleep(30);
    }
    if (Date.now() > until)
      throw new Error(
        `PostgreSQL does not start (see ${join(opts.folder, 'postgres.log')}): ${lastLine(opts.folder)}`,
      );
    opts.log.debug({ err: failure }, 'PostgreSQL did not start yet; trying again');
    await sleep(250);
  }
}

/** Detached and writing to a file, so that neither our end nor a closed pipe takes it down in the middle of a commit. */
function launch(
  program: string,
  run: RunAs,
  cluster: string,
  opts: ClusterOptions,
): { pid: number; exited(): boolean } {
  const logFile = join(opts.folder, 'postgres.log');
  rotate(logFile);
  const output = openSync(logFile, 'a', 0o600);
  try {
    const all = { ...settings, ...opts.settings };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { file, args } = run.command(program, ['-D', cluster, ...flags]);
    const child = spawn(file, args, {
      ...run.ids,
      cwd: cluster,
      detached: true,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', output, output],
    });
    let over = child.pid === undefined;
    child.once('exit', () => {
      over = true;
    });
    child.once('error', () => {
      over = true;
    });
    child.unref();
    return { pid: child.pid ?? -1, exited: () => over };
  } finally {
    closeSync(output);
  }
}

function rotate(logFile: string): void {
  try {
    if (statSync(logFile).size > biggestLog) renameSync(logFile, `${logFile}.1`);
  } catch {
    // None yet.
  }
}

function lastLine(folder: string): string {
  try {
    return readFileSync(join(folder, 'postgres.log'), 'utf8').trim().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}

/** Fast shutdown [PostgreSQL 19.5]: SIGINT rolls back what is open and writes a checkpoint; SIGQUIT only when that hangs. */
async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  for (const [signal, ms] of [
    ['SIGINT', 60_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!servesCluster(pid, cluster)) return;
    process.kill(pid, signal);
    if (await ended(pid, ms)) return;
  }
}
