/**
 * `npm run bench:fhir-public`: the workload that FHIR servers are publicly compared by. Nine types, each created, read, updated
 * and deleted; seven searches with `_count=20`; import of Synthea's patients as transactions. See bench/README.md.
 *
 * AFAR_BENCH_SECONDS (3): length of a step. AFAR_BENCH_EACH (1000): resources of a type before the searches.
 * AFAR_BENCH_SYNTHEA: a folder of bundles; default: the one beside the checkout, or patients of our own. AFAR_BENCH_PORT (8130).
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inParallel, measure, send, type Figures, type Reply, type Target } from './load.ts';
import { startProduct } from './product.ts';
import {
  fill,
  publicTypes,
  searches,
  sequence,
  type Cast,
  type PublicType,
} from './public-resources.ts';
import { bundlesToImport, namedOutside } from './synthea.ts';

const setting = (name: string, otherwise: number): number =>
  Number(process.env[`AFAR_BENCH_${name}`] ?? otherwise);
const seconds = setting('SECONDS', 3);
const each = setting('EACH', 1_000);

interface Line {
  step: string;
  figures: Figures;
  note?: string;
}

const lines: Line[] = [];
const note = (step: string, figures: Figures, more?: string): void => {
  lines.push({ step, figures, ...(more !== undefined && { note: more }) });
  process.stderr.write(`${step}: ${figures.perSecond.toFixed(0)}/s\n`);
};

function idOf(reply: Reply, step: string): string {
  if (reply.status >= 300) throw new Error(`${step}: ${reply.status} ${reply.body.slice(0, 500)}`);
  return (JSON.parse(reply.body) as { id: string }).id;
}

/** Created, read, updated, deleted: each for its own time, on what the step before left. */
async function crud(target: Target, type: PublicType, cast: Cast): Promise<void> {
  const ids: string[] = [];
  const make = (n: number): object => fill(type, n, cast);
  const created = await measure(
    target,
    {
      name: type,
      async ask(n) {
        const reply = await send(target, 'POST', `/${type}`, make(n));
        ids.push(idOf(reply, `create ${type}`));
        return reply;
      },
    },
    seconds,
  );
  note(`create ${type}`, created);
  const any = (n: number): string => ids[n % ids.length]!;
  note(
    `read ${type}`,
    await measure(
      target,
      { name: type, ask: (n) => send(target, 'GET', `/${type}/${any(n)}`) },
      seconds,
    ),
  );
  note(
    `update ${type}`,
    await measure(
      target,
      {
        name: type,
        ask: (n) =>
          send(target, 'PUT', `/${type}/${any(n)}`, { ...make(n), id: any(n), language: 'en' }),
      },
      seconds,
    ),
  );
  // Each once, as long as there are any: what has gone cannot be deleted again.
  const doomed = [...ids];
  note(
    `delete ${type}`,
    await sequence(target, doomed.length, seconds, (n) =>
      send(target, 'DELETE', `/${type}/${doomed[n]!}`),
    ),
  );
}

async function seedFor(target: Target, cast: Cast): Promise<void> {
  for (const type of publicTypes)
    await inParallel(each, async (n) => {
      idOf(await send(target, 'POST', `/${type}`, fill(type, n, cast)), `seed ${type}`);
    });
}

async function castOf(target: Target): Promise<Cast> {
  const one = async (type: PublicType, cast: Partial<Cast>): Promise<string> =>
    idOf(await send(target, 'POST', `/${type}`, fill(type, 0, cast as Cast)), type);
  const organization = await one('Organization', {});
  const practitioner = await one('Practitioner', { organization });
  const location = await one('Location', { organization });
  const patients: string[] = [];
  await inParallel(200, async (n) => {
    const reply = await send(target, 'POST', '/Patient', fill('Patient', n, { organization }));
    patients[n] = idOf(reply, 'Patient');
  });
  const base = { organization, practitioner, location, patients };
  const encounter = await one('Encounter', base);
  const claim = await one('Claim', { ...base, encounter });
  return { ...base, encounter, claim };
}

async function importAll(target: Target): Promise<void> {
  const { from, bundles } = bundlesToImport(process.env.AFAR_BENCH_SYNTHEA);
  for (const resource of namedOutside(bundles))
    idOf(await send(target, 'POST', `/${resource.resourceType}`, resource), 'what bundles name');
  const entries = bundles.reduce((sum, one) => sum + one.entry.length, 0);
  const figures = await sequence(target, bundles.length, 600, (n) =>
    send(target, 'POST', '', bundles[n]),
  );
  const rate = (entries / bundles.length) * figures.perSecond;
  note(
    `import of ${bundles.length} bundles (${from})`,
    figures,
    `${entries} resources, ${rate.toFixed(0)}/s`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'afar-public-'));
// The database runs as another user when the bench runs as root: it must be able to pass.
chmodSync(folder, 0o711);
let failed = false;
let stop: (() => Promise<void>) | undefined;
try {
  const product = await startProduct(join(folder, 'afar'), setting('PORT', 8130));
  stop = product.stop;
  const target = await product.system();
  const cast = await castOf(target);
  for (const type of publicTypes) await crud(target, type, cast);
  await seedFor(target, cast);
  for (const { name, path } of searches(each)) {
    const first = await send(target, 'GET', path(0));
    const { entry } = JSON.parse(first.body) as { entry?: unknown[] };
    if (first.status !== 200 || !entry?.length)
      throw new Error(`${name}: ${first.status} ${first.body.slice(0, 300)}`);
    const ask = (n: number): Promise<Reply> => send(target, 'GET', path(n));
    note(`search ${name}`, await measure(target, { name, ask }, seconds), `${entry.length} found`);
  }
  await importAll(target);
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  await stop?.();
  if (failed) console.error(`Logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

console.log(
  `\n${cpus()[0]?.model.trim()}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}, Node ${process.version}`,
);
console.log('16 connections; CPU: ms of processor time a request');
const head = ['req/s', 'p50 ms', 'p95 ms', 'p99 ms', 'server', 'postgres', 'refused'];
console.log(''.padEnd(48) + head.map((one) => one.padStart(9)).join(''));
for (const { step, figures: f, note: more = '' } of lines) {
  const cells = [
    f.perSecond.toFixed(f.perSecond < 10 ? 1 : 0),
    f.p50.toFixed(1),
    f.p95.toFixed(1),
    f.p99.toFixed(1),
    f.server.toFixed(3),
    f.postgres.toFixed(3),
    f.refused ? `${f.refused}` : '',
  ];
  console.log(step.padEnd(48) + cells.map((one) => one.padStart(9)).join('') + `  ${more}`);
  if (f.why !== undefined) console.log(`  refused: ${f.why}`);
}
process.exit(failed ? 1 : 0);
