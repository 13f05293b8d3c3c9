/** Compression dictionaries: files named by their hash, kept for as long as anything needs them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A dictionary that a sealed value needs is not there: its data cannot be read without it. */
export class DictionaryMissing extends Error {
  readonly code = 'internal';
  readonly hash: string;
  constructor(hash: string, options?: ErrorOptions) {
    super(
      `compression dictionary ${hash} is missing or damaged: put dictionaries/${hash}.dict back`,
      options,
    );
    this.name = 'DictionaryMissing';
    this.hash = hash;
  }
}

export interface Dictionary {
  /** First eight bytes of the SHA-256 of the content. */
  readonly hash: Buffer;
  readonly content: Buffer;
}

const folder = join(import.meta.dirname, 'dictionaries');
const known = new Map<string, Dictionary>();

/** The name a dictionary goes by: the first eight bytes of its SHA-256, hex. */
export function dictionaryName(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** The dictionary of that name. Throws DictionaryMissing, also when the file is not what it says. */
export function dictionary(name: string): Dictionary {
  let found = known.get(name);
  if (found) return found;
  let content: Buffer;
  try {
    content = readFileSync(join(folder, `${name}.dict`));
  } catch (cause) {
    throw new DictionaryMissing(name, { cause });
  }
  if (dictionaryName(content) !== name) throw new DictionaryMissing(name);
  found = { hash: Buffer.from(name, 'hex'), content };
  known.set(name, found);
  return found;
}

let current: Dictionary | undefined;

/** The dictionary that new values are compressed with, named by `dictionaries/current`. */
export function currentDictionary(): Dictionary {
  current ??= dictionary(readFileSync(join(folder, 'current'), 'utf8').trim());
  return current;
}
