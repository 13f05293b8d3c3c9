/**
 * A media server that several API processes of one machine share: one of them runs it, the others find it by a file. When that process
 * ends, its server ends with it and another process starts one anew.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { claimName, durableWrite, type Child, type Log } from '@afar/platform';

export interface SharedChild<State> {
  /** What the running server is reached by; undefined while none runs. */
  state(): State | undefined;
  /** This process runs it. */
  readonly mine: boolean;
  stop(): Promise<void>;
}

/** How long a server may be missing after the process that ran it was killed, at most; its media are lost anyhow. */
const claimEveryMs = 2_000;

const fileOf = (name: string, folder: string): string => join(folder, `${name}.json`);

/** What another process's server is reached by, as its file says. */
export function sharedState<State extends object>(
  name: string,
  folder: string,
): () => State | undefined {
  const file = fileOf(name, folder);
  let read: { at: number; state: State } | undefined;
  return () => {
    try {
      const at = statSync(file).mtimeMs;
      if (read?.at !== at) read = { at, state: JSON.parse(readFileSync(file, 'utf8')) as State };
      return read.state;
    } catch {
      return undefined;
    }
  };
}

/**
 * @param folder where `<name>.json` lies, closed to others: it holds secrets
 * @param begin starts the server in this process; it tells what it is reached by, and undefined when it is gone
 */
export function shareChild<State extends object>(opts: {
  name: string;
  folder: string;
  log: Log;
  begin(tell: (state: State | undefined) => void): Promise<Child>;
}): SharedChild<State> {
  const { name, folder, log } = opts;
  const file = fileOf(name, folder);
  const theirs = sharedState<State>(name, folder);
  let release: (() => Promise<void>) | undefined;
  let child: Child | undefined;
  let own: State | undefined;
  let stopped = false;

  function tell(state: State | undefined): void {
    own = state;
    if (state) durableWrite(file, JSON.stringify(state), 0o600);
    else rmSync(file, { force: true });
  }

  async function claim(): Promise<void> {
    if (release || stopped) return;
    release = await claimName(`media ${file}`);
    if (!release) return;
    try {
      child = await opts.begin(tell);
    } catch (error) {
      log.error({ err: error, child: name, alarm: 'media-down' }, 'a media server cannot be run');
      const give = release;
      // Kept for a while: otherwise every process would try, and say the same, every two seconds.
      setTimeout(() => void give().then(() => (release = undefined)), 60_000).unref();
    }
  }

  let claiming = claim();
  const timer = setInterval(() => {
    claiming = claiming.then(claim).catch((error: unknown) => {
      log.warn({ err: error, child: name }, 'a media server was not claimed');
    });
  }, claimEveryMs);
  timer.unref();

  return {
    state: () => (release ? own : theirs()),
    get mine() {
      return child !== undefined;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await claiming;
      await child?.stop();
      if (child) tell(undefined);
      await release?.();
    },
  };
}
