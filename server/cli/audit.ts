/** `audit verify | export | drop`: whether a hand was on the trail, months in sealed files, and months that go. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { AuditFault, AuditProgress } from '@afar/access';
import { openDb } from '@afar/platform';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import type { House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { refusedInLockdown } from './lockdown.ts';
import { withHouse } from './open.ts';

const usage = `audit verify [--since-checkpoint] [--resume] [--json]
audit verify --file FILE [--json]
audit export --month YYYYMM
audit drop --month YYYYMM [--confirm CODE]`;

const options = {
  file: { type: 'string' },
  month: { type: 'string' },
  confirm: { type: 'string' },
  json: { type: 'boolean', default: false },
  resume: { type: 'boolean', default: false },
  'since-checkpoint': { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];
const parse = (args: string[]) =>
  parseArgs({ args, options, allowPositionals: true, strict: true });

/** Exit code 0 when all is well, 1 with each bad entry named when it is not, 2 for a wrong call. */
export async function auditCommand(config: Config, args: string[]): Promise<number> {
  let values: Values;
  let what: string | undefined;
  try {
    const parsed = parse(args);
    if (parsed.positionals.length !== 1) throw new Error(usage);
    ({ values } = parsed);
    what = parsed.positionals[0];
    if (what !== 'verify' && !/^\d{6}$/.test(values.month ?? '')) throw new Error(usage);
  } catch {
    console.error(usage);
    return 2;
  }
  if (what === 'export') return exportMonth(config, Number(values.month));
  if (what === 'drop') return dropMonth(config, Number(values.month), values.confirm);
  if (what !== 'verify') {
    console.error(usage);
    return 2;
  }
  return withHouse(config, (house) =>
    values.file === undefined
      ? verify(house, openDataFolder(config.data).audit, values)
      : verifyFile(house, values.file, values.json),
  );
}

function said({ why, at, event, chain, n, resource, where }: AuditFault): string {
  const place = [
    event && `event ${event}`,
    resource,
    chain && `chain ${chain}`,
    n !== undefined && `link ${n}`,
    where,
  ].filter(Boolean);
  return `${why}, ${new Date(at).toISOString()}, ${place.join(', ')}`;
}

/** Chains looked at so far, and what was wrong in them: a look that was broken off goes on. */
interface Kept {
  positions: [string, { n: number; hash: string }][];
  faults: AuditFault[];
}

function keptIn(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return undefined;
  }
}

async function verify({ access }: House, dir: string, values: Values): Promise<number> {
  const state = join(dir, 'verify-state.json');
  const before = values.resume ? keptIn(state) : undefined;
  // What a killed process left unchained is chained before it is judged.
  await access.settleAudit();
  const found: AuditFault[] = [...(before?.faults ?? [])];
  const started = Date.now();
  let shown = started;
  const report = await access.verifyAudit({
    sinceCheckpoint: values['since-checkpoint'],
    ...(before && {
      from: new Map(
        before.positions.map(([chain, { n, hash }]) => [
          chain,
          { n, hash: Buffer.from(hash, 'hex') },
        ]),
      ),
    }),
    onFault: (fault) => found.push(fault),
    onProgress(progress) {
      if (Date.now() - shown < 1_000) return;
      shown = Date.now();
      keep(state, progress, found);
      if (!values.json)
        console.error(`${progress.events} events, ${rate(progress.events, started)}`);
    },
  });
  rmSync(state, { force: true });
  const { events, links, chains, dropped = 0, resealed = 0, more = 0 } = report;
  const faults = [...(before?.faults ?? []), ...(report.faults ?? [])].toSorted(
    (a, b) => a.at - b.at,
  );
  if (values.json) {
    const seconds = (Date.now() - started) / 1_000;
    const body = { events, links, chains, dropped, resealed, more, seconds, faults };
    console.log(JSON.stringify(body));
    return faults.length > 0 ? 1 : 0;
  }
  console.log(`${events} events in ${links} links of ${chains} chains, ${rate(events, started)}`);
  if (dropped > 0) console.log(`${dropped} events lie in sealed files of dropped months`);
  if (resealed > 0)
    console.log(`${resealed} versions were sealed anew since: their own seal holds them`);
  if (faults.length === 0) {
    console.log('The audit trail is whole.');
    return 0;
  }
  console.error(`The first bad entry: ${said(faults[0]!)}`);
  for (const fault of faults.slice(1)) console.error(`Bad entry: ${said(fault)}`);
  if (more > 0) console.error(`and ${more} more`);
  return 1;
}

const rate = (events: number, started: number): string =>
  `${Math.round(events / Math.max(0.001, (Date.now() - started) / 1_000))} a second`;

function keep(file: string, { positions }: AuditProgress, faults: AuditFault[]): void {
  const kept: Kept = {
    positions: [...positions].map(([chain, { n, hash }]) => [
      chain,
      { n, hash: hash.toString('hex') },
    ]),
    faults,
  };
  writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
}

async function verifyFile({ access }: House, path: string, json: boolean): Promise<number> {
  const { head, events, links, faults, signed } = await access.custody.verifyFile(path);
  if (json) console.log(JSON.stringify({ head, events, links, signed, faults }));
  else {
    console.log(`${events} events under ${links} links`);
    for (const fault of faults) console.error(`Bad entry: ${said(fault)}`);
    if (signed && faults.length === 0)
      console.log('The file is whole and signed by this installation.');
  }
  return signed && faults.length === 0 ? 0 : 1;
}

function exportMonth(config: Config, month: number): Promise<number> {
  return withHouse(config, async ({ access }) => {
    await access.settleAudit();
    for (const tenant of await access.custody.tenants()) {
      const { file, events, digest } = await access.custody.exportMonth(tenant, month);
      console.log(`${file}: ${events} events, sha256 ${digest}`);
    }
    console.log('Keep the files, and the keys they are sealed with, for six years.');
    return 0;
  });
}

/** What must be typed to drop a month: the second step, with the number of events before one's eyes. */
const codeOf = (month: number, events: number): string => `${month}-${events}`;

function dropMonth(config: Config, month: number, confirm: string | undefined): Promise<number> {
  return withHouse(config, async (house, { urls }) => {
    if (await refusedInLockdown(house, chosenTenant())) return 2;
    const { access } = house;
    const events = await access.custody.exported(month);
    if (confirm !== codeOf(month, events)) {
      console.log(
        `${month}: ${events} events lie in sealed files and would go from the database for good.\n` +
          `To do it: audit drop --month ${month} --confirm ${codeOf(month, events)}`,
      );
      return confirm === undefined ? 0 : 2;
    }
    // The application may not: this is the one thing done as the owner of the schema.
    const owner = openDb(urls.owner, { max: 1, application: 'afar-audit-drop' });
    try {
      const gone = await access.custody.dropMonth(owner, month);
      console.log(`${gone} events of ${month} are no longer in the database.`);
      return 0;
    } finally {
      await owner.close();
    }
  });
}
