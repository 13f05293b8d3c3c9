/**
 * `npm run bench:access`: what it costs to be audited and judged. See bench/README.md.
 *
 * (a) an audited, authorised read beside the same read of a server that keeps no trail; (b) searches of a clinician with a panel
 * beside those of a system client for the same answers. Interleaved rounds, medians, the floors in the same rounds.
 * AFAR_BENCH_ROUNDS (7), AFAR_BENCH_SECONDS (2) a round and server, AFAR_BENCH_PATIENTS (400), AFAR_BENCH_PORT (8130): the first of four ports.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFloors } from './floors.ts';
import type { Target } from './load.ts';
import { giveCare, startProduct } from './product.ts';
import { inRounds, ratioOf, type Plan } from './rounds.ts';
import { seedObservations, seedPatients, steps } from './steps.ts';
import { table } from './table.ts';

const setting = (name: string, otherwise: number): number =>
  Number(process.env[`AFAR_BENCH_${name}`] ?? otherwise);
const rounds = setting('ROUNDS', 7);
const seconds = setting('SECONDS', 2);
const patients = setting('PATIENTS', 400);
const port = setting('PORT', 8130);
const observations = 10;

/** What issue and product promise: a read with its trail, and a search judged by grants. */
const most = { audited: 1.3, panel: 1.2 };

const folder = mkdtempSync(join(tmpdir(), 'afar-bench-'));
// The database runs as another user when the bench runs as root: it must be able to pass.
chmodSync(folder, 0o711);
const stops: (() => Promise<void>)[] = [];
const verdicts: string[] = [];
let failed = false;

const named = (target: Target, name: string): Target => ({ ...target, name });

async function seeded(target: Target): Promise<string[]> {
  const ids = await seedPatients(target, patients);
  await seedObservations(target, ids, observations);
  return ids;
}

/** @param which of the steps of steps.ts */
const plan = (target: Target, ids: string[], which: readonly number[]): Plan => {
  const all = steps(target, ids, observations);
  return { target, steps: which.map((n) => all[n]!) };
};

function verdict(name: string, ratio: number, limit: number): void {
  verdicts.push(
    `${ratio <= limit ? 'holds ' : 'MISSED'}  ${ratio.toFixed(2)} (at most ${limit})  ${name}`,
  );
}

try {
  const floors = await startFloors(join(folder, 'floor'), port);
  stops.push(floors.stop);
  const floor = floors.targets.at(-1)!;
  const floorIds = await seeded(floor);
  const product = await startProduct(join(folder, 'afar'), port + 2);
  stops.push(product.stop);
  const system = named(await product.system(), 'system client');
  const ids = await seeded(system);
  const { target, id } = await product.practitioner();
  const person = named(target, 'practitioner');
  await giveCare(system, id, ids);

  const bare = await startProduct(
    join(folder, 'bare'),
    port + 3,
    [],
    undefined,
    'bench/unaudited.ts',
  );
  stops.push(bare.stop);
  const bareSystem = named(await bare.system(), 'system client, no trail');
  const bareIds = await seeded(bareSystem);
  const barePractitioner = await bare.practitioner();
  const barePerson = named(barePractitioner.target, 'practitioner, no trail');
  await giveCare(bareSystem, barePractitioner.id, bareIds);

  const read = [0];
  const reads = [
    plan(floor, floorIds, read),
    plan(system, ids, read),
    plan(bareSystem, bareIds, read),
    plan(person, ids, read),
    plan(barePerson, bareIds, read),
  ];
  const rows = await inRounds(reads, { rounds, seconds }, (step, all) => {
    for (const { name } of [system, person])
      verdict(
        `${step}, ${name}: with its trail to without`,
        ratioOf(all, name, `${name}, no trail`),
        most.audited,
      );
  });

  const searches = [1, 2, 3];
  const judged = [
    plan(floor, floorIds, searches),
    plan(system, ids, searches),
    plan(person, ids, searches),
  ];
  rows.push(
    ...(await inRounds(judged, { rounds, seconds }, (step, all) =>
      verdict(
        `${step}: panel of ${patients} to system client`,
        ratioOf(all, person.name, system.name),
        most.panel,
      ),
    )),
  );
  console.log(`
${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, Node ${process.version}
${rounds} rounds of ${seconds} s, medians; ratios are medians of the rounds' own

${table(rows)}

${verdicts.join('\n')}
`);
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  for (const stop of stops.toReversed()) await stop();
  if (failed) console.error(`Logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
