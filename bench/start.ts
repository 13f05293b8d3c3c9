/**
 * `npm run bench:start`: how long a start takes, from the process to the first answer of /readyz, with and without what Node keeps of
 * compiled files, beside a floor: a Node that loads nothing and answers. Interleaved rounds, medians. See bench/README.md.
 *
 * AFAR_BENCH_ROUNDS (7), AFAR_BENCH_PORT (8130).
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cpuOfTree, startProgram, untilAnswers } from './processes.ts';
import { median } from './rounds.ts';

const rounds = Number(process.env.AFAR_BENCH_ROUNDS ?? 7);
const port = Number(process.env.AFAR_BENCH_PORT ?? 8130);
const folder = mkdtempSync(join(tmpdir(), 'afar-bench-'));
// The database runs as another user when the bench runs as root: it must be able to pass.
chmodSync(folder, 0o711);
const data = join(folder, 'data');
const compiled = join(folder, 'compiled');
mkdirSync(compiled);
// Whoever started this bench may keep compiled files too: "without" means without.
delete process.env.NODE_COMPILE_CACHE;

const main = resolve(import.meta.dirname, '..', 'server/main.ts');
const floor = `require('http').createServer((_, r) => r.end()).listen(${port}, '127.0.0.1')`;
const postmaster = (): number[] => {
  try {
    const file = readFileSync(join(data, 'database/cluster/postmaster.pid'), 'latin1');
    return [Number(file.split('\n')[0])];
  } catch {
    return [];
  }
};

interface Start {
  ms: number;
  cpuMs: number;
}

/** One start, from the process to the first answer; stopped before it returns. */
async function start(args: string[], env: Record<string, string>): Promise<Start> {
  const from = performance.now();
  const program = startProgram(
    args,
    { AFAR_DATA: data, AFAR_PORT: `${port}`, AFAR_MODE: 'demo', ...env },
    join(folder, 'server.log'),
  );
  try {
    await untilAnswers(`http://127.0.0.1:${port}/readyz`, program, 5);
    return { ms: performance.now() - from, cpuMs: cpuOfTree(program.pid, postmaster()) };
  } finally {
    await program.stop();
  }
}

const kinds = {
  'floor: a Node that answers': () => start(['-e', floor], {}),
  'Afar, every file compiled anew': () => start([main], {}),
  'Afar, compiled files kept': () => start([main], { NODE_COMPILE_CACHE: compiled }),
};
type Kind = keyof typeof kinds;

try {
  // The first start makes the cluster and the demo clinic, the second what is kept.
  const first = await start([main], {});
  await kinds['Afar, compiled files kept']();
  const seen = new Map<Kind, Start[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const kind of Object.keys(kinds) as Kind[])
      seen.set(kind, [...(seen.get(kind) ?? []), await kinds[kind]()]);
  const lines = [...seen].map(([kind, list]) => {
    const ms = median(list.map((one) => one.ms));
    const cpuMs = median(list.map((one) => one.cpuMs));
    return `${kind.padEnd(34)}${ms.toFixed(0).padStart(8)} ms${cpuMs.toFixed(0).padStart(8)} ms of CPU`;
  });
  console.log(`
${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, Node ${process.version}
the very first start, with its database and demo clinic: ${(first.ms / 1000).toFixed(1)} s; then, medians of ${rounds} starts each:

${lines.join('\n')}
`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
