/** A PostgreSQL and a streaming replica of it, both Debian's: the embedded one comes without pg_basebackup. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const bin = '/usr/lib/postgresql/15/bin';

export const canReplicate = (): boolean => existsSync(join(bin, 'pg_basebackup'));

export interface Server {
  /** The superuser's, on a Unix socket. */
  url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root. */
function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('postgres:'))!;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function isUp(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** @param make fills the folder `data` below the one it is given, by one of PostgreSQL's programs and its arguments */
async function start(
  password: string,
  make: (folder: string) => [program: string, ...args: string[]],
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'afar-pg-'));
  const ids = postgresUser();
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of [folder, passwordFile])
    if (ids.uid !== undefined) chownSync(path, ids.uid, ids.gid!);
  chmodSync(folder, 0o700);
  const [program, ...args] = make(folder);
  const made = spawnSync(join(bin, program), args, { ...ids, cwd: folder, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${program}: ${made.stderr}`);
  const settings = [`unix_socket_directories=${folder}`, 'listen_addresses=', 'fsync=off'];
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', join(folder, 'data'), ...settings.flatMap((one) => ['-c', one])],
    { ...ids, cwd: folder, stdio: 'ignore' },
  );
  let running = true;
  const ended = new Promise<void>((done) => {
    child.once('exit', () => {
      running = false;
      done();
    });
  });
  const host = encodeURIComponent(folder);
  const url = `postgres://afar_admin:${password}@/postgres?host=${host}&port=5432`;
  for (let waited = 0; !(await isUp(url)); waited += 50) {
    if (waited > 20_000 || !running) throw new Error('PostgreSQL does not start');
    await sleep(50);
  }
  return {
    url,
    async stop() {
      if (running) child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const password = 'replicated-in-a-test';

export function startPrimary(): Promise<Server> {
  const login = ['-U', 'afar_admin', '-A', 'scram-sha-256'];
  return start(password, (folder) => {
    const place = ['-D', join(folder, 'data'), `--pwfile=${join(folder, 'password')}`];
    return ['initdb', ...place, ...login, '-E', 'UTF8', '--locale=C', '-N'];
  });
}

export function startReplica(primary: Server): Promise<Server> {
  const from = primary.url.replace('/postgres?', '/?');
  return start(password, (folder) => [
    'pg_basebackup',
    `--pgdata=${join(folder, 'data')}`,
    '--write-recovery-conf',
    '--checkpoint=fast',
    `--dbname=${from}`,
  ]);
}
