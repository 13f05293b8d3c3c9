/** One transaction over several resources and a domain room's own rows. */
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import { grantsOn } from '../grants.ts';
import { telling } from '../reach-changes.ts';
import { read } from '../read/read.ts';
import type { RecordTx, Stored } from '../types.ts';
import { refusalOf, StaleWrite } from './errors.ts';
import { openFor, sealFor } from './lend-key.ts';
import { create, remove, update } from './operations.ts';
import type { NewKeys } from './prepare.ts';

/**
 * Runs the work; serialization failures and lost races run it again from the start.
 * @throws what the work throws; Refusal `conflict` when rivals were faster every time
 */
export async function write<T>(
  ctx: StoreContext,
  caller: Caller,
  work: (tx: RecordTx) => Promise<T>,
): Promise<T> {
  // Rows of other rooms are written here too: what has begun is finished, what has not is refused.
  ctx.access.lockdown.requireWritable(caller.tenant);
  try {
    return await telling(ctx, (sql) => work(recordTx(ctx, sql, caller)));
  } catch (error) {
    throw error instanceof StaleWrite ? refusalOf(error) : error;
  }
}

function recordTx(ctx: StoreContext, sql: Queryable, caller: Caller): RecordTx {
  const made: NewKeys = new Map();
  const scene = { ctx, sql, caller };
  return {
    sql,
    create: (resource, opts = {}) => {
      if (opts.idempotencyKey !== undefined)
        throw new Error('an idempotency key belongs to the request, not to a part of it');
      return create(scene, resource, { ifNoneExist: opts.ifNoneExist, made });
    },
    update: (resource, opts) => update(scene, resource, { ...opts, made }),
    read: <R extends Resource>(type: string, id: string): Promise<Stored<R>> =>
      read<R>(ctx, sql, caller, type, id),
    remove: async (type, id, opts) => {
      await remove(scene, { type, id }, { ...opts, made });
    },
    search: (type, params) => ctx.find(sql, caller, type, params),
    sealFor: (patient, context, plain) =>
      sealFor(ctx, sql, caller, { patient, context, plain, made }),
    grants: grantsOn(sql, caller),
    openFor: (patient, context, sealed) => openFor(ctx, caller, { patient, context, sealed }),
  };
}
