/** Work on the keys of a record store: what the command line asks for, with the store's own memory behind it. */
import type { SealedStore } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import type { Records } from '../types.ts';
import { erasePatient } from './erase.ts';
import type { Erased, ErasureReason } from './erase.ts';
import { census, retireUnused, rotateData } from './rotate-data.ts';
import type { DataRotation } from './rotate-data.ts';
import { rotateIndex } from './rotate-index.ts';
import type { IndexRotation } from './rotate-index.ts';
import { recordsSealedStores } from './stores.ts';
import type { Turning } from './turn.ts';

/** What of a rotation the caller says. */
export type RotationOptions = Pick<Turning, 'say'> &
  Partial<Pick<Turning, 'graceMs' | 'batch' | 'signal'>>;

export interface KeyWork {
  /** New data keys, everything sealed anew. Goes on where a run before was broken off. */
  rotateData(tenant: number, options: RotationOptions): Promise<DataRotation>;
  /** New index keys, every row indexed anew. Goes on where a run before was broken off. */
  rotateIndex(tenant: number, options: RotationOptions): Promise<IndexRotation>;
  /** Destroys old keys that nothing lies under any more. */
  retireUnused(tenant: number): ReturnType<typeof retireUnused>;
  /** What lies under which key. */
  census(tenant: number): ReturnType<typeof census>;
  erase(tenant: number, patient: string, reason: ErasureReason): Promise<Erased>;
}

const contexts = new WeakMap<Records, RecordsContext>();

/** Lets key work reach behind the store it is done on. Called where the room is put together. */
export function rememberKeyWork(records: Records, context: RecordsContext): void {
  contexts.set(records, context);
}

/** @param others what other rooms keep sealed */
export function keyWorkOf(records: Records, others: readonly SealedStore[]): KeyWork {
  const ctx = contexts.get(records);
  if (!ctx) throw new Error('this record store was not made by createRecords');
  const stores = [...recordsSealedStores(ctx), ...others];
  const { db, keys, clock } = ctx;
  const on = (tenant: number) => ({ db, keys, clock, tenant, stores });
  return {
    rotateData: (tenant, options) => rotateData({ ...on(tenant), ...options }),
    rotateIndex: (tenant, options) => rotateIndex({ ...on(tenant), ...options }),
    retireUnused: (tenant) => retireUnused(on(tenant)),
    census: (tenant) => census(on(tenant), stores),
    erase: (tenant, patient, reason) =>
      erasePatient({ ...on(tenant), ...ctx, audit: ctx.access.audit }, patient, reason),
  };
}
