/** Proof: a key is on the disk before anything it has sealed is sent to the database; fails where the machine forbids tracing. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'integration', 'records/sync-order', 'records/rotation'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, AFAR_PROOF_KEYS: '1' } },
);
process.exitCode = status ?? 1;
