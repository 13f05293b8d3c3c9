/**
 * `npm run bench:fhir`: the product beside the floor, in one run on one machine. See bench/README.md.
 *
 * Interleaved rounds, and of each figure the median: no single run is more than a hint (docs/decisions/0005).
 * AFAR_BENCH_ROUNDS (5), AFAR_BENCH_SECONDS (2) a round, step and server. AFAR_BENCH_PATIENTS (400), AFAR_BENCH_OBSERVATIONS (10 a patient).
 * AFAR_BENCH_ONLY=floor: the floors alone. AFAR_BENCH_PROFILE=<folder>: a CPU profile of the server. AFAR_BENCH_PORT (8130): the first of three ports.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFloors } from './floors.ts';
import { connections, type Target } from './load.ts';
import { giveCare, startProduct } from './product.ts';
import { inRounds } from './rounds.ts';
import { seedObservations, seedPatients, steps } from './steps.ts';
import { cpu, table, type Row } from './table.ts';

const setting = (name: string, otherwise: number): number =>
  Number(process.env[`AFAR_BENCH_${name}`] ?? otherwise);
const rounds = setting('ROUNDS', 5);
const seconds = setting('SECONDS', 2);
const patients = setting('PATIENTS', 400);
const each = setting('OBSERVATIONS', 10);
const port = setting('PORT', 8130);

/** A server with its seeded charts. */
interface Runner {
  target: Target;
  ids: string[];
}

/** [Node --cpu-prof] Written when the server ends. */
const profiling = process.env.AFAR_BENCH_PROFILE
  ? ['--cpu-prof', `--cpu-prof-dir=${process.env.AFAR_BENCH_PROFILE}`]
  : [];

const rows: Row[] = [];
const runners: Runner[] = [];

async function seeded(target: Target): Promise<Runner> {
  const ids = await seedPatients(target, patients);
  await seedObservations(target, ids, each);
  return { target, ids };
}

async function measureAll(): Promise<void> {
  const plans = runners.map(({ target, ids }) => ({ target, steps: steps(target, ids, each) }));
  rows.push(...(await inRounds(plans, { rounds, seconds })));
}

const folder = mkdtempSync(join(tmpdir(), 'afar-bench-'));
// The database runs as another user when the bench runs as root: it must be able to pass.
chmodSync(folder, 0o711);
const stops: (() => Promise<void>)[] = [];
let failed = false;
try {
  const floors = await startFloors(join(folder, 'floor'), port);
  stops.push(floors.stop);
  for (const target of floors.targets) runners.push(await seeded(target));
  if (process.env.AFAR_BENCH_ONLY !== 'floor') {
    const product = await startProduct(join(folder, 'afar'), port + 2, profiling);
    stops.push(product.stop);
    const system = await seeded(await product.system());
    const practitioner = await product.practitioner();
    await giveCare(system.target, practitioner.id, system.ids);
    runners.push(system, { target: practitioner.target, ids: system.ids });
  }
  await measureAll();
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  for (const stop of stops.toReversed()) await stop();
  if (failed) console.error(`Logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

console.log(`
${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, Node ${process.version}
${connections} connections, medians of ${rounds} interleaved rounds of ${seconds} s after warm-up; ${patients} patients with ${each} observations each
CPU: ms of processor time per request (per entry of a transaction), server and PostgreSQL

${rows.length ? table(rows) : 'nothing was measured'}
`);
const sum = (name: string): number =>
  rows.filter((row) => row.target === name).reduce((total, row) => total + cpu(row.figures), 0);
if (sum('frozen floor') > 0) {
  const apart = sum('floor') / sum('frozen floor') - 1;
  console.log(
    `Our floor's CPU is ${(apart * 100).toFixed(0)} % off the frozen floor's (must stay within 20 %).`,
  );
}
process.exit(failed ? 1 : 0);
