/** `npm run proof [name...]`: runs e2e/proof/*.ts one after the other (or those named), each printing its evidence. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, prepare } from './prepare.mjs';
import { root, run } from './run.mjs';

const folder = join(root, 'e2e', 'proof');
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => /^[a-z0-9-]+\.ts$/.test(name))
      .map((name) => name.slice(0, -3))
      .sort()
  : [];
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length) {
  console.error(`No proof named ${unknown.join(', ')}. There are: ${all.join(', ')}`);
  process.exit(2);
}
await prepare();
const failed = [];
for (const name of wanted.length ? wanted : all) {
  console.log(`\n== ${name}`);
  const began = Date.now();
  const code = await run(node24(), [join(folder, `${name}.ts`)]);
  console.log(
    `== ${name}: ${code === 0 ? 'holds' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`,
  );
  if (code !== 0) failed.push(name);
}
if (failed.length) console.error(`\nFailed: ${failed.join(', ')}`);
process.exit(failed.length ? 1 : 0);
