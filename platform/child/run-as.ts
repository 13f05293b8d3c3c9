/** Who runs a program of another project's (PostgreSQL, coturn, Janus): never root, which starts it as an unprivileged user. */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';

/** How to start a program. */
export interface RunAs {
  /** The owner of its folder; undefined = ourselves. */
  user?: { uid: number; gid: number; name: string };
  /** The command line that runs `program` as that user. */
  command(program: string, args: string[]): { file: string; args: string[] };
  /** For `spawn`. */
  ids: { uid?: number; gid?: number };
}

export interface RunAsOptions {
  /** Absolute path of the program. */
  program: string;
  /** What it is given to see that it can be run: it must do nothing and end well. Default: `--version`. */
  trial?: string;
  /** Its data and configuration: handed to the user that is found. */
  folder: string;
  /** Users to try, the first that there is. */
  users: string[];
  /** As the operator knows it. */
  name: string;
  /** It dies with this process, however that ends. Default: false. */
  endsWithUs?: boolean;
  /** It may listen on ports below 1024. Default: false. */
  lowPorts?: boolean;
}

function passwdEntry(name: string): RunAs['user'] {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return line ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}

/** The program of this name on the PATH, or in one of the usual folders; undefined when there is none that we may run. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return existsSync(path);
      } catch {
        return false;
      }
    });
}

/** Undefined when the program can be started this way and can see the folder, else what was said instead. */
function fault(run: RunAs, program: string, folder: string, trial: string): string | undefined {
  const probe = `test -x "$0" && test -x "$1" && cd "$1" && exec "$0" ${trial}`;
  const { file, args } = run.command('/bin/sh', ['-c', probe, program, folder]);
  const done = spawnSync(file, args, { ...run.ids, cwd: '/', timeout: 10_000 });
  return done.status === 0 ? undefined : (done.stderr?.toString().trim() ?? 'it did not start');
}

/**
 * Finds a way to run a program with its data in `folder`, which it hands to the user it finds: plainly; as root by changing user; and where a
 * parent folder is closed to that user (a clone under /root), with the one capability that lets it pass through folders.
 * @throws Error that names the folder when none works
 */
export function chooseRunAs(opts: RunAsOptions): RunAs {
  const { folder, name, trial = '--version' } = opts;
  const setpriv = findProgram('setpriv');
  // [prctl(2) PR_SET_PDEATHSIG]: the kernel ends it when we are gone, kill -9 included.
  const always = opts.endsWithUs && setpriv ? ['--pdeathsig=KILL', '--no-new-privs'] : [];
  const through = (given: string[]): RunAs['command'] =>
    setpriv && given.length
      ? (file, args) => ({ file: setpriv, args: [...given, '--', file, ...args] })
      : (file, args) => ({ file, args });

  if (process.getuid?.() !== 0) return { ids: {}, command: through(always) };
  // PostgreSQL's initdb looks its own user up by uid: it must have an entry.
  const user = opts.users.map(passwdEntry).find((one) => one !== undefined);
  if (!user)
    throw new Error(
      `${name} does not run as root, and there is no user ${opts.users.join(' or ')}`,
    );
  chownSync(folder, user.uid, user.gid);
  const program = realpathSync(opts.program);
  const ids = { uid: user.uid, gid: user.gid };
  const plain: RunAs = { user, ids, command: through(always) };
  const first = opts.lowPorts ? 'ports below 1024' : fault(plain, program, folder, trial);
  if (first === undefined) return plain;
  const ports = opts.lowPorts ? ',+net_bind_service' : '';
  for (const caps of ports
    ? [`-all${ports}`, `-all,+dac_read_search${ports}`]
    : ['-all,+dac_read_search']) {
    const changed: RunAs = {
      user,
      ids: {},
      command: through([
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--securebits=+no_setuid_fixup',
        `--inh-caps=${caps}`,
        `--ambient-caps=${caps}`,
        `--bounding-set=${caps}`,
        ...new Set([...always, '--no-new-privs']),
      ]),
    };
    if (setpriv && fault(changed, program, folder, trial) === undefined) return changed;
  }
  throw new Error(
    `the user ${user.name} cannot run ${program} with data in ${folder}${first && ` (${first})`}: ` +
      `move them out of a folder that is closed to others, or run Afar as an ordinary user`,
  );
}

/**
 * Writes a file that only the child's user reads. Its folder is that user's: what lies there under the name is taken away first, and a link
 * put in its place meanwhile is not followed.
 */
export function writeFor(run: RunAs, path: string, text: string): string {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    if (run.user) fchownSync(file, run.user.uid, run.user.gid);
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  } finally {
    closeSync(file);
  }
  return path;
}
