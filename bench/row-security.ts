/**
 * `node bench/row-security.ts`: what row-level security adds to the statements of the hot requests, in PostgreSQL alone.
 *
 * A server in this process answers a few hundred requests of each kind; its statements are taken down and played again on one
 * connection, round by round with the policies and without. AFAR_BENCH_PORT (8130), AFAR_BENCH_ROUNDS (7), AFAR_BENCH_PLANS=1 prints plans that differ. Figures: docs/decisions/0011-row-level-security.md.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, databasePasswords, databaseUrl } from '@afar/platform';
import pg from 'pg';
import { openDataFolder } from '../server/data-folder.ts';
import { compose } from '../server/compose.ts';
import { loadConfig } from '../server/config.ts';
import { openDatabase } from '../server/database.ts';
import { send, type Target } from './load.ts';
import { clientToken, giveCare, signIn, type Accounts } from './product.ts';
import { seedObservations, seedPatients, steps } from './steps.ts';

interface Statement {
  text: string;
  values: unknown[];
  times: number;
}

const taken = new Map<string, Statement>();
let taking = '';
type Query = (this: pg.Client, sql: unknown, ...rest: unknown[]) => unknown;
const proto = pg.Client.prototype as unknown as { query: Query };
const real = proto.query;
proto.query = function (sql, ...rest) {
  const { name, text, values } = (sql ?? {}) as {
    name?: string;
    text?: string;
    values?: unknown[];
  };
  if (
    taking &&
    name &&
    text &&
    /^\s*(select|with)\b/i.test(text) &&
    !/pg_notify|set_config|insert into|update |delete from/i.test(text)
  ) {
    const key = `${taking}: ${name}`;
    const known = taken.get(key);
    if (known) known.times++;
    else taken.set(key, { text, values: values ?? [], times: 1 });
  }
  return real.call(this, sql, ...rest);
};

const folder = mkdtempSync(join(tmpdir(), 'afar-bench-'));
chmodSync(folder, 0o711);
const port = process.env.AFAR_BENCH_PORT ?? '8130';
const env = {
  AFAR_DATA: join(folder, 'data'),
  AFAR_PORT: port,
  AFAR_RATE_SOURCE: '0',
  AFAR_RATE_USER: '0',
  AFAR_RATE_CLIENT: '0',
  AFAR_LOG: 'file',
};
const config = loadConfig(env);
const log = createLog({ level: 'silent' });
const app = await compose(config, log);
await app.listen();
const accounts = JSON.parse(readFileSync(app.demoAccounts!, 'utf8')) as Accounts;
const target = (name: string, headers: Record<string, string>): Target => ({
  name,
  base: accounts.fhirUrl,
  headers,
  cpu: () => ({ server: 0, postgres: 0 }),
});
const system = target('system', { authorization: `Bearer ${await clientToken(accounts)}` });
const { cookie, id } = await signIn(accounts, app.baseUrl);
const person = target('practitioner', { cookie, origin: app.baseUrl });
const ids = await seedPatients(system, 200);
await seedObservations(system, ids, 10);
await giveCare(system, id, ids);
await send(system, 'GET', '/Patient?name=nobody');

for (const one of [system, person])
  for (const step of steps(one, ids, 10).slice(0, 4)) {
    taking = `${step.name}, ${one.name}`;
    for (let n = 0; n < 12; n++) await Promise.all(Array.from({ length: 16 }, () => step.ask(n)));
    taking = '';
  }
await app.close();

// The same database, with nobody else on it.
const opened = openDataFolder(config.data);
const database = await openDatabase(config, opened, log);
const options =
  '-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan -c afar.tenant=1';
const appUrl = databaseUrl(database.urls.app, {
  user: 'afar_app',
  password: databasePasswords(opened.keys).app,
});
const client = new pg.Client({ connectionString: appUrl, options });
const owner = new pg.Client({ connectionString: database.urls.owner });
await Promise.all([client.connect(), owner.connect()]);
await owner.query('analyze');
const { rows: tables } = await owner.query<{ name: string }>(
  `select c.oid::regclass::text as name from pg_class c where relrowsecurity and relnamespace::regnamespace::text <> 'graphile_worker'`,
);
async function guard(on: boolean): Promise<void> {
  const word = on ? 'enable' : 'disable';
  for (const { name } of tables)
    await owner.query(`alter table ${name} ${word} row level security`);
}

const median = (list: number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
const rounds = Number(process.env.AFAR_BENCH_ROUNDS ?? 7);
const each = 60;
/** ms of processor time of the one backend: others on the machine do not show in it. */
const { rows: self } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
const cpuMs = (): number =>
  Number(readFileSync(`/proc/${self[0]!.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
// What is asked once in a while is not what a request costs.
for (const [key, { times }] of taken) if (times < 4) taken.delete(key);
const figures = new Map<string, { off: number[]; on: number[] }>();
for (let round = 0; round < rounds; round++) {
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  for (const on of round % 2 ? [true, false] : [false, true]) {
    await guard(on);
    for (const [at, [key, { text, values }]] of [...taken].entries()) {
      const ask = () => client.query({ name: `s${at}`, text, values });
      for (let n = 0; n < 10; n++) await ask();
      const began = cpuMs();
      for (let n = 0; n < each; n++) await ask();
      const list = figures.get(key) ?? { off: [], on: [] };
      list[on ? 'on' : 'off'].push((cpuMs() - began) / each);
      figures.set(key, list);
    }
  }
}

/** What scans what by which condition: all that a policy could have changed but one-time filters. */
async function plan({ text, values }: Statement): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(
    `explain (costs off, verbose off) ${text}`,
    values,
  );
  return rows.map((row) => row['QUERY PLAN']!).join('\n');
}
console.log(
  `\nms of PostgreSQL's processor a statement, without and with, medians of ${rounds} rounds of ${each}; as often as 200 requests send it`,
);
for (const [key, statement] of taken) {
  const { off, on } = figures.get(key)!;
  await guard(true);
  const guarded = await plan(statement);
  await guard(false);
  const open = await plan(statement);
  const scans = (text: string) => (text.match(/using \w+ on |Seq Scan/g) ?? []).join();
  const same =
    guarded === open ? 'same plan' : scans(guarded) === scans(open) ? 'same scans' : 'OTHER SCANS';
  const ratio = median(on.map((ms, at) => ms / off[at]!));
  console.log(
    `${key.padEnd(72)} x${String(statement.times).padStart(4)}  ${median(off).toFixed(3)}  ${median(on).toFixed(3)}  ${ratio.toFixed(3)}  ${same}`,
  );
  if (process.env.AFAR_BENCH_PLANS && same !== 'same plan')
    console.log(`--- open\n${open}\n--- guarded\n${guarded}`);
}
await Promise.all([client.end(), owner.end()]);
await database.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
