/** Signed heads of the chain, written each minute outside the database: what came before one cannot be cut off unseen. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@afar/platform';
import type { Head } from './chain.ts';
import type { Checkpointed } from './verify.ts';

interface Line {
  at: number;
  chain: string;
  n: number;
  hash: string;
  signature: string;
}

const everyMs = 60_000;
const fileName = /^audit-\d{6}\.jsonl$/;

const message = ({ at, chain, n, hash }: Omit<Line, 'signature'>): Buffer =>
  Buffer.from(`afar audit checkpoint ${at} ${chain} ${n} ${hash}`);

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
  head(): Head;
  clock: { now(): number };
  log: Log;
}): Checkpoints {
  const { dir, head, clock, log } = deps;
  const key = createPrivateKey(deps.key);
  let timer: NodeJS.Timeout | undefined;
  let written = '';

  async function write(): Promise<void> {
    const { chain, n, hash } = head();
    if (n === 0 || written === `${chain} ${n}`) return;
    const at = clock.now();
    const told = { at, chain, n, hash: hash.toString('hex') };
    const line: Line = { ...told, signature: sign(null, message(told), key).toString('base64') };
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const month = new Date(at).toISOString().slice(0, 7).replace('-', '');
    await appendFile(join(dir, `audit-${month}.jsonl`), JSON.stringify(line) + '\n', {
      mode: 0o600,
      flush: true,
    });
    written = `${chain} ${n}`;
  }

  const safely = (): Promise<void> =>
    write().catch((error: unknown) =>
      log.error({ err: error }, 'the audit checkpoint could not be written'),
    );

  return {
    write,
    start() {
      timer = setInterval(() => void safely(), everyMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await safely();
    },
  };
}

/**
 * Every checkpoint in the folder; none when there is no folder.
 * @throws Error naming the file and line of one that is not signed by this key
 */
export async function readCheckpoints(dir: string, key: string): Promise<Checkpointed[]> {
  const publicKey = createPublicKey(createPrivateKey(key));
  const names = await readdir(dir).catch(() => []);
  const found: Checkpointed[] = [];
  for (const name of names.filter((one) => fileName.test(one)).sort()) {
    const lines = (await readFile(join(dir, name), 'utf8')).split('\n');
    // A line that a power cut left half is the last one and has no newline: it was never whole.
    for (const [at, text] of lines.slice(0, -1).entries()) {
      const { signature, ...line } = parseLine(text, `${name}:${at + 1}`);
      if (!verify(null, message(line), publicKey, Buffer.from(signature, 'base64')))
        throw new Error(`${name}:${at + 1} is not signed by this installation`);
      found.push({ chain: line.chain, n: line.n, hash: line.hash });
    }
  }
  return found;
}

function parseLine(text: string, where: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch (cause) {
    throw new Error(`${where} is not a checkpoint`, { cause });
  }
}
