/** A transaction: all or nothing, whatever the order of its entries, in a handful of statements [FHIR R4 http.html#transaction]. */
import type { Caller, Verb } from '@afar/access';
import { may } from '@afar/access';
import { applyPatch, Refusal } from '@afar/fhir';
import type { Bundle, BundleEntry, OperationOutcomeIssue, Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { requireInScope, requireMay, requireValid, requireVersion } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { currentRows } from '../read/rows.ts';
import type { Stored } from '../types.ts';
import { commit } from '../write/commit.ts';
import type { Answer } from '../write/commit.ts';
import { noteConditions } from '../write/condition-notes.ts';
import type { Current, Intent } from '../write/intent.ts';
import { requireNone, requireReadable } from '../write/operations.ts';
import { requireFewLinks } from './conditions.ts';
import { noteStored, nothingDisclosed } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import { entryOf, patchIn, reads, requireBundle, requireFewSearches } from './entries.ts';
import type { Entry } from './entries.ts';
import { fetchEntry } from './fetch.ts';
import { identify } from './identities.ts';
import { deletedAnswer, writtenAnswer } from './responses.ts';
import type { Wanted } from './responses.ts';

export interface TransactionOptions {
  wanted?: Wanted;
  answer?: Answer;
  /** Takes note of what is told beside what is written. */
  disclosed?: Disclosed;
}

const verbs: Partial<Record<Entry['method'], Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Checks every entry before the first touches the database; all faults at once. @throws Refusal `invalid` */
export function entriesOf(bundle: Bundle, base: string): Entry[] {
  const issues: OperationOutcomeIssue[] = [];
  const entries: Entry[] = [];
  requireBundle(bundle).forEach((one, at) => {
    const entry = entryOf(one, at, base);
    if (Array.isArray(entry)) issues.push(...entry);
    else entries.push(entry);
  });
  if (issues.length > 0) throw new Refusal('invalid', { issues });
  requireFewSearches(entries);
  requireFewLinks(entries);
  return entries;
}

/**
 * The entries inside the transaction `sql`.
 *
 * Read committed, not serializable, and yet as good: every version written is checked against the version it stood
 * on in the writing statement itself, conditional creates hold locks on their conditions, and grants are judged at
 * the request's instant. What is only read (a conditional reference's target) is not changed by this transaction.
 */
export async function transact(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  entries: readonly Entry[],
  { wanted = quiet, answer, disclosed = nothingDisclosed() }: TransactionOptions = {},
): Promise<BundleEntry[]> {
  for (const { method, type } of entries) {
    const verb = verbs[method];
    if (verb) requireMay(caller, verb, type);
    if (verb && ctx.virtuals.has(type))
      throw new Refusal('not-supported', { diagnostics: `${type} is no part of a transaction` });
  }
  const { matched, writes, ids, unmatched, resolved } = await identify(ctx, sql, caller, entries);
  const writing = writes.map(({ entry }) => entry);
  const rids = await ridsOf(ctx, sql, caller, writing, ids);
  refuseTwice(writing, rids, matched);
  const currents = await currentsOf(ctx, sql, caller, writing, rids);

  const answers = new Map<Entry, BundleEntry>();
  const intents: { origin: Entry; entry: Entry; intent: Intent }[] = [];
  for (const { entry, origin } of writes) {
    const current = currents.get(entry);
    if (entry.method === 'DELETE' && current?.row.deleted) {
      answers.set(origin, writtenAnswer(caller, current.stored, 204, wanted));
      continue;
    }
    const intent = intentOf(caller, entry, rids.get(entry)!, current, resolved);
    intents.push({ origin, entry, intent });
  }
  const results = await commit(
    ctx,
    sql,
    caller,
    intents.map(({ intent }) => intent),
    { answer },
  );
  const written = new Map<Entry, Stored>();
  intents.forEach(({ origin, entry }, at) => {
    const stored = results[at]!;
    written.set(entry, stored);
    const status = stored.deleted ? 204 : stored.created ? 201 : 200;
    // One answer for an entry, also where its condition deleted several.
    answers.set(
      origin,
      answers.has(origin) ? deletedAnswer() : writtenAnswer(caller, stored, status, wanted),
    );
  });
  await noteConditions(
    ctx,
    sql,
    caller,
    unmatched.map(({ criteria, entry }) => ({ criteria, made: written.get(entry)! })),
  );
  for (const [entry, stored] of matched) {
    noteStored(disclosed, stored);
    answers.set(entry, writtenAnswer(caller, stored, 200, wanted));
  }
  for (const entry of entries)
    if (!answers.has(entry))
      answers.set(
        entry,
        reads(entry)
          ? await fetchEntry(ctx, sql, caller, entry, disclosed)
          : // A condition that found nothing to delete.
            deletedAnswer(),
      );
  return entries.map((entry) => answers.get(entry)!);
}

const quiet: Wanted = { whole: false, outcome: false };

/** New things get their new id; ids that are no UUIDs their alias, made now if need be. */
async function ridsOf(
  ctx: StoreContext,
  sql: Queryable,
  { tenant }: Caller,
  writing: readonly Entry[],
  ids: ReadonlyMap<Entry, string>,
): Promise<Map<Entry, string>> {
  const named = writing.filter((entry) => !ids.has(entry));
  const claimed = await ctx.aliases.claim(
    sql,
    tenant,
    named.map(({ type, id }) => ({ type, id: id! })),
  );
  const rids = new Map(ids);
  named.forEach((entry, at) => rids.set(entry, claimed[at]!));
  return rids;
}

/** [FHIR R4 http.html#trules] One identity may stand in one entry only. */
function refuseTwice(
  writing: readonly Entry[],
  rids: ReadonlyMap<Entry, string>,
  matched: ReadonlyMap<Entry, Stored>,
): void {
  const seen = new Set<string>();
  const all: [Entry, string | undefined][] = [
    ...writing.map((entry): [Entry, string | undefined] => [entry, rids.get(entry)]),
    // What a conditional create found is its identity too.
    ...[...matched].map(([entry, { rid }]): [Entry, string] => [entry, rid]),
  ];
  for (const [entry, rid] of all) {
    const key = `${entry.type}/${rid}`;
    if (seen.has(key))
      throw new Refusal('invalid', {
        diagnostics: 'two entries are about one resource',
        expression: [`Bundle.entry[${entry.at}]`],
      });
    seen.add(key);
  }
}

async function currentsOf(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  writing: readonly Entry[],
  rids: ReadonlyMap<Entry, string>,
): Promise<Map<Entry, Current>> {
  const currents = new Map<Entry, Current>();
  for (const [method, entries] of Map.groupBy(writing, (entry) => entry.method)) {
    if (method === 'POST') continue;
    const verb = verbs[method]!;
    const keys = entries.map((entry) => ({ type: entry.type, rid: rids.get(entry)! }));
    const rows = await currentRows(sql, caller, verb, keys);
    const byKey = new Map(rows.map((row) => [`${row.type}/${row.rid}`, row]));
    for (const entry of entries) {
      const row = byKey.get(`${entry.type}/${rids.get(entry)}`);
      if (!row) continue;
      const stored: Stored = await ctx.vault.stored(caller.tenant, row);
      requireInScope(caller, verb, stored);
      currents.set(entry, { row, stored });
    }
  }
  return currents;
}

function intentOf(
  caller: Caller,
  entry: Entry,
  rid: string,
  current: Current | undefined,
  resolved: (entry: Entry) => Resource,
): Intent {
  const { type, method, ifMatch, ifNoneMatch } = entry;
  const id = entry.id ?? rid;
  if (ifMatch !== undefined && !current) throw new Refusal('version-conflict');
  requireNone(ifNoneMatch, current);
  if (entry.creates && current && !current.row.deleted) throw new Refusal('conflict');
  if (current) requireVersion(ifMatch, current.row.version);
  switch (method) {
    case 'POST':
      return { verb: 'POST', type, id, rid, resource: resolved(entry) };
    case 'PUT':
      if (!current && !may(caller, 'create', type)) throw new Refusal('not-found');
      // A conditional update that creates under an id of ours is a create.
      if (entry.id === undefined) return { verb: 'POST', type, id, rid, resource: resolved(entry) };
      return { verb: 'PUT', type, id, rid, resource: resolved(entry), current };
    case 'PATCH': {
      if (!current) throw new Refusal('not-found');
      requireReadable(caller, current);
      if (current.row.deleted) throw new Refusal('gone');
      const resource = applyPatch(current.stored.resource, patchIn(entry));
      requireValid(resource, type);
      return { verb: 'PATCH', type, id, rid, resource, current };
    }
    default:
      if (!current) throw new Refusal('not-found');
      return { verb: 'DELETE', type, id, rid, current };
  }
}
