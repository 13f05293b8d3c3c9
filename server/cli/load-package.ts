/** `load-package FILE...`: the profiles, value sets and other definitions of FHIR packages into the record store. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemCaller } from '@afar/access';
import { outcomeOf } from '@afar/fhir';
import { loadPackage, type PackageProgress, type PackageReport } from '@afar/records';
import type { Config } from '../config.ts';
import type { House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { withHouse } from './open.ts';

/** On a terminal one line that moves; elsewhere a line for every hundredth resource. */
function printed({ done, total, file }: PackageProgress): void {
  if (process.stdout.isTTY)
    process.stdout.write(
      `\r\x1b[K${`${done}/${total} ${file}`.slice(0, (process.stdout.columns ?? 80) - 1)}`,
    );
  else if (done % 100 === 0) console.log(`${done}/${total}`);
}

async function load({ records, clock }: House, path: string): Promise<PackageReport | undefined> {
  try {
    return await loadPackage(records, path, {
      caller: () => systemCaller(chosenTenant(), clock, 'package'),
      onProgress: printed,
    });
  } catch (error) {
    const { status, outcome } = outcomeOf(error);
    if (status >= 500) throw error;
    console.error(outcome.issue[0]?.diagnostics);
    return undefined;
  } finally {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  }
}

/** Exit code 0 when everything was loaded, 1 when something could not be, 2 when a file is missing. */
export async function loadPackageCommand(config: Config, args: string[]): Promise<number> {
  const files = args.map((one) => resolve(process.env.AFAR_CWD ?? process.cwd(), one));
  if (files.length === 0) {
    console.error('load-package FILE.tgz...');
    return 2;
  }
  const missing = files.filter((one) => !existsSync(one));
  if (missing.length) {
    console.error(`There is no ${missing.join(', ')}`);
    return 2;
  }
  return withHouse(config, async (house) => {
    let whole = true;
    for (const path of files) {
      const report = await load(house, path);
      if (report) {
        const { name, version, written, present, skipped, failed } = report;
        console.log(
          `${name} ${version}: ${written} written, ${present} were there, ${skipped} not needed, ${failed.length} refused`,
        );
        for (const { file, reason } of failed) console.log(`refused: ${file}: ${reason}`);
      }
      whole &&= report?.failed.length === 0;
    }
    return whole ? 0 : 1;
  });
}
