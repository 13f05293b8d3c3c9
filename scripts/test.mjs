/** `npm test`: types, lint, format, pure tests, integration tests on PostgreSQL 18 and 15, browser tests; one closing line, an honest exit code. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasDebianPostgres, startDebianPostgres } from './debian-postgres.mjs';
import { node24, prepare } from './prepare.mjs';
import { capture, root, run } from './run.mjs';

const results = [];
const skipped = [];
const reports = mkdtempSync(join(tmpdir(), 'afar-report-'));

// What the user has set for a server of hers must not steer the tests.
for (const name of Object.keys(process.env))
  if (name.startsWith('AFAR_') || name === 'DATABASE_URL') delete process.env[name];

const bin = (...path) => join(root, 'node_modules', ...path);

/** One stage: what it is called, and what gives `{ passed, failed }`. */
async function stage(name, work) {
  console.log(`\n== ${name}`);
  const began = Date.now();
  let result;
  try {
    result = await work();
  } catch (error) {
    console.error(error);
    result = { passed: 0, failed: 1 };
  }
  const seconds = (Date.now() - began) / 1000;
  console.log(
    `== ${name}: ${result.passed} passed, ${result.failed} failed (${seconds.toFixed(1)} s)`,
  );
  results.push({ name, seconds, ...result });
}

/** Checks that need one core each, two at a time: each says what it found when it is done. */
async function checks(list) {
  const left = [...list];
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [name, ...command] = next;
      await stage(name, async () => {
        const { code, output } = await capture(node24(), command);
        console.log(`${name}: ${code === 0 ? 'nothing found' : `exit code ${code}`}\n${output}`);
        return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
      });
    }
  };
  await Promise.all([lane(), lane()]);
}

/**
 * A vitest project; the counts come from its own report, and an error outside any test is a failure too.
 * `beside`: another one is printing, so what this one says comes at its end.
 */
async function vitest(project, { env = {}, more = [], beside = false } = {}) {
  const report = join(reports, `${project}-${Date.now()}.json`);
  const args = [
    bin('vitest', 'vitest.mjs'),
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...more,
  ];
  const { code, output } = beside
    ? await capture(node24(), args, { env })
    : { code: await run(node24(), args, { env }), output: '' };
  if (output) console.log(output);
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  const outside = code !== 0 && numFailedTests === 0 ? 1 : 0;
  return { passed: numPassedTests, failed: numFailedTests + outside };
}

const softHsm = '/usr/lib/softhsm/libsofthsm2.so';

/** Relay and server between browsers, as children of the server; and what proofs of networks are made with. */
const mediaPrograms = [
  ['/usr/bin/turnserver', 'coturn'],
  ['/usr/bin/janus', 'janus'],
  ['/usr/sbin/iptables', 'iptables'],
  ['/usr/sbin/ip', 'iproute2'],
];

/**
 * Runs `work` while no package may start a service of its own: coturn and Janus would hold the ports that our children want.
 * [invoke-rc.d(8): 101 = not allowed]
 */
async function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(policy, { force: true });
  }
}

/** Debian packages the tests need; installed when this is root's machine to change. */
async function packages() {
  const missing = [];
  if (!['/usr/bin/chromium', '/usr/bin/google-chrome'].some((path) => existsSync(path)))
    missing.push('chromium');
  if (!hasDebianPostgres()) missing.push('postgresql-15');
  if (!existsSync(softHsm)) missing.push('softhsm2');
  if (!existsSync('/usr/bin/strace')) missing.push('strace');
  for (const [program, name] of mediaPrograms) if (!existsSync(program)) missing.push(name);
  if (missing.length === 0 || process.getuid() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  console.log(`Installing ${missing.join(', ')} for the tests...`);
  // Only the programs are wanted: no cluster of Debian's own on port 5432.
  mkdirSync('/etc/postgresql-common', { recursive: true });
  const noCluster = '/etc/postgresql-common/createcluster.conf';
  if (!existsSync(noCluster)) writeFileSync(noCluster, 'create_main_cluster = false\n');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = ['-qq', '-y', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold'];
  await run('apt-get', ['-qq', 'update'], { env });
  await withoutServices(() =>
    run('apt-get', ['install', ...quiet, ...missing], { env, quiet: true }),
  );
}

function skip(name, why) {
  skipped.push(`${name}: ${why}`);
  console.log(`\n!! SKIPPED ${name}: ${why}`);
}

const began = Date.now();
await prepare();
await packages();

const tsc = bin('typescript', 'bin', 'tsc');
await checks([
  ['format', bin('oxfmt', 'bin', 'oxfmt'), '--check'],
  ['types', tsc, '-p', 'tsconfig.json'],
  ['types of the browser tests', tsc, '-p', 'e2e/tsconfig.json'],
  ['types of the web app', tsc, '-p', 'web/tsconfig.json'],
  ['lint', bin('oxlint', 'bin', 'oxlint'), '--type-aware'],
]);
for (const [path, what] of [
  [softHsm, 'PKCS#11 against SoftHSM: softhsm2'],
  ['/usr/bin/strace', 'the order of syncs and commits: strace'],
  ['/usr/bin/turnserver', 'the relay: coturn'],
  ['/usr/bin/janus', 'visits of more than two: janus'],
])
  if (!existsSync(path)) skip(what, 'is not installed (as root it would be)');
await stage('unit', () => vitest('unit'));
await stage('integration on the embedded PostgreSQL 18', () => vitest('integration'));
// One long file that shares no modules with others: alone it would leave a core idle.
const apart = stage('integration, each file apart', () =>
  vitest('integration-apart', { beside: true }),
);
if (hasDebianPostgres())
  await stage('integration on PostgreSQL 15', async () => {
    const server = await startDebianPostgres();
    try {
      return await vitest('integration', { env: { AFAR_TEST_DATABASE_URL: server.url } });
    } finally {
      await server.stop();
    }
  });
else skip('integration on PostgreSQL 15', 'postgresql-15 is not installed (as root it would be)');
await apart;
if (existsSync('/usr/bin/chromium') || existsSync('/usr/bin/google-chrome'))
  await stage('browser', () => vitest('browser', { more: ['--passWithNoTests'] }));
else skip('browser', 'chromium is not installed (as root it would be)');

rmSync(reports, { recursive: true, force: true });
const sum = (key) => results.reduce((total, one) => total + one[key], 0);
console.log('\nStage                                        passed failed  seconds');
for (const { name, passed, failed, seconds } of results)
  console.log(
    `${name.padEnd(44)} ${String(passed).padStart(6)} ${String(failed).padStart(6)} ${seconds.toFixed(1).padStart(8)}`,
  );
for (const one of skipped) console.log(`SKIPPED ${one}`);
console.log(`in ${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') > 0 ? 1 : 0);
