/** Conditional create and references: one search, under a lock that makes rivals of one identity take turns. */
import type { KeyObject } from 'node:crypto';
import type { Caller } from '@afar/access';
import { index, Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { token } from '@afar/platform';
import { inScope } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import { prepared } from '../prepared.ts';
import { read } from '../read/read.ts';
import { Params, scoped } from '../scoped.ts';
import { anyToken, exactToken } from '../tokens.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import type { Stored } from '../types.ts';

/** A search in the short form of `If-None-Exist` or of a conditional reference. */
export interface Criteria {
  type: string;
  params: [string, string][];
}

/** What says how to answer, not what to find: a condition made of these would match everything, or a page of it. */
const notCriteria: ReadonlySet<string> = new Set([
  '_count',
  '_cursor',
  '_sort',
  '_total',
  '_summary',
  '_elements',
  '_contained',
  '_containedType',
  '_include',
  '_revinclude',
]);

/** @throws Refusal `invalid` for an empty query, or a criterion without a value: it would match everything */
export function criteriaOf(
  type: string,
  query: string | readonly (readonly [string, string])[],
): Criteria {
  // Only what follows the `?` is the condition; the address before it is often sent too.
  const text =
    typeof query === 'string' && query.startsWith(`${type}?`) ? query.slice(type.length) : query;
  const sent = typeof text === 'string' ? new URLSearchParams(text.replace(/^\?/, '')) : text;
  const params: [string, string][] = [];
  for (const [name, value] of sent) {
    if (name === '_format' || name === '_pretty') continue;
    if (notCriteria.has(name.split(':', 1)[0]!))
      throw new Refusal('invalid', {
        diagnostics: 'a condition says what to find, not how to show it',
      });
    if (value.trim() === '')
      throw new Refusal('invalid', { diagnostics: 'a criterion without a value' });
    params.push([name, value]);
  }
  if (params.length === 0)
    throw new Refusal('invalid', { diagnostics: 'a condition without a criterion' });
  return { type, params };
}

/**
 * Takes the locks under which "nothing matches, so create" holds until the commit.
 *
 * Two conditional creates meet in one lock whenever one could match what the other makes: those that ask for an
 * identifier alone (by far the most) share the type's lock and take one for each value, of the condition and of what
 * they make; any other takes the type's alone. A plain create between them is as if it came after. This costs a fraction
 * of serializable isolation, which on small tables takes whole pages for rivals.
 * @param made what is written if nothing matches
 */
export async function lockConditions(
  ctx: StoreContext,
  sql: Queryable,
  tenant: number,
  all: readonly Criteria[],
  made: readonly Resource[] = [],
): Promise<void> {
  const shared = new Set<string>();
  const exclusive = new Set<string>();
  // Under every index key: in a rotation one process may hold the older one alone, another the newer.
  const { indexes } = await ctx.keys.tenant(tenant);
  const identified = made.flatMap((one) =>
    identifiersIn(one).map((value) => [one.resourceType, value] as const),
  );
  for (const key of indexes) {
    collectLocks(key, all, shared, exclusive);
    for (const [type, value] of identified) exclusive.add(String(token(key, 'lock', type, value)));
  }
  // One order for all, so that two transactions with the same conditions cannot lock each other out.
  for (const one of exclusive) shared.delete(one);
  const keys = [...shared, ...exclusive].sort();
  await sql.query({
    name: 'records.lock-conditions',
    text: `select case when x.shared then pg_advisory_xact_lock_shared(x.key) else pg_advisory_xact_lock(x.key) end
           from unnest($1::bigint[], $2::bool[]) x(key, shared)`,
    values: [keys, keys.map((one) => shared.has(one))],
  });
}

function collectLocks(
  key: KeyObject,
  all: readonly Criteria[],
  shared: Set<string>,
  exclusive: Set<string>,
): void {
  for (const { type, params } of all) {
    const typeLock = String(token(key, 'lock', type));
    const values = params
      .filter(([name]) => name === 'identifier')
      .flatMap(([, v]) => v.split(','));
    if (values.length === 0) {
      exclusive.add(typeLock);
      continue;
    }
    shared.add(typeLock);
    for (const value of values)
      exclusive.add(String(token(key, 'lock', type, value.slice(value.indexOf('|') + 1))));
  }
}

function identifiersIn(resource: Resource): string[] {
  return index(resource).tokens.flatMap(({ param, code }) =>
    param === 'identifier' && code !== undefined ? [code] : [],
  );
}

/**
 * What the caller sees that matches, at most `most` for each. One query for all that ask for one identifier.
 * @throws Refusal `too-costly` when a search ends before it has looked at all there is: what was not seen may match
 */
export async function matchConditions(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  all: readonly Criteria[],
  most = 2,
): Promise<Stored[][]> {
  const results = new Map<Criteria, Stored[]>();
  const plain = all.filter((one) => identifierOf(one) !== undefined);
  const byType = Map.groupBy(plain, (one) => one.type);
  for (const [type, criteria] of byType)
    (await matchIdentifiers(ctx, sql, caller, type, criteria)).forEach((found, at) =>
      results.set(criteria[at]!, found),
    );
  for (const one of all) {
    if (results.has(one)) continue;
    const params: [string, string][] = [...one.params, ['_count', String(most)]];
    // Strict: a criterion that is not understood must not be taken for one that matches.
    const bundle = await ctx.find(sql, caller, one.type, params, { strict: true });
    const ids = (bundle.entry ?? [])
      .filter((entry) => entry.search?.mode === 'match' && entry.resource?.id)
      .map((entry) => entry.resource!.id!);
    if (ids.length < most && bundle.link?.some((link) => link.relation === 'next'))
      throw new Refusal('too-costly', {
        diagnostics: 'a condition that finds by looking at too much',
      });
    results.set(one, await Promise.all(ids.map((id) => read(ctx, sql, caller, one.type, id))));
  }
  return all.map((one) => results.get(one)!);
}

/** `identifier=system|value` and nothing else: by far the most common condition. */
export function identifierOf({ params }: Criteria): { system?: string; value: string } | undefined {
  const [first] = params;
  if (params.length !== 1 || first?.[0] !== 'identifier' || /[,\\]/.test(first[1]))
    return undefined;
  const bar = first[1].indexOf('|');
  const value = first[1].slice(bar + 1);
  if (value === '') return undefined;
  return bar < 0 ? { value } : { system: first[1].slice(0, bar), value };
}

async function matchIdentifiers(
  ctx: StoreContext,
  sql: Queryable,
  caller: Caller,
  type: string,
  all: readonly Criteria[],
): Promise<Stored[][]> {
  const { indexes } = await ctx.keys.tenant(caller.tenant);
  const wanted = all.map((one) => identifierOf(one)!);
  const tokens = wanted.flatMap(({ system, value }) =>
    indexes.map((key) =>
      String(
        system
          ? exactToken(key, type, 'identifier', system, value)
          : anyToken(key, type, 'identifier', value),
      ),
    ),
  );
  const params = new Params();
  const table = scoped(type, 'r', caller, params, { verb: 'search' });
  const { rows } = await sql.query<Row>(
    prepared(
      `select ${rowColumns('r')} from ${table.from}
       where r.rid in (select t.rid from records.token t
           where t.tenant = ${params.once('tenant', caller.tenant)} and t.token = any(${params.add(tokens)}::bigint[]))
         and not r.deleted and ${table.where}`,
      params.values,
    ),
  );
  const found = await Promise.all(rows.map(async (row) => ctx.vault.stored(caller.tenant, row)));
  // Outside a granular scope is outside the world here as in a search.
  const opened = found.filter((stored) => inScope(caller, 'search', stored));
  const identifiers = opened.map((stored) =>
    index(stored.resource).tokens.filter((one) => one.param === 'identifier'),
  );
  // A token is a hash: the body has the last word.
  return wanted.map(({ system, value }) =>
    opened.filter((_, at) =>
      identifiers[at]!.some(
        (one) => one.code === value && (system === undefined || (one.system ?? '') === system),
      ),
    ),
  );
}
