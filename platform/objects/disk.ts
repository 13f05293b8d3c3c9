/** Objects on a disk: one sealed file each, whole or not there, synced before it is acknowledged. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CHUNK, chunkHeader, chunkSeal, HEADER, TAG } from './chunks.ts';
import {
  ObjectBroken,
  ObjectMissing,
  ObjectTooLarge,
  type ObjectMeta,
  type ObjectStore,
} from './object-store.ts';

const SEALED_CHUNK = CHUNK + TAG;
// 1 h: no upload takes that long; what is older was left by a process that died.
const STALE_MS = 3_600_000;
// 4 GiB: an hour of recorded video; the chunk counter would take 256 TiB.
const DEFAULT_LIMIT = 4 * 1024 ** 3;

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Regroups a stream of any pieces into pieces of exactly `size`; the last may be shorter, even empty. */
async function* regroup(source: AsyncIterable<Uint8Array>, size: number) {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    let rest = piece;
    while (length + rest.length > size) {
      held.push(rest.subarray(0, size - length));
      rest = rest.subarray(size - length);
      yield { chunk: Buffer.concat(held), last: false };
      held = [];
      length = 0;
    }
    // Copied: the source may reuse its buffer once asked for more.
    if (rest.length > 0) held.push(Buffer.from(rest));
    length += rest.length;
  }
  yield { chunk: Buffer.concat(held), last: true };
}

async function readFully(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const into = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(into, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return into.subarray(0, filled);
}

/** Keeps objects under `dir`, at most `maxBytes` each. Several processes may share the folder. */
export function diskObjects(
  dir: string,
  { maxBytes = DEFAULT_LIMIT }: { maxBytes?: number } = {},
): ObjectStore {
  const temporary = join(dir, 'incoming');
  let prepared: Promise<void> | undefined;

  async function sweep(): Promise<void> {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    for (const name of await readdir(temporary)) {
      const path = join(temporary, name);
      const found = await stat(path).catch(() => undefined);
      // File times are the file system's own: the wall clock is the one to compare them with.
      if (found && Date.now() - found.mtimeMs > STALE_MS) await unlink(path).catch(() => undefined);
    }
  }

  function pathOf({ tenant, id }: Pick<ObjectMeta, 'tenant' | 'id'>): string {
    // Letters, digits, - and _ only: an id can never climb out of the folder.
    if (!Number.isSafeInteger(tenant) || !/^[A-Za-z0-9_-]{1,128}$/.test(id))
      throw new RangeError('not an object id');
    return join(dir, String(tenant), id.slice(-2).toLowerCase(), id);
  }

  async function opened(meta: ObjectMeta) {
    let file: FileHandle;
    try {
      file = await open(pathOf(meta), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ObjectMissing(meta.id);
      throw error;
    }
    try {
      const { size } = await file.stat();
      const body = size - HEADER;
      if (body < TAG) throw new ObjectBroken(meta.id, 'cut off');
      const chunks = Math.ceil(body / SEALED_CHUNK);
      const seals = chunkSeal(meta, await readFully(file, 0, HEADER));
      const read = async (index: number) => {
        const at = HEADER + index * SEALED_CHUNK;
        const sealed = await readFully(file, at, Math.min(SEALED_CHUNK, size - at));
        return seals.open(sealed, index, index === chunks - 1);
      };
      // The end is opened first, always: whatever range is asked for, a file cut short is found.
      const end = await read(chunks - 1);
      return { file, read, chunks, end, size: (chunks - 1) * CHUNK + end.length };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  return {
    async put(meta, source) {
      const path = pathOf(meta);
      await (prepared ??= sweep());
      const incoming = join(temporary, randomUUID());
      const hash = createHash('sha256');
      let size = 0;
      const file = await open(incoming, 'wx', 0o600);
      try {
        const header = chunkHeader(meta.key, randomBytes(32));
        const seals = chunkSeal(meta, header);
        await file.write(header);
        let index = 0;
        for await (const { chunk, last } of regroup(source, CHUNK)) {
          size += chunk.length;
          if (size > maxBytes) throw new ObjectTooLarge(maxBytes);
          hash.update(chunk);
          await file.writeFile(seals.seal(chunk, index++, last));
        }
        await file.sync();
        await file.close();
        if (await mkdir(dirname(path), { recursive: true, mode: 0o700 })) {
          await syncFolder(dir);
          await syncFolder(dirname(dirname(path)));
        }
        await rename(incoming, path);
        await syncFolder(dirname(path));
      } catch (error) {
        await file.close().catch(() => undefined);
        await unlink(incoming).catch(() => undefined);
        throw error;
      }
      return { size, sha256: hash.digest() };
    },
    async *get(meta, range) {
      const { file, read, chunks, end, size } = await opened(meta);
      try {
        const from = Math.max(0, range?.start ?? 0);
        const to = Math.min(size, range?.end ?? size);
        for (let index = Math.floor(from / CHUNK); index * CHUNK < to; index++) {
          const chunk = index === chunks - 1 ? end : await read(index);
          const at = index * CHUNK;
          yield chunk.subarray(Math.max(0, from - at), Math.min(chunk.length, to - at));
        }
      } finally {
        await file.close();
      }
    },
    async size(meta) {
      const { file, size } = await opened(meta);
      await file.close();
      return size;
    },
    async remove(meta) {
      const path = pathOf(meta);
      try {
        await unlink(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await syncFolder(dirname(path));
    },
  };
}
