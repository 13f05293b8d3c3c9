/** `npm run bench:<name>`: runs bench/<name>.ts under the pinned Node. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node24, prepare } from './prepare.mjs';
import { root, run } from './run.mjs';

const [name, ...rest] = process.argv.slice(2);
const file = join(root, 'bench', `${name}.ts`);
if (!name || !/^[a-z][a-z-]*$/.test(name) || !existsSync(file)) {
  // Beside the benches lie the parts they share; a bench says in its first lines how it is run.
  const known = readdirSync(join(root, 'bench')).filter(
    (one) =>
      /^[a-z-]+\.ts$/.test(one) &&
      /npm run bench:|node bench\//.test(readFileSync(join(root, 'bench', one), 'utf8')),
  );
  console.error(`Which one? ${known.map((one) => one.slice(0, -3)).join(', ')}`);
  process.exit(2);
}
await prepare();
process.exit(await run(node24(), [file, ...rest]));
