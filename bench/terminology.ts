/**
 * What terminology costs: loading 350,000 invented concepts as SNOMED comes, asking them, and asking what ships.
 * usage: node bench/terminology.ts
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerFor } from '@afar/access';
import {
  createLog,
  databasePasswords,
  migrate,
  openDb,
  provision,
  startCluster,
} from '@afar/platform';
import { loadSystem, terminologyMigrations } from '@afar/terminology';
import { createCatalogue } from '../terminology/loaded/catalogue.ts';
import type { Rule } from '../terminology/model.ts';
import { createSources } from '../terminology/sources.ts';
import type { Stored } from '../terminology/stored/stored.ts';
import { compilerFor } from '../terminology/value-sets/compile.ts';
import { inSelection } from '../terminology/value-sets/contains.ts';
import { expand } from '../terminology/value-sets/expand.ts';
import { synthetic } from './terminology/synthetic.ts';

const date = '20260101';
const core = '900000000000207008';
const log = createLog({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'afar-bench-terminology-'));
chmodSync(folder, 0o711);

async function write(name: string, head: string, rows: Iterable<string>): Promise<number> {
  const file = join(folder, 'release', name);
  const out = createWriteStream(file);
  out.write(`${head.replaceAll(' ', '\t')}\r\n`);
  for (const row of rows) if (!out.write(`${row}\r\n`)) await once(out, 'drain');
  out.end();
  await once(out, 'finish');
  return statSync(file).size;
}

/** A release of our own invention, in RF2. @returns bytes */
async function writeRelease(): Promise<number> {
  const data = synthetic();
  mkdirSync(join(folder, 'release'));
  const each = function* (row: (n: number) => Iterable<string>) {
    for (let n = 0; n < data.size; n++) yield* row(n);
  };
  const full = '900000000000003001';
  const synonym = '900000000000013009';
  return (
    (await write(
      `sct2_Concept_Snapshot_INT_${date}.txt`,
      'id effectiveTime active moduleId definitionStatusId',
      each((n) => [[data.code(n), date, 1, core, '900000000000074008'].join('\t')]),
    )) +
    (await write(
      `sct2_Description_Snapshot-en_INT_${date}.txt`,
      'id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId',
      each((n) =>
        [
          [full, `${data.name(n)} (disorder)`],
          [synonym, data.name(n)],
          [synonym, `${data.name(n)}, another name for it`],
        ].map(([type, term], at) =>
          [`${n}${at}1`, date, 1, core, data.code(n), 'en', type, term, core].join('\t'),
        ),
      ),
    )) +
    (await write(
      `sct2_Relationship_Snapshot_INT_${date}.txt`,
      'id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId',
      each((n) => [
        ...Array.from(data.parents[n]!, (parent) =>
          [
            `${n}`,
            date,
            1,
            core,
            data.code(n),
            data.code(parent),
            0,
            '116680003',
            '900000000000011006',
            core,
          ].join('\t'),
        ),
        [
          `${n}9`,
          date,
          1,
          core,
          data.code(n),
          data.code(n % 500),
          1,
          '363698007',
          '900000000000011006',
          core,
        ].join('\t'),
      ]),
    ))
  );
}

async function time(name: string, work: () => Promise<unknown>, times = 200): Promise<void> {
  for (let warm = 0; warm < 5; warm++) await work();
  const spent: number[] = [];
  for (let at = 0; at < times; at++) {
    const began = performance.now();
    await work();
    spent.push(performance.now() - began);
  }
  spent.sort((a, b) => a - b);
  const at = (share: number) => spent[Math.floor(spent.length * share)]!.toFixed(3);
  console.log(`${name.padEnd(58)} p50 ${at(0.5).padStart(8)} ms   p95 ${at(0.95).padStart(8)} ms`);
}

const passwords = databasePasswords(join(folder, 'keys'));
const cluster = await startCluster({
  folder: join(folder, 'database'),
  adminPassword: passwords.admin,
  log,
});
try {
  const urls = await provision(cluster.adminUrl, passwords, 'afar');
  await migrate(urls.owner, [terminologyMigrations], log);
  const bytes = await writeRelease();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 50);
  const before = process.memoryUsage().rss;
  const steps = new Map<string, number>();
  const began = performance.now();
  const loaded = await loadSystem(
    {
      ownerUrl: urls.owner,
      now: () => Date.now(),
      graceMs: 0,
      onProgress: ({ step }) =>
        void (steps.has(step) || steps.set(step, performance.now() - began)),
    },
    'snomed',
    join(folder, 'release'),
  );
  const seconds = (performance.now() - began) / 1000;
  clearInterval(watch);
  console.log(
    `load: ${loaded.concepts} concepts from ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s; memory ${(before / 1e6).toFixed(0)} MB before, ${(peak / 1e6).toFixed(0)} MB at most`,
  );
  console.log(
    [...steps].map(([step, at]) => `  ${step} from ${(at / 1000).toFixed(1)} s`).join('\n'),
  );

  const db = openDb(urls.app, { max: 4, home: () => 1 });
  const size = await db.query<{ size: number }>(
    `select sum(pg_total_relation_size(inhrelid)) as size from pg_inherits where inhparent = 'terminology.concept'::regclass`,
  );
  console.log(`tables and indexes: ${(Number(size.rows[0]!.size) / 1e6).toFixed(0)} MB`);
  // Nothing is stored here: what is measured is terminology alone.
  const stored: Stored = {
    find: () => Promise.resolve([]),
    search: () => Promise.resolve([]),
    read: () => Promise.reject(new Error('nothing is stored')),
    heard: () => undefined,
  };
  const catalogue = createCatalogue(db, () => Date.now());
  const sources = createSources(stored, catalogue);
  const caller = callerFor('system');
  const sct = 'http://snomed.info/sct';
  const source = (await sources.codeSystem(caller, { url: sct }))!;
  const code = (n: number) => String(100_000_000 + n * 7);
  const base = {
    offset: 0,
    activeOnly: false,
    usableOnly: false,
    flat: true,
    includeDesignations: false,
    designations: [],
    languages: [],
    properties: [],
  };
  const ask =
    (rule: Rule, filter?: string, offset = 0) =>
    () =>
      expand(
        { parts: [{ source, rule, labels: new Map() }] },
        { ...base, count: 20, offset, ...(filter && { filter }) },
      );
  const below = (n: number): Rule => ({ is: 'below', code: code(n), self: true });
  const all: Rule = { is: 'all' };
  await time('$expand all, first 20', ask(all));
  await time('$expand all, 20 from 100,000', ask(all, undefined, 100_000), 20);
  await time('$expand all, filter "lung acu"', ask(all, 'lung acu'), 50);
  await time('$expand all, filter "2345" (rare)', ask(all, '2345'));
  await time('$expand all, filter "a" (everything)', ask(all, 'a'), 5);
  await time('$expand below a concept near the top, first 20', ask(below(1)), 50);
  await time(
    '$expand below a concept near the top, filter "lung acu"',
    ask(below(1), 'lung acu'),
    50,
  );
  await time(
    '$expand below a concept of the middle, filter "lung acu"',
    ask(below(300), 'lung acu'),
    50,
  );
  await time(
    '$expand by attribute',
    ask({ is: 'property', property: '363698007', values: [code(77)] }),
  );
  let n = 0;
  const next = () => (n = (n + 7_919) % 350_000);
  await time('$validate-code, loaded system', async () => source.find([code(next())]));
  await time('$subsumes, loaded system', async () => source.among([code(next())], below(5)));
  await time('$lookup, loaded system', async () => {
    await source.find([code(next())]);
    await source.around(code(n));
  });
  const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender';
  const encounter = 'http://terminology.hl7.org/ValueSet/v3-ActEncounterCode';
  const validate = async (url: string, coding: { system: string; code: string }) => {
    const { selection } = await compilerFor(caller, sources, catalogue).byUrl({ url });
    return inSelection(selection, coding, { languages: [] });
  };
  await time('$validate-code, shipped value set of 4', () =>
    validate(gender, { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' }),
  );
  await time('$validate-code, shipped value set by hierarchy', () =>
    validate(encounter, {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: 'AMB',
    }),
  );
  await db.close();
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
