/** The data folder: its parts, their rights, and who works on it. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { durableFolder } from '@afar/platform';

export interface DataFolder {
  path: string;
  database: string;
  keys: string;
  objects: string;
  audit: string;
  outbox: string;
  /** Of coturn and Janus: their configuration, with secrets that live as long as they run. */
  media: string;
  /** The operator's list of breached passwords; a file that need not be there. */
  breached: string;
}

/** Makes what is missing. The folder itself is 0711: PostgreSQL's own user must pass through it; its parts are closed. */
export function openDataFolder(path: string): DataFolder {
  const folder = {
    path,
    database: join(path, 'database'),
    keys: join(path, 'keys'),
    objects: join(path, 'objects'),
    audit: join(path, 'audit'),
    outbox: join(path, 'outbox'),
    media: join(path, 'media'),
    breached: join(path, 'breached.filter'),
  };
  durableFolder(path, 0o711);
  chmodSync(path, 0o711);
  for (const part of [folder.database, folder.keys, folder.objects, folder.audit, folder.outbox]) {
    durableFolder(part, 0o700);
    chmodSync(part, 0o700);
  }
  return folder;
}

interface Holder {
  pid: number;
  /** When the process began, in clock ticks since boot: tells it from a later one with its number. */
  began: string;
  what: string;
}

function processBegan(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // [proc(5)] field 3 is the state, field 22 the start time; Z is a process that has ended.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function holderOf(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8')) as Holder;
    return processBegan(holder.pid) === holder.began ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Somebody else works on the folder. */
export class FolderTaken extends Error {
  readonly what: string;
  constructor(path: string, holder: { pid: number; what: string }) {
    super(`${holder.what} (process ${holder.pid}) already works on ${path}`);
    this.name = 'FolderTaken';
    this.what = holder.what;
  }
}

/**
 * Takes the folder for this process, so that no second one starts or stops its PostgreSQL. A holder that was killed does not count.
 * @returns the way to give it back
 * @throws FolderTaken
 */
export function claimFolder(path: string, what: string): () => void {
  const file = join(path, 'afar.pid');
  const mine = JSON.stringify({ pid: process.pid, began: processBegan(process.pid), what });
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => {
        try {
          if (readFileSync(file, 'utf8') === mine) rmSync(file);
        } catch {
          // Gone already: nothing to give back.
        }
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = holderOf(file);
    if (holder) throw new FolderTaken(path, holder);
    if (attempt > 2) throw new Error(`${file} cannot be taken`);
    rmSync(file, { force: true });
  }
}
