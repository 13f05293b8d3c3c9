/** Sealed objects on a disk, against what happens to files: cut, swapped, reordered, half written. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshKey } from '../keys/data-key.ts';
import { CHUNK, HEADER, TAG } from './chunks.ts';
import { diskObjects, ObjectBroken, ObjectMissing, ObjectTooLarge } from './index.ts';
import type { ByteRange, ObjectMeta } from './index.ts';

const key = freshKey(randomUUID(), randomBytes(32));
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-objects-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const meta = (over: Partial<ObjectMeta> = {}): ObjectMeta => ({
  tenant: 1,
  id: 'photo-1',
  key,
  ...over,
});
const pathOf = (one: ObjectMeta) =>
  join(dir, String(one.tenant), one.id.slice(-2).toLowerCase(), one.id);

async function* pieces(bytes: Buffer, size = 10_000) {
  // One buffer reused for every piece, as a socket may do.
  const reused = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(reused, 0, at, at + size);
    yield reused.subarray(0, length);
  }
}

async function all(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const held: Buffer[] = [];
  for await (const chunk of source) held.push(chunk);
  return Buffer.concat(held);
}

const read = (one: ObjectMeta, range?: ByteRange) => all(diskObjects(dir).get(one, range));

describe('an object', () => {
  it.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5])(
    'of %i bytes comes back whole',
    async (size) => {
      const bytes = randomBytes(size);
      const stored = await diskObjects(dir).put(meta(), pieces(bytes));
      expect(stored).toEqual({ size, sha256: createHash('sha256').update(bytes).digest() });
      expect((await read(meta())).equals(bytes)).toBe(true);
      expect(await diskObjects(dir).size(meta())).toBe(size);
    },
  );

  it('gives any range as a slice of the whole', async () => {
    const bytes = randomBytes(2 * CHUNK + 777);
    await diskObjects(dir).put(meta(), pieces(bytes, 50_000));
    const edge = fc.integer({ min: 0, max: bytes.length + 10 });
    await fc.assert(
      fc.asyncProperty(edge, edge, async (start, end) => {
        expect((await read(meta(), { start, end })).equals(bytes.subarray(start, end))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is sealed: nothing of it is on the disk in the clear', async () => {
    await diskObjects(dir).put(meta(), pieces(Buffer.from('María García '.repeat(20_000))));
    expect(readFileSync(pathOf(meta())).includes('García')).toBe(false);
    expect(statSync(pathOf(meta())).mode & 0o077).toBe(0);
  });

  it('is replaced whole, removed once, and missing by name', async () => {
    const store = diskObjects(dir);
    await store.put(meta(), pieces(Buffer.from('one')));
    await store.put(meta(), pieces(Buffer.from('two')));
    expect((await read(meta())).toString()).toBe('two');
    await store.remove(meta());
    await store.remove(meta());
    await expect(read(meta())).rejects.toThrow(ObjectMissing);
  });
});

describe('a tampered object is refused', () => {
  const bytes = randomBytes(3 * CHUNK + 100);
  const sealedChunk = CHUNK + TAG;
  beforeEach(async () => {
    await diskObjects(dir).put(meta(), pieces(bytes));
  });

  it('when any part of it is changed', async () => {
    const whole = readFileSync(pathOf(meta()));
    for (const at of [0, 5, 30, HEADER, HEADER + sealedChunk + 9, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      writeFileSync(pathOf(meta()), changed);
      await expect(read(meta())).rejects.toThrow(ObjectBroken);
    }
  });

  it('when it is cut at a border between chunks, even for a range before the cut', async () => {
    truncateSync(pathOf(meta()), HEADER + 2 * sealedChunk);
    await expect(read(meta())).rejects.toThrow(ObjectBroken);
    await expect(read(meta(), { start: 0, end: 10 })).rejects.toThrow(ObjectBroken);
    await expect(diskObjects(dir).size(meta())).rejects.toThrow(ObjectBroken);
    truncateSync(pathOf(meta()), 10);
    await expect(read(meta())).rejects.toThrow(ObjectBroken);
  });

  it('when its chunks change places', async () => {
    const whole = readFileSync(pathOf(meta()));
    const first = Buffer.from(whole.subarray(HEADER, HEADER + sealedChunk));
    whole.copyWithin(HEADER, HEADER + sealedChunk, HEADER + 2 * sealedChunk);
    first.copy(whole, HEADER + sealedChunk);
    writeFileSync(pathOf(meta()), whole);
    await expect(read(meta())).rejects.toThrow(/chunk 0/);
  });

  it('when it takes the place of another object, clinic or key', async () => {
    const other = meta({ id: 'photo-2' });
    await diskObjects(dir).put(other, pieces(randomBytes(50)));
    copyFileSync(pathOf(meta()), pathOf(other));
    await expect(read(other)).rejects.toThrow(ObjectBroken);
    const stranger = freshKey(randomUUID(), randomBytes(32));
    await expect(read(meta({ key: stranger }))).rejects.toThrow(/another key/);
  });

  it('when a chunk of another version of itself is spliced in', async () => {
    const old = readFileSync(pathOf(meta()));
    await diskObjects(dir).put(meta(), pieces(bytes));
    const young = readFileSync(pathOf(meta()));
    old.copy(young, HEADER, HEADER, HEADER + sealedChunk);
    writeFileSync(pathOf(meta()), young);
    await expect(read(meta())).rejects.toThrow(ObjectBroken);
  });
});

describe('an upload', () => {
  const leftovers = () => readdirSync(join(dir, 'incoming'));

  it('that fails leaves nothing, and what was there before stays', async () => {
    const store = diskObjects(dir);
    await store.put(meta(), pieces(Buffer.from('before')));
    async function* breaking() {
      yield randomBytes(3 * CHUNK);
      throw new Error('line cut');
    }
    await expect(store.put(meta(), breaking())).rejects.toThrow('line cut');
    expect((await read(meta())).toString()).toBe('before');
    expect(leftovers()).toEqual([]);
  });

  it('that is too large is refused and leaves nothing', async () => {
    const store = diskObjects(dir, { maxBytes: 100_000 });
    await expect(store.put(meta(), pieces(randomBytes(100_001)))).rejects.toThrow(ObjectTooLarge);
    await expect(read(meta())).rejects.toThrow(ObjectMissing);
    expect(leftovers()).toEqual([]);
    await store.put(meta(), pieces(randomBytes(100_000)));
  });

  it('that died with its process is swept away an hour later, a running one is not', async () => {
    mkdirSync(join(dir, 'incoming'));
    for (const name of ['dead', 'running']) writeFileSync(join(dir, 'incoming', name), 'x');
    const hours = Date.now() / 1000 - 7200;
    utimesSync(join(dir, 'incoming/dead'), hours, hours);
    await diskObjects(dir).put(meta(), pieces(Buffer.from('x')));
    expect(leftovers()).toEqual(['running']);
  });

  it.each(['../x', 'a/b', '', '.', 'a'.repeat(129), 'a\0b'])(
    'under the id %j is refused',
    async (id) => {
      await expect(diskObjects(dir).put(meta({ id }), pieces(randomBytes(1)))).rejects.toThrow(
        RangeError,
      );
    },
  );
});
