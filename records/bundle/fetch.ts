/** A GET inside a batch or transaction. */
import type { Caller } from '@afar/access';
import type { BundleEntry } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import { read, vread } from '../read/read.ts';
import { noteStored } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import type { Entry } from './entries.ts';
import { answerOf, resourceAnswer } from './responses.ts';

/** @throws Refusal as the same request alone would */
export async function fetchEntry(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  { type, id, version, params = [] }: Entry,
  disclosed: Disclosed,
): Promise<BundleEntry> {
  if (id === undefined) {
    for (const [name] of params) disclosed.params.add(name);
    const owners = (all: string[]) => {
      for (const one of all) disclosed.patients.add(one);
    };
    return resourceAnswer(await ctx.find(sql, caller, type, params, { owners }));
  }
  const stored =
    version === undefined
      ? await read(ctx, sql, caller, type, id)
      : await vread(ctx, sql, caller, type, id, version);
  noteStored(disclosed, stored);
  return answerOf(caller, stored, 200, true);
}
