/** `npm run bench:<name>`: runs bench/<name>.ts under the pinned Node. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, prepare } from './prepare.mjs';
import { root, run } from './run.mjs';

const [name, ...rest] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
if (!name || !/^[a-z][a-z-]*$/.test(name) || !existsSync(file)) {
  const known = readdirSync(join(root, 'bench')).filter((one) => /^[a-z-]+\.ts$/.test(one));
  console.error(`Which one? ${known.map((one) => one.slice(0, -3)).join(', ')}`);
  process.exit(2);
}
await prepare();
process.exit(await run(node24(), [file, ...rest]));
