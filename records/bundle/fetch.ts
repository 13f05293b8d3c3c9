/** A GET inside a batch or transaction. */
import type { Caller } from '@afar/access';
import { Refusal, shape, shapeOf } from '@afar/fhir';
import type { BundleEntry, Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { read, vread } from '../read/read.ts';
import { noteStored } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import type { Entry } from './entries.ts';
import { answerOf, namesVersion, resourceAnswer, unchangedSince } from './responses.ts';

/** Answers what is neither a read nor a search of a type, as the request it would be alone. */
export type Ask = (caller: Caller, entry: Entry, disclosed: Disclosed) => Promise<Resource>;

/**
 * A room computes its own types on a connection of its own: inside a transaction that would wait for a second connection
 * while the first is held, and would not see what the transaction did.
 * @throws Refusal as the same request alone would
 */
export async function fetchEntry(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  entry: Entry,
  disclosed: Disclosed,
  ask?: Ask,
): Promise<BundleEntry> {
  const { type, id, version, params = [], method } = entry;
  if (entry.asks) {
    if (sql !== ctx.db || !ask)
      throw new Refusal('not-supported', {
        diagnostics: 'histories, operations and compartments are asked in a batch, or alone',
        expression: [`Bundle.entry[${entry.at}].request.url`],
      });
    return resourceAnswer(await ask(caller, entry, disclosed));
  }
  if (sql !== ctx.db && ctx.virtuals.has(type))
    throw new Refusal('not-supported', { diagnostics: `${type} is read in a batch` });
  const whole = method === 'GET';
  if (id === undefined) {
    for (const [name] of params) disclosed.params.add(name);
    const owners = (all: string[]) => {
      for (const one of all) disclosed.patients.add(one);
    };
    const found = await ctx.find(sql, caller, type, params, { owners });
    return whole ? resourceAnswer(found) : { response: { status: '200 OK' } };
  }
  const asked = shapeOf(params);
  const stored =
    version === undefined
      ? await read(ctx, sql, caller, type, id)
      : await vread(ctx, sql, caller, type, id, version);
  noteStored(disclosed, stored);
  // [FHIR R4 http.html#cread]
  if (isKnown(entry, stored)) return answerOf(caller, stored, 304, false);
  const answer = answerOf(caller, stored, 200, whole);
  return asked && answer.resource ? { ...answer, resource: shape(answer.resource, asked) } : answer;
}

function isKnown({ ifNoneMatch, ifModifiedSince }: Entry, stored: Stored): boolean {
  if (ifNoneMatch !== undefined) return namesVersion(ifNoneMatch, stored);
  return ifModifiedSince !== undefined && unchangedSince(ifModifiedSince, stored);
}
