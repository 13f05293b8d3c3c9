/** Who runs PostgreSQL: it refuses to run as root, so root starts it as the `postgres` (else `nobody`) user. */
import { spawnSync } from 'node:child_process';
import { accessSync, chownSync, constants, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Binaries } from './binaries.ts';

/** How to start one of PostgreSQL's programs. */
export interface RunAs {
  /** The owner of the database folder; undefined = ourselves. */
  user?: { uid: number; gid: number; name: string };
  /** The command line that runs `program` as that user. */
  command(program: string, args: string[]): { file: string; args: string[] };
  /** For `spawn`. */
  ids: { uid?: number; gid?: number };
}

const ourselves: RunAs = { command: (file, args) => ({ file, args }), ids: {} };

function passwdEntry(name: string): RunAs['user'] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}

function findSetpriv(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin'];
  return folders
    .map((folder) => join(folder, 'setpriv'))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Undefined when the program can be started this way and can see the folder, else what was said instead. */
function fault(run: RunAs, program: string, folder: string): string | undefined {
  const probe = `test -x "$0" && test -x "$1" && cd "$1" && exec "$0" --version`;
  const { file, args } = run.command('/bin/sh', ['-c', probe, program, folder]);
  const done = spawnSync(file, args, { ...run.ids, cwd: '/', timeout: 10_000 });
  return done.status === 0 ? undefined : (done.stderr?.toString().trim() ?? 'it did not start');
}

/**
 * Finds a way to run PostgreSQL with its data in `folder`, which it hands to the user it finds: plainly; as root by changing user; and where a parent folder is closed to
 * that user (a clone under /root), with the one capability that lets it pass through folders.
 * @throws Error that names the folder when none works
 */
export function chooseRunAs(binaries: Binaries, folder: string): RunAs {
  if (process.getuid?.() !== 0) return ourselves;
  // initdb looks its own user up by uid: it must have an entry.
  const user = passwdEntry('postgres') ?? passwdEntry('nobody');
  if (!user)
    throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody');
  chownSync(folder, user.uid, user.gid);
  const program = realpathSync(binaries.postgres);
  const ids = { uid: user.uid, gid: user.gid };
  const plain: RunAs = { user, ids, command: (file, args) => ({ file, args }) };
  const first = fault(plain, program, folder);
  if (first === undefined) return plain;
  const setpriv = findSetpriv();
  const caps = '-all,+dac_read_search';
  const closed: RunAs = {
    user,
    ids: {},
    command: (file, args) => ({
      file: setpriv ?? 'setpriv',
      args: [
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--securebits=+no_setuid_fixup',
        `--inh-caps=${caps}`,
        `--ambient-caps=${caps}`,
        `--bounding-set=${caps}`,
        '--no-new-privs',
        file,
        ...args,
      ],
    }),
  };
  if (setpriv && fault(closed, program, folder) === undefined) return closed;
  throw new Error(
    `the user ${user.name} cannot run ${program} with data in ${folder}${first && ` (${first})`}: ` +
      `move them out of a folder that is closed to others, or run Afar as an ordinary user`,
  );
}
