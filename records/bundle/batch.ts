/** A batch: entries that have nothing to do with one another, each with its own answer [FHIR R4 http.html#brules]. */
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import type { PatchOperation } from '../types.ts';
import { createRequest, patchRequest, removeRequest, updateRequest } from '../write/requests.ts';
import { noteStored } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import { entryOf, operationsIn, order, requireBundle, requireFewSearches } from './entries.ts';
import type { Entry } from './entries.ts';
import { fetchEntry } from './fetch.ts';
import { answerOf, refusalAnswer } from './responses.ts';

/** Entries of one kind that run side by side: half of the pool. */
const abreast = 8;

export async function batch(
  ctx: StoreContext,
  caller: Caller,
  bundle: Bundle,
  { base, whole, disclosed }: { base: string; whole: boolean; disclosed: Disclosed },
): Promise<BundleEntry[]> {
  const given = requireBundle(bundle);
  const answers: BundleEntry[] = Array.from({ length: given.length }, () => ({}));
  const entries: Entry[] = [];
  given.forEach((one, at) => {
    const entry = entryOf(one, at, base);
    if (Array.isArray(entry))
      answers[at] = refusalAnswer(new Refusal('invalid', { issues: entry }));
    else entries.push(entry);
  });
  requireFewSearches(entries);
  for (const methods of order) {
    const queue = entries.filter((entry) => methods.includes(entry.method));
    const worker = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        try {
          answers[entry.at] = await answer(ctx, caller, entry, whole, disclosed);
        } catch (error) {
          answers[entry.at] = refusalAnswer(error);
          if (!(error instanceof Refusal))
            ctx.log.error({ err: error }, 'an entry of a batch failed');
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(abreast, queue.length) }, worker));
  }
  return answers;
}

async function answer(
  ctx: StoreContext,
  caller: Caller,
  entry: Entry,
  whole: boolean,
  disclosed: Disclosed,
): Promise<BundleEntry> {
  const { method, type, id, ifMatch, ifNoneExist, resource } = entry;
  switch (method) {
    case 'POST': {
      const stored = await createRequest(ctx, caller, resource!, { ifNoneExist });
      noteStored(disclosed, stored);
      return answerOf(caller, stored, stored.created ? 201 : 200, whole);
    }
    case 'PUT': {
      const stored = await updateRequest(ctx, caller, resource!, { ifMatch });
      return answerOf(caller, stored, stored.created ? 201 : 200, whole);
    }
    case 'PATCH': {
      const operations = operationsIn(entry) as PatchOperation[];
      const stored = await patchRequest(ctx, caller, { type, id: id!, operations }, { ifMatch });
      return answerOf(caller, stored, 200, whole);
    }
    case 'DELETE':
      return answerOf(
        caller,
        await removeRequest(ctx, caller, { type, id: id! }, { ifMatch }),
        204,
        false,
      );
    default:
      return fetchEntry(ctx, ctx.db, caller, entry, disclosed);
  }
}
