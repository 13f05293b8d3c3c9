/**
 * `npm run bench:attack`: steals the database of a running clinic and tries frequency analysis on it, beside the same attacks on
 * an index whose tokens are the same in every chart.
 *
 * AFAR_BENCH_PATIENTS (2000), AFAR_BENCH_OBSERVATIONS (100 a patient), AFAR_BENCH_PORT (8130).
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@afar/platform';
import pg from 'pg';
import {
  acrossPatients,
  blindGuess,
  chartRankAttack,
  companyAttack,
  countAttack,
  countOf,
  lengthAttack,
  pairAttack,
  rankAttack,
  type StolenRow,
  type Verdict,
} from '../records/testing/attack.ts';
import { chartOf, population, seeded } from '../records/testing/population.ts';
import { stolenDirectory, stolenIndex } from '../records/testing/stolen.ts';
import { loadConfig } from '../server/config.ts';
import { openDataFolder } from '../server/data-folder.ts';
import { openDatabase } from '../server/database.ts';
import { inParallel, send } from './load.ts';
import { startProduct } from './product.ts';

const setting = (name: string, otherwise: number): number =>
  Number(process.env[`AFAR_BENCH_${name}`] ?? otherwise);
const port = setting('PORT', 8130);
const people = population(setting('PATIENTS', 2000), setting('OBSERVATIONS', 100));

/** What each row truly says, by its id. */
const codes = new Map<string, string>();
const families = new Map<string, string>();
const births = new Map<string, string>();

async function fill(folder: string): Promise<void> {
  const product = await startProduct(folder, port);
  try {
    const system = await product.system();
    let done = 0;
    await inParallel(people.length, async (n) => {
      const person = people[n]!;
      const reply = await send(system, 'POST', '', chartOf(person, n));
      if (reply.status !== 200)
        throw new Error(`chart ${n}: ${reply.status} ${reply.body.slice(0, 300)}`);
      const { entry } = JSON.parse(reply.body) as {
        entry: { response: { location: string } }[];
      };
      const [patient, ...observations] = entry.map(
        ({ response }) => response.location.split('/')[1]!,
      );
      families.set(patient!, person.family);
      births.set(patient!, person.birthDate);
      observations.forEach((rid, at) => codes.set(rid, person.codes[at]!));
      if (++done % 200 === 0) process.stderr.write(`${done} of ${people.length} charts\n`);
    });
  } finally {
    await product.stop();
  }
}

function print(what: string, verdicts: Verdict[]): void {
  console.log(`\n${what}`);
  for (const { attack, rows, right, share } of verdicts)
    console.log(
      `  ${attack.padEnd(40)} ${String(right).padStart(8)} of ${rows} rows  ${(share * 100).toFixed(2).padStart(6)} %`,
    );
}

async function attack(db: pg.Client): Promise<void> {
  const rows = await stolenIndex(db as never, 'Observation', codes);
  const table = countOf(rows.map((row) => row.truth));
  const naive: StolenRow[] = rows.map((row) => ({ ...row, tokens: [`hash of ${row.truth}`] }));
  print('Codes of observations, an index with one token for a code (as a comparison)', [
    rankAttack(naive, table),
    countAttack(naive, table),
    pairAttack(naive, naive),
    companyAttack(naive, naive),
  ]);
  for (const size of [500, 2_000]) {
    const across = acrossPatients(rows, size, seeded(3));
    print(`Codes of observations, tokens across patients in buckets of ${size} (as a comparison)`, [
      rankAttack(across, table),
      countAttack(across, table),
    ]);
  }
  print('Codes of observations, this index', [
    rankAttack(rows, table),
    countAttack(rows, table),
    pairAttack(rows, naive),
    companyAttack(rows, naive),
    chartRankAttack(rows, table),
    blindGuess(rows, table),
  ]);
  const lengths = await stolenDirectory(db as never);
  for (const [what, truth] of [
    ['Surnames of patients', families],
    ['Birth dates of patients', births],
  ] as const) {
    const stolen = await stolenIndex(db as never, 'Patient', truth);
    const known = countOf(truth.values());
    const sealed = lengths
      .filter(({ rid }) => truth.has(rid))
      .map(({ rid, length }) => ({ length, truth: truth.get(rid)! }));
    print(what, [
      rankAttack(stolen, known),
      lengthAttack(sealed, (value) => value.length, known),
      blindGuess(stolen, known),
    ]);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'afar-attack-'));
chmodSync(folder, 0o711);
try {
  await fill(folder);
  const data = join(folder, 'data');
  const config = loadConfig({ AFAR_DATA: data, AFAR_PORT: String(port), AFAR_MODE: 'demo' });
  const database = await openDatabase(config, openDataFolder(data), createLog({ level: 'silent' }));
  const db = new pg.Client({ connectionString: database.urls.owner });
  try {
    await db.connect();
    await attack(db);
  } finally {
    await db.end();
    await database.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
