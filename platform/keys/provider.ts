/** The port to whatever holds the key-encryption key (KEK), and the one that keeps it in a file. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  fstatSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { syncFolder } from '../files.ts';
import { KeyUnavailable } from './errors.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

/** Holds the KEK and never shows it: an HSM, a cloud KMS, or a file. `context` is authenticated. */
export interface KeyProvider {
  readonly id: string;
  wrap(plain: Uint8Array, context: string): Promise<Buffer>;
  unwrap(wrapped: Uint8Array, context: string): Promise<Buffer>;
  /** The version of the KEK that wrapped it, as `retire` takes it; absent when the provider does not tell. */
  versionOf?(wrapped: Uint8Array): string | undefined;
  /** Makes the next version of the KEK, which wraps from now on; absent when that is the operator's own doing. */
  advance?(): Promise<string>;
  /** Destroys a version that wraps nothing any more; says so where that takes time or can be undone. */
  retire?(version: string): Promise<string | undefined>;
  /** Versions that are not destroyed, oldest first, where that is known without asking. */
  versions?(): string[];
  /** Ends what it started. */
  close?(): void;
}

/** A provider whose KEK is a file of ours, with versions. */
export interface LocalKeyProvider extends KeyProvider {
  /** `advance`, as a number. */
  rotate(): Promise<number>;
  /** Destroys a version that wraps nothing any more. Refuses the current one. */
  retire(version: number | string): Promise<undefined>;
  /** Versions on disk, oldest first. */
  versions(): string[];
}

const KEK_BYTES = 32;
const FORMAT = 1;
const fileName = (version: number) => `kek-${String(version).padStart(4, '0')}`;

function refuseOthers(mode: number, what: string): void {
  if ((mode & 0o077) !== 0)
    throw new KeyUnavailable(
      `${what} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod it to its owner alone`,
    );
}

/** Writes a new KEK under a temporary name and links it in place: whole or not there, and made once. */
function makeKek(dir: string, version: number): void {
  const temporary = join(dir, `.kek-${process.pid}-${randomBytes(6).toString('hex')}`);
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(fd, randomBytes(KEK_BYTES));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  try {
    linkSync(temporary, join(dir, fileName(version)));
  } catch (error) {
    // Another process made it first: theirs is the one.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(temporary);
  }
  syncFolder(dir);
}

function readKek(dir: string, version: number): KeyObject {
  const path = join(dir, fileName(version));
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new KeyUnavailable(`version ${version} of the key-encryption key is not in ${dir}`, {
      cause,
    });
  }
  try {
    const { mode, size } = fstatSync(fd);
    refuseOthers(mode, path);
    if (size !== KEK_BYTES) throw new KeyUnavailable(`${path} is not a key of ${KEK_BYTES} bytes`);
    const bytes = Buffer.alloc(KEK_BYTES);
    readSync(fd, bytes, 0, KEK_BYTES, 0);
    return createSecretKey(bytes);
  } finally {
    closeSync(fd);
  }
}

/**
 * Keeps the KEK in `dir`, one file a version, mode 0600. The first is made by the first `wrap`;
 * an `unwrap` never makes one. Throws KeyUnavailable when a file is missing, of the wrong size, or
 * can be read by anyone but its owner.
 */
export function localKeyProvider(dir: string): LocalKeyProvider {
  const keys = new Map<number, KeyObject>();

  const versions = () => {
    try {
      return readdirSync(dir)
        .map((name) => /^kek-(\d{4,9})$/.exec(name)?.[1])
        .filter((found) => found !== undefined)
        .map(Number)
        .sort((a, b) => a - b);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  };

  const prepareFolder = () => {
    if (mkdirSync(dir, { recursive: true, mode: 0o700 })) chmodSync(dir, 0o700);
    refuseOthers(statSync(dir).mode, dir);
  };

  const keyOf = (version: number): KeyObject => {
    let key = keys.get(version);
    if (!key) keys.set(version, (key = readKek(dir, version)));
    return key;
  };

  async function rotate(): Promise<number> {
    prepareFolder();
    const next = (versions().at(-1) ?? 0) + 1;
    makeKek(dir, next);
    return next;
  }

  return {
    id: 'local',
    versions: () => versions().map(String),
    async wrap(plain, context) {
      prepareFolder();
      let version = versions().at(-1);
      if (version === undefined) makeKek(dir, (version = 1));
      const head = Buffer.alloc(5);
      head.writeUInt8(FORMAT, 0);
      head.writeUInt32BE(version, 1);
      return Buffer.concat([head, wrapKey(keyOf(version), plain, `kek ${version} ${context}`)]);
    },
    async unwrap(wrapped, context) {
      const head = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
      if (head.length < 5 || head.readUInt8(0) !== FORMAT)
        throw new KeyUnavailable('wrapped by a provider or a format this program does not know');
      const version = head.readUInt32BE(1);
      const key = keyOf(version);
      try {
        return unwrapKey(key, head.subarray(5), `kek ${version} ${context}`);
      } catch (cause) {
        throw new KeyUnavailable(`version ${version} of the key-encryption key does not fit`, {
          cause,
        });
      }
    },
    versionOf: (wrapped) =>
      String(Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength).readUInt32BE(1)),
    rotate,
    advance: async () => String(await rotate()),
    async retire(given) {
      const version = Number(given);
      const known = versions();
      if (known.at(-1) === version)
        throw new Error(`version ${version} is the current key-encryption key`);
      keys.delete(version);
      if (!known.includes(version)) return undefined;
      const path = join(dir, fileName(version));
      // Overwritten before it is unlinked: what a file system that writes in place can promise.
      const fd = openSync(path, 'r+');
      try {
        writeSync(fd, randomBytes(KEK_BYTES), 0, KEK_BYTES, 0);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      unlinkSync(path);
      syncFolder(dir);
      return undefined;
    },
  };
}
