/** Janus beside us: one for all API processes of this machine, with new secrets at each start. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import {
  chooseRunAs,
  durableFolder,
  supervise,
  writeFor,
  type Child,
  type Log,
} from '@afar/platform';
import { shareChild, sharedState, type SharedChild } from '../shared-child.ts';
import { janusFiles, type JanusSettings } from './settings.ts';

/** How Janus is reached. */
export interface JanusAccess {
  /** `ws://` or `wss://` */
  url: string;
  apiSecret?: string;
  token?: string;
  adminKey?: string;
  /** Names, secrets and pins of rooms are made from it: every process that knows it finds the same room. */
  roomKey: string;
}

export interface JanusServer {
  /** undefined while none runs. */
  access(): JanusAccess | undefined;
  /** A room is wanted: runs it from now on, unless another process does. */
  wake(): void;
  stop(): Promise<void>;
}

export interface JanusChildOptions {
  /** Absolute path of `janus`. */
  program: string;
  /** The media folder of the data folder: `janus/` below it is Janus'. */
  folder: string;
  settings: JanusSettings;
  log: Log;
}

const wanted = { plugins: 'libjanus_videoroom.so', transports: 'libjanus_websockets.so' };

/**
 * Where Janus keeps its modules: beside its program, or in Debian's folder.
 * @throws Error when there are none
 */
function modulesOf(program: string): string {
  const lib = join(dirname(dirname(program)), 'lib');
  const folders = [lib, ...readdirSync(lib).map((name) => join(lib, name))];
  const found = folders
    .map((folder) => join(folder, 'janus'))
    .find((folder) => existsSync(join(folder, 'plugins', wanted.plugins)));
  if (!found) throw new Error(`no modules of Janus are found in ${lib}`);
  return found;
}

/** A TCP port of loopback that nobody holds at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const secret = (): string => randomBytes(24).toString('hex');

/** Runs Janus, in this process or another one of this machine, from the first room of more than two on. */
export function startJanus(opts: JanusChildOptions): JanusServer {
  const { program, settings, log } = opts;
  const folder = join(opts.folder, 'janus');

  async function begin(tell: (state: JanusAccess | undefined) => void): Promise<Child> {
    const modules = modulesOf(program);
    const folders = {
      configs: folder,
      plugins: join(folder, 'plugins'),
      transports: join(folder, 'transports'),
      none: join(folder, 'none'),
    };
    // Ours until Janus gets it: what it may load is written by nobody else. [videoroom and websockets, nothing more]
    rmSync(folder, { recursive: true, force: true });
    durableFolder(folder, 0o700);
    for (const one of [folders.plugins, folders.transports, folders.none]) mkdirSync(one, 0o755);
    for (const kind of ['plugins', 'transports'] as const)
      symlinkSync(join(modules, kind, wanted[kind]), join(folders[kind], wanted[kind]));
    const run = chooseRunAs({
      program,
      folder,
      users: ['janus', 'nobody'],
      name: 'Janus',
      endsWithUs: true,
      trial: '--help',
    });
    let next: JanusAccess | undefined;
    return supervise({
      name: 'janus',
      run,
      log,
      async prepare() {
        const secrets = { port: await freePort(), apiSecret: secret(), adminKey: secret() };
        const files = janusFiles(settings, secrets, folders);
        for (const [name, text] of Object.entries(files)) writeFor(run, join(folder, name), text);
        const { port, apiSecret, adminKey } = secrets;
        next = { url: `ws://127.0.0.1:${port}`, apiSecret, adminKey, roomKey: secret() };
        return { program, args: ['-C', join(folder, 'janus.jcfg'), '-F', folder], cwd: folder };
      },
      onStart: () => tell(next),
      onEnd: () => tell(undefined),
    });
  }

  const name = 'janus';
  let shared: SharedChild<JanusAccess> | undefined;
  const state = sharedState<JanusAccess>(name, opts.folder);
  return {
    access: () => (shared ? shared.state() : state()),
    wake() {
      shared ??= shareChild<JanusAccess>({ name, folder: opts.folder, log, begin });
    },
    async stop() {
      await shared?.stop();
    },
  };
}

/** A Janus somebody else runs. */
export const configuredJanus = (access: JanusAccess): JanusServer => ({
  access: () => access,
  wake: () => undefined,
  stop: () => Promise.resolve(),
});
