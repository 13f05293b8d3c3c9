/** Who is who in a transaction: conditions answered, ids given, placeholders and conditional references resolved. */
import type { Caller } from '@afar/access';
import { index, parseReference, references, Refusal, rewriteReferences } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { uuid7 } from '../uuid7.ts';
import { criteriaOf, lockConditions, matchConditions } from '../write/conditional.ts';
import type { Criteria } from '../write/conditional.ts';
import { instantOf } from '../write/instant.ts';
import type { Entry } from './entries.ts';

export interface Identities {
  /** Entries of a conditional create that matched: nothing is written for them. */
  matched: Map<Entry, Stored>;
  /** Ids of what is to be created. */
  ids: Map<Entry, string>;
  /** The entry's resource with its id, every reference leading to a real place. */
  resolved(entry: Entry): Resource;
}

const where = (entry: Entry, path: string) => ({
  expression: [`Bundle.entry[${entry.at}]${path}`],
});

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
  const conditional = entries.filter((entry) => entry.method === 'POST' && entry.ifNoneExist);
  const creates = conditional.map((entry) => criteriaOf(entry.type, entry.ifNoneExist!));
  refuseTwins(conditional, creates);
  const wanted = conditionalReferences(entries);
  const links = [...wanted.keys()].map((text) => {
    const mark = text.indexOf('?');
    return criteriaOf(text.slice(0, mark), text.slice(mark + 1));
  });
  if (creates.length > 0) await lockConditions(ctx, sql, caller.tenant, creates);
  const all = [...creates, ...links];
  const found = all.length > 0 ? await matchConditions(ctx, sql, caller, all) : [];

  const matched = new Map<Entry, Stored>();
  conditional.forEach((entry, at) => {
    const hits = found[at]!;
    if (hits.length > 1)
      throw new Refusal('multiple-matches', where(entry, '.request.ifNoneExist'));
    if (hits[0]) matched.set(entry, hits[0]);
  });
  const ids = new Map<Entry, string>();
  const places = new Map<string, string>();
  for (const entry of entries) {
    const created = entry.method === 'POST' && !matched.has(entry);
    if (created) ids.set(entry, uuid7(instantOf(caller, ctx.clock)));
    const id = matched.get(entry)?.id ?? ids.get(entry) ?? entry.id;
    if (entry.fullUrl && id && entry.method !== 'DELETE')
      note(places, entry, `${entry.type}/${id}`);
  }
  [...wanted].forEach(([text, entry], at) => {
    const hits = found[creates.length + at]!.map((one) => `${one.type}/${one.id}`);
    const place = hits.length > 0 ? hits : inside(links[at]!, entries, ids);
    if (place.length > 1) throw new Refusal('multiple-matches', where(entry, '.resource'));
    if (!place[0])
      throw new Refusal('precondition-failed', {
        diagnostics: 'a conditional reference finds nothing',
        ...where(entry, '.resource'),
      });
    places.set(text, place[0]);
  });
  return {
    matched,
    ids,
    resolved(entry) {
      const id = ids.get(entry) ?? entry.id!;
      const whole = entry.resource!.id === id ? entry.resource! : { ...entry.resource!, id };
      return places.size > 0 ? rewriteReferences(whole, places) : whole;
    },
  };
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

function refuseTwins(entries: readonly Entry[], criteria: readonly Criteria[]): void {
  const seen = new Set<string>();
  entries.forEach((entry, at) => {
    const { type, params } = criteria[at]!;
    const key = JSON.stringify([type, params.map((one) => one.join('=')).sort()]);
    if (seen.has(key))
      throw new Refusal('invalid', {
        diagnostics: 'two entries create on one condition',
        ...where(entry, '.request.ifNoneExist'),
      });
    seen.add(key);
  });
}

/** Each conditional reference as written, with the first entry that holds it. */
function conditionalReferences(entries: readonly Entry[]): Map<string, Entry> {
  const wanted = new Map<string, Entry>();
  for (const entry of entries) {
    if (!entry.resource || entry.method === 'PATCH') continue;
    for (const { reference } of references(entry.resource))
      if (
        reference.includes('?') &&
        parseReference(reference).conditional &&
        !wanted.has(reference)
      )
        wanted.set(reference, entry);
  }
  return wanted;
}

/** What this very transaction creates may be what a reference by identifier means. */
function inside(
  { type, params }: Criteria,
  entries: readonly Entry[],
  ids: ReadonlyMap<Entry, string>,
): string[] {
  const [first] = params;
  if (params.length !== 1 || first?.[0] !== 'identifier') return [];
  const bar = first[1].indexOf('|');
  const system = bar < 0 ? undefined : first[1].slice(0, bar);
  const value = first[1].slice(bar + 1);
  return entries
    .filter((entry) => entry.type === type && ids.has(entry))
    .filter((entry) =>
      index(entry.resource!).tokens.some(
        (one) =>
          one.param === 'identifier' &&
          one.code === value &&
          (system === undefined || (one.system ?? '') === system),
      ),
    )
    .map((entry) => `${type}/${ids.get(entry)!}`);
}
