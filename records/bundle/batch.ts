/** A batch: entries that have nothing to do with one another, each with its own answer [FHIR R4 http.html#brules]. */
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import {
  conditionalPatchRequest,
  conditionalRemoveRequest,
  conditionalUpdateRequest,
  createRequest,
  patchRequest,
  removeRequest,
  updateRequest,
} from '../write/requests.ts';
import { linked, requireFewLinks } from './conditions.ts';
import { noteStored } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import { entryOf, order, patchIn, reads, requireBundle, requireFewSearches } from './entries.ts';
import type { Entry } from './entries.ts';
import { fetchEntry } from './fetch.ts';
import type { Ask } from './fetch.ts';
import { deletedAnswer, refusalAnswer, writtenAnswer } from './responses.ts';
import type { Wanted } from './responses.ts';

/** Entries of one kind that run side by side: half of the pool. */
const abreast = 8;

interface Options {
  wanted: Wanted;
  disclosed: Disclosed;
  ask?: Ask;
}

export async function batch(
  ctx: StoreContext,
  caller: Caller,
  bundle: Bundle,
  { base, ...options }: Options & { base: string },
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
  requireFewLinks(entries);
  for (const methods of order) {
    const queue = entries.filter((entry) => methods.includes(entry.method));
    const worker = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        try {
          answers[entry.at] = await answer(ctx, caller, entry, options);
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
  { wanted, disclosed, ask }: Options,
): Promise<BundleEntry> {
  if (reads(entry)) return fetchEntry(ctx, ctx.db, caller, entry, disclosed, ask);
  if (entry.method === 'DELETE' && entry.params) {
    const what = { type: entry.type, query: entry.params };
    const gone = await conditionalRemoveRequest(ctx, caller, what);
    return gone.length === 1 ? writtenAnswer(caller, gone[0]!, 204, wanted) : deletedAnswer();
  }
  const stored = await write(ctx, caller, await linked(ctx, caller, entry));
  noteStored(disclosed, stored);
  const status = stored.deleted ? 204 : stored.created ? 201 : 200;
  return writtenAnswer(caller, stored, status, wanted);
}

/** @throws Refusal as the same request alone would */
function write(ctx: StoreContext, caller: Caller, entry: Entry): Promise<Stored> {
  const { method, type, id, params: query, ifNoneExist, resource } = entry;
  const { ifMatch, ifNoneMatch } = entry;
  const options = { ifMatch, ifNoneMatch };
  switch (method) {
    case 'POST':
      return createRequest(ctx, caller, resource!, { ifNoneExist });
    case 'PUT':
      return query
        ? conditionalUpdateRequest(ctx, caller, query, resource!, options)
        : updateRequest(ctx, caller, resource!, options);
    case 'PATCH': {
      const operations = patchIn(entry);
      return query
        ? conditionalPatchRequest(ctx, caller, { type, query, operations }, options)
        : patchRequest(ctx, caller, { type, id: id!, operations }, options);
    }
    default:
      return removeRequest(ctx, caller, { type, id: id! }, { ifMatch });
  }
}
