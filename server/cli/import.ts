/** `import FILE...`: FHIR bundles and ndjson into the record store, with a progress bar, resumable. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { importFiles, type ImportProgress } from '@afar/records';
import type { Config } from '../config.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { withHouse } from './open.ts';

const width = 24;

function bar({ done, total }: ImportProgress): string {
  const filled = total === 0 ? width : Math.round((done / total) * width);
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}`;
}

/** On a terminal one line that moves; elsewhere one line for each file that ended. */
function printer(count: number): (progress: ImportProgress) => void {
  const ended = new Set<string>();
  return (progress) => {
    if (progress.state === 'done' || progress.state === 'failed') ended.add(progress.file);
    const line = `${ended.size}/${count} files  ${bar(progress)} ${progress.file}`;
    if (process.stdout.isTTY)
      process.stdout.write(`\r\x1b[K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`);
    else if (progress.state !== 'loading') console.log(`${line} ${progress.state}`);
  };
}

/** Exit code 0 when everything was loaded, 1 when a file failed or still waits. */
export async function importCommand(config: Config, args: string[]): Promise<number> {
  const files = args.map((one) => resolve(process.env.AFAR_CWD ?? process.cwd(), one));
  if (files.length === 0) {
    console.error('import FILE...');
    return 2;
  }
  const missing = files.filter((one) => !existsSync(one));
  if (missing.length) {
    console.error(`There is no ${missing.join(', ')}`);
    return 2;
  }
  return withHouse(config, async ({ records }) => {
    const began = Date.now();
    const report = await importFiles(records, files, {
      tenant: chosenTenant(),
      onProgress: printer(files.length),
    });
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    const seconds = (Date.now() - began) / 1000;
    console.log(
      `${report.imported} resources of ${report.files} files loaded in ${seconds.toFixed(1)} s, ${report.present} were there`,
    );
    for (const [type, count] of Object.entries(report.byType).sort(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`  ${type.padEnd(24)} ${count}`);
    for (const { file, reason } of report.waiting) console.log(`waits: ${file}: ${reason}`);
    for (const { file, reason } of report.failed) console.log(`failed: ${file}: ${reason}`);
    return report.failed.length + report.waiting.length === 0 ? 0 : 1;
  });
}
