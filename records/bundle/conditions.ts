/** The conditions of a transaction's entries and references, answered under one set of locks [FHIR R4 http.html#trules]. */
import type { Caller } from '@afar/access';
import { index, parseReference, references, Refusal, rewriteReferences } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { criteriaOf, identifierOf, lockConditions, matchConditions } from '../write/conditional.ts';
import type { Criteria } from '../write/conditional.ts';
import { deletionOf } from '../write/conditional-writes.ts';
import { isConditional, reads } from './entries.ts';
import type { Entry } from './entries.ts';

export interface Conditions {
  /** What each conditional entry found that the caller sees: creates, updates and patches one at most. */
  hits: Map<Entry, readonly Stored[]>;
  criteria: Map<Entry, Criteria>;
  /** Each conditional reference as written, with the first entry that holds it, and what it found. */
  links: Map<string, { entry: Entry; criteria: Criteria; hits: readonly Stored[] }>;
}

export const where = (entry: Entry, path: string) => ({
  expression: [`Bundle.entry[${entry.at}]${path}`],
});

/** @throws Refusal `multiple-matches` (412), `invalid` for a condition that says nothing, or that two entries create on */
export async function answerConditions(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  entries: readonly Entry[],
): Promise<Conditions> {
  const criteria = new Map<Entry, Criteria>();
  const most = new Map<Entry, number>();
  for (const entry of entries) {
    if (entry.method === 'DELETE' && entry.params) {
      const deletion = deletionOf(entry.params);
      criteria.set(entry, criteriaOf(entry.type, deletion.query));
      most.set(entry, deletion.most);
    } else if (isConditional(entry)) criteria.set(entry, criteriaOf(entry.type, entry.params!));
    else if (entry.method === 'POST' && entry.ifNoneExist)
      criteria.set(entry, criteriaOf(entry.type, entry.ifNoneExist));
  }
  refuseTwins(criteria);
  const links = conditionalReferences(entries);
  if (criteria.size > 0) {
    const made = entries.flatMap((entry) =>
      ['POST', 'PUT'].includes(entry.method) && criteria.has(entry) ? [entry.resource!] : [],
    );
    await lockConditions(ctx, sql, caller.tenant, [...criteria.values()], made);
  }
  const hits = new Map<Entry, readonly Stored[]>();
  const single = [...criteria].filter(([entry]) => !most.has(entry));
  const together = [
    ...single.map(([, one]) => one),
    ...[...links.values()].map((one) => one.criteria),
  ];
  const found = together.length > 0 ? await matchConditions(ctx, sql, caller, together) : [];
  single.forEach(([entry], at) => {
    const path = entry.method === 'POST' ? '.request.ifNoneExist' : '.request.url';
    if (found[at]!.length > 1) throw new Refusal('multiple-matches', where(entry, path));
    hits.set(entry, found[at]!);
  });
  [...links.values()].forEach((link, at) => {
    link.hits = found[single.length + at]!;
  });
  for (const [entry, limit] of most) {
    const one = criteria.get(entry)!;
    const [gone = []] = await matchConditions(ctx, sql, caller, [one], limit + 1);
    if (gone.length > limit) throw new Refusal('multiple-matches', where(entry, '.request.url'));
    hits.set(entry, gone);
  }
  return { hits, criteria, links };
}

/** Two entries that write on one condition would write one thing twice. */
function refuseTwins(criteria: ReadonlyMap<Entry, Criteria>): void {
  const seen = new Set<string>();
  for (const [entry, { type, params }] of criteria) {
    const key = JSON.stringify([type, params.map((one) => one.join('=')).sort()]);
    if (entry.method !== 'DELETE' && seen.has(key))
      throw new Refusal('invalid', {
        diagnostics: 'two entries write on one condition',
        ...where(entry, '.request'),
      });
    if (entry.method !== 'DELETE') seen.add(key);
  }
}

function conditionalReferences(entries: readonly Entry[]): Conditions['links'] {
  const links: Conditions['links'] = new Map();
  for (const entry of entries) {
    if (!entry.resource || entry.method === 'PATCH' || reads(entry)) continue;
    for (const { reference } of references(entry.resource)) {
      const mark = reference.indexOf('?');
      if (mark < 0 || links.has(reference) || !parseReference(reference).conditional) continue;
      const criteria = criteriaOf(reference.slice(0, mark), reference.slice(mark + 1));
      links.set(reference, { entry, criteria, hits: [] });
    }
  }
  return links;
}

/** Conditional references of one bundle that take a search each; those by identifier take one together. */
const mostSearched = 100;

/** @throws Refusal `too-costly` */
export function requireFewLinks(entries: readonly Entry[]): void {
  const searched = [...conditionalReferences(entries).values()].filter(
    ({ criteria }) => identifierOf(criteria) === undefined,
  );
  if (searched.length > mostSearched)
    throw new Refusal('too-costly', {
      diagnostics: `at most ${mostSearched} conditional references other than by one identifier`,
      expression: ['Bundle.entry'],
    });
}

/** The place of what a conditional reference found. @throws Refusal `multiple-matches`, `precondition-failed` */
export function onlyPlace(entry: Entry, places: readonly string[]): string {
  const [place, second] = places;
  if (second) throw new Refusal('multiple-matches', where(entry, '.resource'));
  if (!place)
    throw new Refusal('precondition-failed', {
      diagnostics: 'a conditional reference finds nothing',
      ...where(entry, '.resource'),
    });
  return place;
}

/** An entry of a batch, its conditional references led to what the caller sees now. @throws Refusal as `onlyPlace` */
export async function linked(ctx: StoreContext, caller: Caller, entry: Entry): Promise<Entry> {
  const links = [...conditionalReferences([entry])];
  if (links.length === 0) return entry;
  const criteria = links.map(([, one]) => one.criteria);
  const found = await matchConditions(ctx, ctx.db, caller, criteria);
  const places = new Map(
    links.map(([text], at) => [
      text,
      onlyPlace(
        entry,
        found[at]!.map(({ type, id }) => `${type}/${id}`),
      ),
    ]),
  );
  return { ...entry, resource: rewriteReferences(entry.resource!, places) };
}

/** Of the entries that create, those that make what an identifier condition looks for. */
export function made(
  { type, params }: Criteria,
  entries: readonly Entry[],
  ids: ReadonlyMap<Entry, string>,
): Entry[] {
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
    );
}
