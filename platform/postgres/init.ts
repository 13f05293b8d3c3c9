/** Makes the cluster once: checksums, UTF-8, C order, passwords by SCRAM; a crash half way leaves nothing that a later start trusts. */
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../files.ts';
import type { Binaries } from './binaries.ts';
import type { RunAs } from './run-as.ts';

/** Creates `<folder>/cluster` and `<folder>/archive` when missing. */
export async function ensureCluster(
  binaries: Binaries,
  run: RunAs,
  folder: string,
  adminPassword: string,
): Promise<void> {
  const archive = join(folder, 'archive');
  mkdirSync(archive, { recursive: true, mode: 0o700 });
  if (run.user) chownSync(archive, run.user.uid, run.user.gid);
  if (existsSync(join(folder, 'cluster', 'PG_VERSION'))) return;

  const fresh = join(folder, 'cluster.new');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  // Inside a folder that only PostgreSQL's user opens, and gone right after.
  const passwordFile = join(folder, 'password.new');
  writeFileSync(passwordFile, adminPassword, { mode: 0o600 });
  if (run.user)
    for (const path of [fresh, passwordFile]) chownSync(path, run.user.uid, run.user.gid);
  try {
    const { file, args } = run.command(binaries.initdb, [
      '-D',
      fresh,
      '--username=afar_admin',
      `--pwfile=${passwordFile}`,
      '--auth-local=scram-sha-256',
      '--auth-host=reject',
      '--data-checksums',
      '--encoding=UTF8',
      '--locale=C',
    ]);
    await finished(file, args, run, folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, join(folder, 'cluster'));
  syncFolder(folder);
}

function finished(file: string, args: string[], run: RunAs, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...run.ids,
      cwd,
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`initdb ended with ${code}: ${said.trim()}`));
    });
  });
}
