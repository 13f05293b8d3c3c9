/** A demo clinic of which each browser test gets a copy: a cluster is made and a clinic seeded once for all of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProduct, template } from './product.ts';

export default async function setup(): Promise<() => void> {
  const data = mkdtempSync(join(tmpdir(), 'afar-e2e-'));
  await (await startProduct({ data })).stop();
  // Inherited by the processes the tests run in.
  process.env[template] = data;
  return () => rmSync(data, { recursive: true, force: true });
}
