/** What the load runs on: one PostgreSQL and as many API processes as asked for, in a folder of their own. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startCluster } from '@afar/platform';
import { cpuOfTree, startProgram, untilAnswers, type Program } from '../processes.ts';

export interface Stage {
  origin: string;
  ports: number[];
  /** What the processes were started with, for a house beside them. */
  env: Record<string, string>;
  /** CPU ms of PostgreSQL and of all processes since their start. */
  cpu(): number;
  /** Resident memory of each process, MiB. */
  memory(): number[];
  /** Ends a process by SIGTERM, waits until it is gone, starts it anew, waits until it is ready. */
  restart(n: number): Promise<void>;
  stop(): Promise<void>;
}

const quiet = { info() {}, warn() {}, error() {}, debug() {}, child: () => quiet };

const rss = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

/**
 * @param origin where browsers find it, when that is not the first process
 * @param more settings beyond those that let the load through
 */
export async function openStage(
  ports: number[],
  { origin = `http://localhost:${ports[0]}`, ...more }: Record<string, string> = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'afar-load-'));
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o711 });
  const cluster = await startCluster({
    folder: join(folder, 'database'),
    adminPassword: randomUUID(),
    log: quiet,
  });
  const env = {
    AFAR_DATA: data,
    AFAR_MODE: 'demo',
    AFAR_BASE_URL: origin,
    AFAR_LICENCES: 'off',
    AFAR_RATE_SOURCE: '0',
    AFAR_RATE_USER: '0',
    AFAR_RATE_CLIENT: '0',
    AFAR_MOST_AT_ONCE: '0',
    DATABASE_URL: cluster.adminUrl,
    ...more,
  };
  const programs: Program[] = [];
  /** Of processes that were restarted. */
  let spent = 0;

  async function start(n: number): Promise<void> {
    const port = ports[n]!;
    const program = startProgram(
      [resolve(import.meta.dirname, '../../server/main.ts')],
      { ...env, AFAR_PORT: String(port) },
      join(folder, `server-${n}.log`),
    );
    programs[n] = program;
    await untilAnswers(`http://127.0.0.1:${port}/readyz`, program).catch((error: Error) => {
      const said = readFileSync(join(folder, `server-${n}.log`), 'utf8').slice(-2_000);
      throw new Error(`${error.message}:\n${said}`);
    });
  }

  async function stop(): Promise<void> {
    for (const program of programs) await program.stop();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    for (const n of ports.keys()) await start(n);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin,
    ports,
    env,
    cpu: () =>
      spent + cpuOfTree(cluster.pid) + programs.reduce((sum, { pid }) => sum + cpuOfTree(pid), 0),
    memory: () => programs.map(({ pid }) => rss(pid)),
    async restart(n) {
      const program = programs[n]!;
      spent += cpuOfTree(program.pid);
      await program.stop();
      await start(n);
    },
    stop,
  };
}
