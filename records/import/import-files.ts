/** Loads files of FHIR bundles or ndjson through the record store; a second run changes nothing. */
import { basename } from 'node:path';
import { createHmac } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import type { Records } from '../types.ts';
import { importing } from './importing.ts';
import type { Importing } from './importing.ts';
import { loadUnit } from './load-unit.ts';
import { NotImportable, unitsOf } from './units.ts';
import type { Unit } from './units.ts';

export interface ImportProgress {
  /** Base name of the file: may hold a patient's name, for the terminal only. */
  file: string;
  /** Resources of the file that are in the store by now. */
  done: number;
  /** Resources known of so far. */
  total: number;
  state: 'loading' | 'done' | 'waiting' | 'failed';
}

export interface ImportOptions {
  onProgress?: (progress: ImportProgress) => void;
  /** Files in flight at one time; 2 by default. */
  concurrency?: number;
  /** 1 by default. */
  tenant?: number;
  /** Label of the place the files come from, when their ids are unique only there. */
  source?: string;
}

export interface ImportReport {
  files: number;
  /** Resources written by this run. */
  imported: number;
  /** Resources that were there already. */
  present: number;
  /** Written by this run, by type. */
  byType: Record<string, number>;
  /** Files that wait for something that never came, and for what. For the terminal only: names may be in it. */
  waiting: { file: string; reason: string }[];
  failed: { file: string; reason: string }[];
}

interface Job {
  file: string;
  units: Unit[];
  digest: Buffer;
  /** What the units that are left wait for. */
  reason: string;
  done: number;
  total: number;
}

/**
 * Imports `files`: ids are derived from where a resource comes from, so that what is there is left alone and a run that
 * was killed is simply run again. A file whose references lead nowhere yet waits until the others are in.
 */
export async function importFiles(
  records: Records,
  files: string[],
  opts: ImportOptions = {},
): Promise<ImportReport> {
  const { concurrency = 2, tenant = 1, source = '' } = opts;
  const on = await importing(records, tenant, source);
  const report: ImportReport = {
    files: files.length,
    imported: 0,
    present: 0,
    byType: {},
    waiting: [],
    failed: [],
  };
  const tell = (job: Job, state: ImportProgress['state']) =>
    opts.onProgress?.({ file: job.file, done: job.done, total: job.total, state });

  const jobs: Job[] = [];
  await each(files, concurrency, async (path) => {
    const file = basename(path);
    const job: Job = { file, units: [], digest: Buffer.alloc(0), reason: '', done: 0, total: 0 };
    try {
      Object.assign(job, await unitsOf(path));
    } catch (error) {
      fail(job, error);
      return;
    }
    const known = await journalled(on, job.digest);
    if (known !== undefined) {
      job.done = job.total = known;
      report.present += known;
      tell(job, 'done');
    } else jobs.push(job);
  });

  function fail(job: Job, error: unknown) {
    report.failed.push({ file: job.file, reason: reasonOf(error) });
    tell(job, 'failed');
  }

  let waiting = jobs;
  for (let before = Infinity; waiting.length > 0;) {
    const left: Job[] = [];
    await each(waiting, concurrency, async (job) => {
      try {
        if (await run(job)) await journal(on, job);
        else left.push(job);
        tell(job, left.includes(job) ? 'waiting' : 'done');
      } catch (error) {
        fail(job, error);
      }
    });
    const units = left.reduce((sum, job) => sum + job.units.length, 0);
    waiting = left;
    // Nothing that waited came in: nobody left to wait for.
    if (units >= before) break;
    before = units;
  }
  for (const { file, reason } of waiting) report.waiting.push({ file, reason });
  return report;

  /** True when every unit is in. */
  async function run(job: Job): Promise<boolean> {
    const left: Unit[] = [];
    for (const unit of job.units) {
      const loaded = await loadUnit(on, unit, (done, size) => {
        job.done += done;
        job.total += size;
        tell(job, 'loading');
      });
      report.imported += loaded.imported;
      report.present += loaded.present;
      for (const [type, n] of Object.entries(loaded.byType)) {
        report.byType[type] = (report.byType[type] ?? 0) + n;
      }
      if (loaded.missing.length > 0) {
        left.push(unit);
        job.reason = `${loaded.missing.length} references lead nowhere, such as ${loaded.missing[0]}`;
      }
    }
    job.units = left;
    return left.length === 0;
  }
}

/** At most `limit` at a time. */
async function each<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.max(1, limit) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}

function keyOf(on: Importing, digest: Buffer): Buffer {
  return createHmac('sha256', on.key)
    .update('import journal ')
    .update(on.source)
    .update(digest)
    .digest();
}

async function journalled(on: Importing, digest: Buffer): Promise<number | undefined> {
  const { rows } = await on.context.db.query<{ resources: number }>({
    name: 'records.import-known',
    text: 'select resources from records.import_journal where tenant = $1 and key = $2',
    values: [on.tenant, keyOf(on, digest)],
  });
  return rows[0]?.resources;
}

async function journal(on: Importing, job: Job): Promise<void> {
  await on.context.db.query({
    name: 'records.import-done',
    text: `insert into records.import_journal (tenant, key, resources, at) values ($1, $2, $3, $4)
           on conflict (tenant, key) do nothing`,
    values: [on.tenant, keyOf(on, job.digest), job.total, on.context.clock.now()],
  });
}

/** What went wrong, for the person at the terminal. */
function reasonOf(error: unknown): string {
  if (error instanceof NotImportable) return error.message;
  if (error instanceof Refusal) {
    const [issue] = error.outcome.issue ?? [];
    const where = issue?.expression?.[0] ? ` at ${issue.expression[0]}` : '';
    return `${issue?.diagnostics ?? issue?.details?.text ?? error.message}${where}`;
  }
  return error instanceof Error ? error.message : 'unknown error';
}
