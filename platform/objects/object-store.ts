/** The port to large sealed things: photos, documents, studies, recordings. */
import type { DataKey } from '../keys/data-key.ts';

/** Names one object and the key it is sealed under. `id`: letters, digits, `-`, `_`; 1 to 128 of them. */
export interface ObjectMeta {
  tenant: number;
  id: string;
  key: DataKey;
}

/** Bytes from `start` up to, not including, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

export interface ObjectStore {
  /** Stores the whole source, durably before it resolves. Throws ObjectTooLarge. An id stored again is replaced. */
  put(
    meta: ObjectMeta,
    source: AsyncIterable<Uint8Array>,
  ): Promise<{ size: number; sha256: Buffer }>;
  /** The plain bytes, or a range of them cut to the object's size. Throws ObjectMissing, ObjectBroken. */
  get(meta: ObjectMeta, range?: ByteRange): AsyncIterable<Buffer>;
  /** Plain size in bytes, authenticated. Throws ObjectMissing, ObjectBroken. */
  size(meta: ObjectMeta): Promise<number>;
  /** Removes it; no error when it is not there. */
  remove(meta: Pick<ObjectMeta, 'tenant' | 'id'>): Promise<void>;
}

/** No object goes by that id. */
export class ObjectMissing extends Error {
  readonly code = 'not-found';
  constructor(id: string) {
    super(`object ${id} is not there`);
    this.name = 'ObjectMissing';
  }
}

/** The stored bytes are not the ones that were sealed under this id. */
export class ObjectBroken extends Error {
  readonly code = 'internal';
  constructor(id: string, why: string, options?: ErrorOptions) {
    super(`object ${id}: ${why}`, options);
    this.name = 'ObjectBroken';
  }
}

/** The source has more bytes than the store takes. */
export class ObjectTooLarge extends Error {
  readonly code = 'too-large';
  readonly status = 413;
  constructor(limit: number) {
    super(`larger than ${limit} bytes`);
    this.name = 'ObjectTooLarge';
  }
}
