/** Signed heads of the chain, written at most half a minute apart outside the database: what came before one cannot be cut off unseen. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@afar/platform';
import type { Head } from './chain.ts';
import type { AuditFault } from './verify/faults.ts';

/** A head that was signed. `n` links: the hash is that of link n - 1. */
export interface Checkpointed {
  at: number;
  chain: string;
  n: number;
  hash: string;
}

interface Line extends Checkpointed {
  /** Events in the chain so far. */
  events: number;
  /** sha256 of the line before of the same process; empty on its first: a line taken out of the file is missed. */
  prev: string;
  /** The process's boot. */
  by: string;
  signature: string;
}

const everyMs = 30_000;
/** Looked at this often whether so many events have come that the head is signed before its time. */
const lookMs = 1_000;
const everyEvents = 5_000;
const fileName = /^audit-\d{6}\.jsonl$/;

const message = ({ at, chain, n, hash, events, prev, by }: Omit<Line, 'signature'>): Buffer =>
  Buffer.from(`afar audit checkpoint 2 ${at} ${chain} ${n} ${hash} ${events} ${prev} ${by}`);
/** As the release before wrote them, without a link to the line before. */
const messageOf1 = ({ at, chain, n, hash }: Checkpointed): Buffer =>
  Buffer.from(`afar audit checkpoint ${at} ${chain} ${n} ${hash}`);

const digestOfLine = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A new Ed25519 key as PKCS #8 PEM. */
export function newCheckpointKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export interface Checkpoints {
  start(): void;
  /** Writes the head now, unless it has not moved. */
  write(): Promise<void>;
  stop(): Promise<void>;
}

export function createCheckpoints(deps: {
  dir: string;
  /** PKCS #8 PEM. */
  key: string;
  boot: string;
  head(): Head;
  clock: { now(): number };
  log: Log;
}): Checkpoints {
  const { dir, boot, head, clock, log } = deps;
  const key = createPrivateKey(deps.key);
  let timer: NodeJS.Timeout | undefined;
  let written = { chain: '', n: 0, events: 0, at: 0 };
  let prev = '';
  let running: Promise<void> = Promise.resolve();

  async function append(): Promise<void> {
    const { chain, n, hash, events } = head();
    if (n === 0 || (written.chain === chain && written.n === n)) return;
    const at = clock.now();
    const told = { at, chain, n, hash: hash.toString('hex'), events, prev, by: boot };
    const line: Line = { ...told, signature: sign(null, message(told), key).toString('base64') };
    const text = JSON.stringify(line);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const month = new Date(at).toISOString().slice(0, 7).replace('-', '');
    await appendFile(join(dir, `audit-${month}.jsonl`), text + '\n', { mode: 0o600, flush: true });
    prev = digestOfLine(text);
    written = { chain, n, events, at };
  }

  const write = (): Promise<void> => {
    const turn = running.then(append);
    running = turn.catch(() => undefined);
    return turn;
  };

  const safely = (): Promise<void> =>
    write().catch((error: unknown) =>
      log.error({ err: error }, 'the audit checkpoint could not be written'),
    );

  return {
    write,
    start() {
      let last = Date.now();
      timer = setInterval(() => {
        const { chain, events } = head();
        const more = chain === written.chain ? events - written.events : events;
        if (more < everyEvents && Date.now() - last < everyMs) return;
        last = Date.now();
        void safely();
      }, lookMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await safely();
    },
  };
}

export interface CheckpointFiles {
  known: Checkpointed[];
  /** Lines that are not ours, or stand on one that is gone. */
  faults: AuditFault[];
}

/** Every checkpoint in the folder; none when there is no folder. */
export async function readCheckpoints(dir: string, key: string): Promise<CheckpointFiles> {
  const publicKey = createPublicKey(createPrivateKey(key));
  const names = await readdir(dir).catch(() => []);
  const found: CheckpointFiles = { known: [], faults: [] };
  const last = new Map<string, string>();
  for (const name of names.filter((one) => fileName.test(one)).sort()) {
    const lines = (await readFile(join(dir, name), 'utf8')).split('\n');
    // A line that a power cut left half is the last one and has no newline: it was never whole.
    for (const [index, text] of lines.slice(0, -1).entries()) {
      const line = lineOf(text, publicKey);
      const where = `${name}:${index + 1}`;
      if (!line) {
        found.faults.push({ at: Date.now(), why: 'checkpoint file', where });
        continue;
      }
      if ('by' in line) {
        if ((last.get(line.by) ?? '') !== line.prev)
          found.faults.push({ at: line.at, why: 'checkpoint file', where, chain: line.chain });
        last.set(line.by, digestOfLine(text));
      }
      const { at, chain, n, hash } = line;
      found.known.push({ at, chain, n, hash });
    }
  }
  return found;
}

/** The line, if this installation signed it. */
function lineOf(text: string, key: KeyObject): Line | Checkpointed | undefined {
  try {
    const line = JSON.parse(text) as Line;
    const said = line.by === undefined ? messageOf1(line) : message(line);
    return verify(null, said, key, Buffer.from(line.signature, 'base64')) ? line : undefined;
  } catch {
    return undefined;
  }
}
