/** `terminology load|list|remove`: code systems that an operator brings, into the database. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  listSystems,
  loaders,
  LoadFault,
  loadSystem,
  removeSystem,
  type Progress,
} from '@afar/terminology';
import type { Config } from '../config.ts';
import { withDatabase } from './open.ts';

const usage = `terminology load KIND PATH [--version V] [--url U] [--name N] [--keep-old]
terminology list
terminology remove URL [--version V]

KIND is one of ${Object.keys(loaders).join(', ')}; PATH a file, or the folder of an unpacked release.`;

/** On a terminal one line that moves; elsewhere one line a step. */
function printer(): (progress: Progress) => void {
  let last = '';
  return ({ step, share }) => {
    if (process.stdout.isTTY) {
      const done = share === undefined ? '' : ` ${Math.floor(share * 100)} %`;
      if (`${step}${done}` === last) return;
      last = `${step}${done}`;
      process.stdout.write(`\r\x1b[K${last}`);
    } else if (step !== last) console.log((last = step));
  };
}

/** Exit code 0 when it was done, 1 when it could not be, 2 when it was asked wrongly. */
export async function terminologyCommand(config: Config, args: string[]): Promise<number> {
  let given: ReturnType<typeof parse>;
  try {
    given = parse(args);
  } catch {
    console.error(usage);
    return 2;
  }
  const { positionals, values } = given;
  const [verb, first, second] = positionals;
  const wanted = { load: 3, list: 1, remove: 2 }[verb ?? ''];
  if (wanted === undefined || positionals.length !== wanted) {
    console.error(usage);
    return 2;
  }
  return withDatabase(config, async ({ urls }) => {
    const deps = { ownerUrl: urls.owner, now: () => Date.now(), onProgress: printer() };
    try {
      if (verb === 'load') {
        const { 'keep-old': keepOld, ...options } = values;
        const path = resolve(process.env.AFAR_CWD ?? process.cwd(), second!);
        const began = Date.now();
        const loaded = await loadSystem(deps, first!, path, {
          ...options,
          ...(keepOld && { keepOld }),
        });
        if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
        const seconds = ((Date.now() - began) / 1000).toFixed(1);
        console.log(
          loaded.present
            ? `${loaded.url}|${loaded.version} is there already: ${loaded.concepts} concepts`
            : `${loaded.url}|${loaded.version}: ${loaded.concepts} concepts in ${seconds} s`,
        );
      } else if (verb === 'list') {
        const listed = await listSystems(deps);
        if (listed.length === 0)
          console.log('Nothing is loaded; what FHIR R4 itself defines is there.');
        for (const { url, version, concepts, loaded } of listed)
          console.log(
            `${String(concepts).padStart(8)}  ${new Date(loaded).toISOString().slice(0, 10)}  ${url}|${version}`,
          );
      } else {
        const count = await removeSystem(deps, first!, values.version);
        console.log(count === 0 ? `${first!} is not loaded` : `${first!}: ${count} removed`);
        return count === 0 ? 1 : 0;
      }
      return 0;
    } catch (error) {
      if (!(error instanceof LoadFault)) throw error;
      if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
      console.error(error.message);
      return 1;
    }
  });
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      version: { type: 'string' },
      url: { type: 'string' },
      name: { type: 'string' },
      'keep-old': { type: 'boolean' },
    },
  });
