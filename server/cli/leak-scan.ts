/** `afar leak-scan [FILE...]`: shows that nothing of the demo's or the given bundles' patients lies in the clear. */
import { readFileSync } from 'node:fs';
import { databaseUrl } from '@afar/platform';
import type { Bundle } from '@afar/fhir';
import type { Config } from '../config.ts';
import { leakScan, summary } from '../leak/scan.ts';
import { withDatabase } from './open.ts';

/** Prints what was searched, and where something was found; 1 when anything was. */
export function leakScanCommand(config: Config, files: string[]): Promise<number> {
  const bundles = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Bundle);
  return withDatabase(config, async (database) => {
    const began = performance.now();
    const scan = await leakScan({
      ownerUrl: database.urls.owner,
      adminUrl: database.embedded
        ? databaseUrl(database.adminUrl, { database: 'afar' })
        : database.urls.owner,
      data: config.data,
      bundles,
    });
    console.log(
      `Looked for ${scan.needles} texts in ${scan.tables} tables (${scan.rows} rows) and ${scan.files} files ` +
        `(${(scan.bytes / 1e6).toFixed(0)} MB), in ${((performance.now() - began) / 1000).toFixed(1)} s.`,
    );
    if (scan.needles === 0) {
      console.log('No demo clinic here, and no files given: nothing to look for.');
      return 1;
    }
    for (const line of summary(scan.findings)) console.log(`  ${line}`);
    console.log(
      scan.findings.length === 0
        ? 'Nothing lies in the clear.'
        : `${scan.findings.length} places in the clear.`,
    );
    return scan.findings.length === 0 ? 0 : 1;
  });
}
