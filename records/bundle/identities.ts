/** Who is who in a transaction: conditions answered, ids given, placeholders and conditional references resolved. */
import type { Caller } from '@afar/access';
import { parseReference, Refusal, rewriteReferences, withId } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { uuid7 } from '../uuid7.ts';
import type { Criteria } from '../write/conditional.ts';
import { instantOf } from '../write/instant.ts';
import { answerConditions, made, onlyPlace, where } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { isConditional, reads } from './entries.ts';
import type { Entry } from './entries.ts';

/** One thing to be written. A conditional delete of several is several. */
export interface Write {
  /** With the id that its condition found. */
  entry: Entry;
  /** As it stands in the bundle. */
  origin: Entry;
}

export interface Identities {
  /** Entries of a conditional create that matched: nothing is written for them. */
  matched: Map<Entry, Stored>;
  writes: Write[];
  /** Ids of what is to be created. */
  ids: Map<Entry, string>;
  /** Conditions that found nothing and now create. */
  unmatched: { criteria: Criteria; entry: Entry }[];
  /** The entry's resource with its id, every reference leading to a real place. */
  resolved(entry: Entry): Resource;
}

/**
 * @throws Refusal `multiple-matches`, `precondition-failed` for a reference that finds none, `invalid` for two entries of
 *   one identity [FHIR R4 http.html#trules]
 */
export async function identify(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  entries: readonly Entry[],
): Promise<Identities> {
  const conditions = await answerConditions(ctx, sql, caller, entries);
  const gone = deletedBy(entries, conditions);
  const stays = ({ type, id }: Stored): boolean => !gone.has(`${type}/${id}`);
  const newId = () => uuid7(instantOf(caller, ctx.clock));

  const matched = new Map<Entry, Stored>();
  const writes: Write[] = [];
  const ids = new Map<Entry, string>();
  const unmatched: Identities['unmatched'] = [];
  for (const origin of entries) {
    if (reads(origin)) continue;
    const criteria = conditions.criteria.get(origin);
    const hits = conditions.hits.get(origin) ?? [];
    if (origin.method === 'DELETE') {
      if (!criteria) writes.push({ entry: origin, origin });
      for (const { id } of hits) writes.push({ entry: named(origin, id), origin });
      continue;
    }
    // [FHIR R4 http.html#trules] deletes come first: for a create, what is deleted here does not match any more. An
    // update of it is a second entry of one identity.
    const hit = origin.method === 'POST' ? hits.find(stays) : hits[0];
    if (origin.method === 'POST' && hit) {
      matched.set(origin, hit);
      continue;
    }
    const entry = hit ? matchedBy(origin, hit) : isConditional(origin) ? unnamed(origin) : origin;
    if (origin.method === 'POST' || entry.id === undefined) ids.set(entry, newId());
    if (criteria && !hit) unmatched.push({ criteria, entry });
    writes.push({ entry, origin });
  }
  refuseRivals(unmatched, ids);

  const places = new Map<string, string>();
  for (const { entry, origin } of writes)
    if (origin.fullUrl && entry.method !== 'DELETE')
      note(places, origin, `${entry.type}/${ids.get(entry) ?? entry.id!}`);
  for (const [entry, { type, id }] of matched)
    if (entry.fullUrl) note(places, entry, `${type}/${id}`);
  const creating = writes.map(({ entry }) => entry);
  for (const [text, { entry, criteria, hits }] of conditions.links) {
    const inside = made(criteria, creating, ids).map((one) => `${one.type}/${ids.get(one)!}`);
    const found = hits.filter(stays).map((one) => `${one.type}/${one.id}`);
    places.set(text, onlyPlace(entry, found.length > 0 ? found : inside));
  }
  const near = relativePlaces(places);
  return {
    matched,
    writes,
    ids,
    unmatched,
    resolved(entry) {
      const id = ids.get(entry) ?? entry.id!;
      const { resource, fullUrl } = entry;
      const whole = resource!.id === id ? resource! : withId(resource!, id);
      const relative = fullUrl === undefined ? undefined : near.get(baseOf(fullUrl) ?? '');
      const known = relative ? new Map([...relative, ...places]) : places;
      return known.size > 0 ? rewriteReferences(whole, known) : whole;
    },
  };
}

/** `Type/id` of everything the bundle deletes. */
function deletedBy(entries: readonly Entry[], { hits }: Conditions): Set<string> {
  const gone = new Set<string>();
  for (const entry of entries) {
    if (entry.method !== 'DELETE') continue;
    if (entry.id) gone.add(`${entry.type}/${entry.id}`);
    for (const { id } of hits.get(entry) ?? []) gone.add(`${entry.type}/${id}`);
  }
  return gone;
}

const named = (entry: Entry, id: string): Entry => ({ ...entry, id, params: undefined });

/** [FHIR R4 http.html#cond-update] @throws Refusal `invalid` when the body names another id than the match */
function matchedBy(origin: Entry, { id }: Stored): Entry {
  const own = origin.method === 'PUT' ? origin.resource!.id : undefined;
  if (own !== undefined && own !== id)
    throw new Refusal('invalid', {
      diagnostics: 'the id of the body is not the one of the match',
      ...where(origin, '.resource.id'),
    });
  return named(origin, id);
}

/** A conditional update that found nothing creates, under the id of its body if it has one. */
function unnamed(origin: Entry): Entry {
  if (origin.method === 'PATCH') throw new Refusal('not-found', where(origin, '.request.url'));
  if (origin.ifMatch !== undefined) throw new Refusal('version-conflict');
  const { id } = origin.resource!;
  return { ...origin, params: undefined, creates: true, ...(id !== undefined && { id }) };
}

/** One entry would make what another looked for in vain: together they are two things of one identity. */
function refuseRivals(unmatched: Identities['unmatched'], ids: ReadonlyMap<Entry, string>): void {
  const all = [...ids.keys()];
  for (const { criteria, entry } of unmatched)
    if (made(criteria, all, ids).some((one) => one !== entry))
      throw new Refusal('invalid', {
        diagnostics: 'another entry makes what this one looks for',
        ...where(entry, '.request'),
      });
}

function note(places: Map<string, string>, entry: Entry, place: string): void {
  const url = entry.fullUrl!;
  if (places.has(url) && places.get(url) !== place)
    throw new Refusal('invalid', {
      diagnostics: 'two entries with one fullUrl',
      ...where(entry, '.fullUrl'),
    });
  places.set(url, place);
}

/** `https://elsewhere/fhir/` of `https://elsewhere/fhir/Patient/1`. */
function baseOf(fullUrl: string): string | undefined {
  const { base, type } = parseReference(fullUrl);
  return type && base ? base : undefined;
}

/** [FHIR R4 bundle.html#references] a relative reference is read against the address its own entry comes from. */
function relativePlaces(places: ReadonlyMap<string, string>): Map<string, Map<string, string>> {
  const near = new Map<string, Map<string, string>>();
  for (const [url, place] of places) {
    const base = baseOf(url);
    if (base === undefined) continue;
    const here = near.get(base) ?? new Map<string, string>();
    near.set(base, here.set(url.slice(base.length), place));
  }
  return near;
}
