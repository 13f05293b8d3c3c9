/** PKCS#11: a hardware security module (or SoftHSM) through its own library, in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { KeyUnavailable } from '../errors.ts';
import type { KeyProvider } from '../provider.ts';
import { pack, unpack } from './http.ts';

export interface Pkcs11Options {
  /** The vendor's library. */
  module: string;
  /** Label of the token. */
  token: string;
  /** Label of the key; its versions are told apart by CKA_ID. */
  key: string;
  pin(): string;
  /** One call, ms. Default 5 s: network HSMs answer in tens of ms, and a hung library never. */
  callMs?: number;
}

/** With the id of the process that has the library, while it runs. */
export interface Pkcs11Provider extends KeyProvider {
  pid(): number | undefined;
}

type Call =
  | { call: 'open'; module: string; token: string; pin: string; key: string }
  | { call: 'wrap'; data: string; context: string }
  | { call: 'unwrap'; version: number; data: string; context: string }
  | { call: 'advance' }
  | { call: 'retire'; version: number };
export type Request = Call & { id: number };
export interface Reply {
  id: number;
  value?: string | undefined;
  error?: string;
}

interface Running {
  child: ChildProcess;
  waiting: Map<number, { resolve(value: string): void; reject(error: Error): void }>;
  opened: Promise<string>;
}

/** The process is started by the first use, and anew by the next after it died. */
export function pkcs11({ callMs = 5_000, ...options }: Pkcs11Options): Pkcs11Provider {
  let running: Running | undefined;
  let next = 1;

  function start(): Running {
    const child = fork(join(import.meta.dirname, 'pkcs11-child.ts'), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Nothing of ours but what a vendor's library looks for.
      env: Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(AFAR_|DATABASE_URL|PG)/.test(name)),
      ),
      execArgv: [],
    });
    child.unref();
    child.channel?.unref();
    const waiting: Running['waiting'] = new Map();
    const made: Running = { child, waiting, opened: Promise.resolve('') };
    const ended = () => {
      if (running === made) running = undefined;
      for (const one of waiting.values())
        one.reject(new KeyUnavailable('the PKCS#11 process ended'));
      waiting.clear();
    };
    child.once('exit', ended);
    child.once('error', ended);
    child.on('message', ({ id, value, error }: Reply) => {
      const one = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) one?.resolve(value ?? '');
      else one?.reject(new KeyUnavailable(error));
    });
    const { module, token, key } = options;
    made.opened = send(made, { call: 'open', module, token, key, pin: options.pin() });
    // Without a session the process is of no use: the next call begins with a new one.
    made.opened.catch(() => child.kill('SIGKILL'));
    return made;
  }

  function send(to: Running, call: Call): Promise<string> {
    return new Promise((resolve, reject) => {
      const id = next++;
      const timer = setTimeout(() => {
        to.child.kill('SIGKILL');
        reject(new KeyUnavailable(`the PKCS#11 module did not answer within ${callMs} ms`));
      }, callMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          then(value);
        };
      to.waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      to.child.send({ ...call, id } satisfies Request, (error) => {
        if (error) to.waiting.get(id)?.reject(new KeyUnavailable('the PKCS#11 process ended'));
      });
    });
  }

  async function ask(call: Call): Promise<string> {
    const to = (running ??= start());
    await to.opened;
    return send(to, call);
  }

  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return {
    id: `pkcs11:${options.token}/${options.key}`,
    async wrap(plain, context) {
      const answer = await ask({ call: 'wrap', data: base64(plain), context });
      const { version, wrapped } = JSON.parse(answer) as { version: number; wrapped: string };
      return pack(String(version), Buffer.from(wrapped, 'base64'));
    },
    async unwrap(wrapped, context) {
      const { version, bytes } = unpack(wrapped);
      const call = {
        call: 'unwrap' as const,
        version: Number(version),
        data: base64(bytes),
        context,
      };
      return Buffer.from(await ask(call), 'base64');
    },
    versionOf: (wrapped) => unpack(wrapped).version,
    advance: () => ask({ call: 'advance' }),
    async retire(version) {
      await ask({ call: 'retire', version: Number(version) });
      return undefined;
    },
    pid: () => running?.child.pid,
    close() {
      running?.child.kill('SIGKILL');
      running = undefined;
    },
  };
}
