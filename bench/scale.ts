/**
 * `npm run bench:scale`: the same steps at a tenth of a million observations and at a million. A request must cost at most 1.3
 * times as much, and read as many rows. See bench/README.md.
 *
 * AFAR_BENCH_PATIENTS (10000), AFAR_BENCH_OBSERVATIONS (100 a patient): at the end; a tenth of the patients first.
 * AFAR_BENCH_SECONDS (5): length of a step. AFAR_BENCH_MINUTES (0): of a mixed load after it, for the server's memory.
 * AFAR_BENCH_PORT (8130).
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog, databaseUrl, startCluster } from '@afar/platform';
import pg from 'pg';
import { inParallel, measure, send, type Figures, type Step, type Target } from './load.ts';
import { watchMemory } from './memory.ts';
import { giveCare, startProduct } from './product.ts';
import { codes, observation, patient, transaction } from './resources.ts';
import { prove } from './steps.ts';

const setting = (name: string, otherwise: number): number =>
  Number(process.env[`AFAR_BENCH_${name}`] ?? otherwise);
const patients = setting('PATIENTS', 10_000);
const each = setting('OBSERVATIONS', 100);
const seconds = setting('SECONDS', 5);
const minutes = setting('MINUTES', 0);
const port = setting('PORT', 8130);

/** The practitioner's: the panel of the other benches. */
const panelSize = 400;
/** Entries of a transaction of the load. */
const bundle = 250;

interface Row {
  step: string;
  who: string;
  small: Figures;
  large?: Figures;
}

const fullName = (n: number): string => `Scale${String(n).padStart(6, '0')}`;

function chart(n: number): object {
  const one = patient(n) as { name: object[] };
  return { ...one, name: [{ use: 'official', family: fullName(n), given: ['M'] }] };
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

function stepsOn(target: Target, ids: readonly string[], from = 0): Step[] {
  const ask = (path: string): ReturnType<typeof send> => send(target, 'GET', path);
  return [
    { name: 'read Patient', ask: () => ask(`/Patient/${pick(ids)}`) },
    {
      name: 'Observation by patient + code',
      least: Math.min(20, each / codes.length),
      ask: () =>
        ask(
          `/Observation?patient=Patient/${pick(ids)}&code=http://loinc.org%7C${pick(codes)}&_count=20`,
        ),
    },
    {
      name: 'Observation by patient, newest 20',
      least: Math.min(each, 20),
      ask: () => ask(`/Observation?patient=Patient/${pick(ids)}&_sort=-date&_count=20`),
    },
    {
      name: 'Patient by name',
      least: 1,
      ask: () =>
        ask(`/Patient?name=${fullName(from + Math.floor(Math.random() * ids.length))}&_count=20`),
    },
    {
      name: 'create Observation',
      ask: (n) => send(target, 'POST', '/Observation', observation(pick(ids), n)),
    },
  ];
}

/** Adds charts up to `count`; says how fast. */
async function load(target: Target, ids: string[], count: number): Promise<void> {
  const first = ids.length;
  const started = performance.now();
  const before = target.cpu();
  let done = 0;
  const numbers = Array.from({ length: count - first }, (_, n) => first + n);
  const groups = chunks(numbers, bundle);
  await inParallel(groups.length, async (g) => {
    const reply = await must(target, transaction(groups[g]!.map(chart)));
    const { entry } = JSON.parse(reply) as { entry: { response: { location: string } }[] };
    entry.forEach((one, at) => (ids[groups[g]![at]!] = one.response.location.split('/')[1]!));
  });
  const charts = chunks(ids.slice(first), Math.max(1, Math.floor(bundle / each)));
  await inParallel(charts.length, async (g) => {
    const resources = charts[g]!.flatMap((id) =>
      Array.from({ length: each }, (_, n) => observation(id, n)),
    );
    await must(target, transaction(resources));
    done += resources.length;
    if (g % 200 === 0) process.stderr.write(`${done} observations\r`);
  });
  const took = (performance.now() - started) / 1000;
  const after = target.cpu();
  const rows = done + numbers.length;
  console.log(
    `${rows} resources loaded in ${took.toFixed(0)} s: ${(rows / took).toFixed(0)}/s, CPU ms each: server ${((after.server - before.server) / rows).toFixed(3)}, PostgreSQL ${((after.postgres - before.postgres) / rows).toFixed(3)}`,
  );
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) =>
    list.slice(n * size, (n + 1) * size),
  );
}

async function must(target: Target, body: object): Promise<string> {
  let reply = await send(target, 'POST', '', body);
  // A machine that does much else besides: asked again, as `Retry-After` says.
  for (let tries = 0; reply.status === 503 && tries < 5; tries++) {
    await sleep(1_000);
    reply = await send(target, 'POST', '', body);
  }
  if (reply.status !== 200) throw new Error(`load: ${reply.status} ${reply.body.slice(0, 500)}`);
  return reply.body;
}

const folder = mkdtempSync(join(tmpdir(), 'afar-scale-'));
// The database runs as another user when the bench runs as root: it must be able to pass.
chmodSync(folder, 0o711);
const stops: (() => Promise<unknown>)[] = [];
const rows: Row[] = [];
let failed = false;
try {
  const log = createLog({ level: 'silent' });
  const cluster = await startCluster({
    folder: join(folder, 'database'),
    adminPassword: 'bench',
    log,
  });
  stops.push(() => cluster.stop());
  const url = databaseUrl(cluster.adminUrl, { database: 'bench' });
  const admin = new pg.Client({ connectionString: cluster.adminUrl });
  await admin.connect();
  await admin.query('create database bench');
  await admin.end();
  const watch = new pg.Client({ connectionString: url });
  await watch.connect();
  stops.push(() => watch.end());
  const product = await startProduct(join(folder, 'afar'), port, [], {
    url,
    postmaster: cluster.pid,
  });
  stops.push(() => product.stop());

  const system = await product.system();
  const practitioner = await product.practitioner();
  const ids: string[] = [];

  /** Rows that indexes led to, and rows that scans of whole tables read, since the database was made. */
  const reads = async (): Promise<{ index: number; scan: number }> => {
    // Idle backends tell what they read within ten seconds.
    await sleep(11_000);
    const { rows: found } = await watch.query<{ index: string; scan: string }>(
      `select sum(coalesce(idx_tup_fetch, 0)) as index, sum(seq_tup_read) as scan
       from pg_stat_user_tables where schemaname in ('records', 'access')`,
    );
    return { index: Number(found[0]!.index), scan: Number(found[0]!.scan) };
  };
  let panel: string[] = [];
  const round = async (size: 'small' | 'large'): Promise<void> => {
    const before = await reads();
    let requests = 0;
    for (const [target, known] of [
      [system, ids],
      [practitioner.target, panel],
    ] as const)
      for (const step of stepsOn(target, known)) {
        await prove(target, step);
        const ask = (n: number): ReturnType<Step['ask']> => {
          requests++;
          return step.ask(n);
        };
        const figures = await measure(target, { ...step, ask }, seconds);
        const row = rows.find((one) => one.step === step.name && one.who === target.name);
        if (row) row.large = figures;
        else rows.push({ step: step.name, who: target.name, small: figures });
        process.stderr.write(`${size}, ${step.name}: ${target.name} ${figures.perSecond | 0}/s\n`);
      }
    const after = await reads();
    const aRequest = (kind: 'index' | 'scan'): string =>
      ((after[kind] - before[kind]) / requests).toFixed(1);
    console.log(
      `rows read a request, ${size}: ${aRequest('index')} by index, ${aRequest('scan')} by scans`,
    );
  };

  await load(system, ids, Math.ceil(patients / 10));
  panel = ids.slice(0, panelSize);
  await giveCare(system, practitioner.id, panel);
  await round('small');
  await load(system, ids, patients);
  await round('large');
  if (minutes > 0)
    await watchMemory(product.pid, minutes, async () => {
      const mixed = stepsOn(system, ids);
      const asked = mixed.flatMap((step, n) => (n < 4 ? [step, step, step] : [step]));
      await inParallel(20_000, async (n) => void (await asked[n % asked.length]!.ask(n)));
    });
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  for (const stop of stops.toReversed()) await stop();
  if (failed) console.error(`Logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

const cost = ({ server, postgres }: Figures): number => server + postgres;
console.log(
  `\n${cpus()[0]?.model.trim()}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(2)}`,
);
console.log(`${patients / 10} and ${patients} patients with ${each} observations each`);
const head = ['CPU ms', 'large', 'ratio', 'p95 ms', 'large'];
console.log(''.padEnd(52) + head.map((one) => one.padStart(9)).join(''));
for (const { step, who, small, large } of rows) {
  if (!large) continue;
  const cells = [
    cost(small).toFixed(3),
    cost(large).toFixed(3),
    (cost(large) / cost(small)).toFixed(2),
    small.p95.toFixed(1),
    large.p95.toFixed(1),
  ];
  console.log(`${step}, ${who}`.padEnd(52) + cells.map((one) => one.padStart(9)).join(''));
}
process.exit(failed ? 1 : 0);
