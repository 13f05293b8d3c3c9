/** A key ring of a test's own: real keys, real keystore, in a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../clock.ts';
import { localKeyProvider, openKeyRing, type KeyRing } from '../keys/index.ts';

export interface TestKeys {
  keys: KeyRing;
  /** Where the keystore lies: a second ring on it is another process's. */
  dir: string;
  drop(): void;
}

/** Call `drop` in `afterAll`. */
export async function testKeys(clock: Clock = systemClock): Promise<TestKeys> {
  const dir = mkdtempSync(join(tmpdir(), 'afar-test-keys-'));
  const keys = await openKeyRing({ dir, provider: localKeyProvider(dir), clock });
  return {
    keys,
    dir,
    drop() {
      keys.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
