/** The key is on the disk before the first ciphertext is sent to be committed: shown by the system calls of a process. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@afar/platform/testing';
import type { TestDatabase } from '@afar/platform/testing';

const permitted = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0;
// `npm run proof keys` sets this: there a machine that forbids ptrace is a failure, not a gap.
const demanded = process.env.AFAR_PROOF_KEYS === '1';

let data: TestDatabase;
let folder: string;
beforeAll(async () => {
  data = await testDatabase(['access', 'records']);
  folder = mkdtempSync(join(tmpdir(), 'afar-strace-'));
});
afterAll(async () => {
  await data.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe.runIf(permitted || demanded)('under strace', () => {
  it('a first write syncs the keystore, and only then sends what the key has sealed', async () => {
    const trace = join(folder, 'trace');
    const script = join(import.meta.dirname, 'testing', 'one-create.ts');
    const { stdout } = await promisify(execFile)('strace', [
      '-f',
      '-y',
      '-s',
      '70000',
      '-o',
      trace,
      '-e',
      'trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg',
      process.execPath,
      script,
      data.url,
      data.urls.audit,
      folder,
    ]);
    const { rows } = await data.db.query<{ kid: string }>(
      'select kid from records.owner_key where owner = $1',
      [stdout],
    );
    const { kid } = rows[0]!;
    const lines = readFileSync(trace, 'utf8').split('\n');
    const first = (found: (line: string) => boolean, from = 0) =>
      lines.findIndex((line, at) => at >= from && found(line));
    const logFile = /keystore\.sqlite-wal>/;

    const written = first(
      (line) => line.includes('pwrite64(') && logFile.test(line) && line.includes(kid),
    );
    const synced = first((line) => /f(data)?sync\(/.test(line) && logFile.test(line), written);
    const sent = first(
      (line) =>
        /(write|writev|sendto|sendmsg)\(/.test(line) && /insert into records\.resource/.test(line),
    );
    expect(written, 'the key is written to the keystore').toBeGreaterThanOrEqual(0);
    expect(sent, 'the row is sent').toBeGreaterThan(0);
    expect(synced, 'the keystore is synced after it').toBeGreaterThan(written);
    expect(synced, 'and before the row leaves the process').toBeLessThan(sent);
    // The kid stands in the header of the row: nothing that names it left before.
    const header = kid.replaceAll('-', '');
    const left = first(
      (line) => /(write|writev|sendto|sendmsg)\(/.test(line) && line.includes(header),
    );
    expect(left === -1 || left >= sent).toBe(true);
  }, 120_000);
});
