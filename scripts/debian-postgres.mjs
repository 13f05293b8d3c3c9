/** Debian's PostgreSQL 15 in a temporary folder, for running the integration tests on the oldest version that Afar supports. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const bin = '/usr/lib/postgresql/15/bin';

export const hasDebianPostgres = () => existsSync(join(bin, 'postgres'));

/** Starts a cluster that listens on a socket in its own folder; returns the superuser's URL and the way to end it. */
export async function startDebianPostgres() {
  const folder = mkdtempSync(join(tmpdir(), 'afar-pg15-'));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const ids = {};
  if (process.getuid() === 0) {
    const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('postgres:'))
      .split(':');
    Object.assign(ids, { uid: Number(uid), gid: Number(gid) });
    for (const path of [folder, passwordFile]) chownSync(path, ids.uid, ids.gid);
  }
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'afar_admin',
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ],
    { ...ids, cwd: folder, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  // Speed over durability: the folder is thrown away.
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'max_connections=120',
  ];
  const output = openSync(join(folder, 'log'), 'a');
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((one) => ['-c', one])],
    {
      ...ids,
      cwd: folder,
      stdio: ['ignore', output, output],
    },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (let wait = 0; !existsSync(join(folder, '.s.PGSQL.5432')); wait += 50) {
    if (wait > 20_000 || child.exitCode !== null)
      throw new Error(`PostgreSQL 15 does not start: ${readFileSync(join(folder, 'log'), 'utf8')}`);
    await sleep(50);
  }
  return {
    url: `postgres://afar_admin:${password}@/postgres?host=${encodeURIComponent(folder)}&port=5432`,
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
