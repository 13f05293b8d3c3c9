/** History of one resource, of a type, of the clinic, page by page [FHIR R4 http.html#history]. */
import { may } from '@afar/access';
import type { Caller } from '@afar/access';
import { Refusal, resourceTypes } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { KeyErased } from '@afar/platform';
import { hasGranularScope, inScope, requireId, requireMay, requireType } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import type { HistoryPage, Stored } from '../types.ts';
import type { Row } from '../vault.ts';
import { changesOf, versionsOf } from './history-rows.ts';
import type { Position, Span } from './history-rows.ts';
import { read, ridOf } from './read.ts';

/** Whose history: nothing is the clinic's. */
export interface Subject {
  type?: string;
  id?: string;
}

export interface HistoryAsked extends Span {
  /** 1 or more. */
  count: number;
  /** Where the page before ended. */
  after?: Position | number | undefined;
}

export interface VersionsPage {
  entries: Stored[];
  /** Give it back as `after`; absent at the end. */
  next?: Position | number;
}

/** Changes looked at for one page; a page cut short by it still has a next one. */
const budget = 2_000;
/** Changes of one statement. */
const lastStep = 500;

/**
 * Versions whose key was erased, and those outside a granular scope, are left out.
 * @throws Refusal `forbidden`, `not-found`, `not-supported` for a type that is not stored here
 */
export async function historyPage(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  subject: Subject,
  asked: HistoryAsked,
): Promise<VersionsPage> {
  const { type, id } = subject;
  if (type !== undefined) {
    requireType(type);
    requireMay(caller, 'history', type);
  }
  if (type !== undefined && id !== undefined)
    return ofInstance(ctx, sql, caller, { type, id }, asked);
  if (type !== undefined && ctx.virtuals.has(type))
    throw new Refusal('not-supported', { diagnostics: `${type} has no history of its type` });
  return ofTypes(ctx, sql, caller, typesFor(ctx, caller, type), asked);
}

/** Of one resource, newest first, below the version `before`. @throws Refusal as `historyPage` */
export async function instanceHistory(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  subject: Required<Subject>,
  { count = 50, before }: { count?: number; before?: number } = {},
): Promise<HistoryPage> {
  const asked = { count, after: before, ascending: false };
  const { entries, next } = await historyPage(ctx, sql, caller, subject, asked);
  return typeof next === 'number' ? { entries, next } : { entries };
}

/** @throws Refusal `forbidden` for a caller who may see the history of no type */
function typesFor(ctx: RecordsContext, caller: Caller, type: string | undefined): string[] {
  if (type !== undefined) return [type];
  const types = resourceTypes.filter(
    (one) => !ctx.virtuals.has(one) && may(caller, 'history', one),
  );
  if (types.length === 0) throw new Refusal('forbidden');
  return types;
}

async function ofInstance(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  { type, id }: Required<Subject>,
  { count, after, ...span }: HistoryAsked,
): Promise<VersionsPage> {
  requireId(id);
  if (ctx.virtuals.has(type)) return { entries: [await read(ctx, sql, caller, type, id)] };
  const rid = await ridOf(ctx, sql, caller.tenant, type, id);
  if (!rid) throw new Refusal('not-found');
  const key = { type, rid };
  const from = typeof after === 'number' ? after : undefined;
  const rows = await versionsOf(sql, caller, key, span, { after: from, limit: count + 1 });
  const entries = await opened(ctx, caller, rows.slice(0, count));
  const unsure = rows.length === 0 || (entries.length === 0 && hasGranularScope(caller, type));
  if (unsure && from === undefined) await requireSeen(ctx, sql, caller, key);
  return rows.length > count ? { entries, next: rows[count - 1]!.version } : { entries };
}

/**
 * Nothing in the span is not nothing at all; but what lies outside a granular scope with all its versions is not there.
 * @throws Refusal `not-found`
 */
async function requireSeen(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  key: { type: string; rid: string },
): Promise<void> {
  const granular = hasGranularScope(caller, key.type);
  const limit = granular ? lastStep : 1;
  let after: number | undefined;
  for (let looked = 0; looked < budget; looked += limit) {
    const rows = await versionsOf(sql, caller, key, { ascending: false }, { after, limit });
    const seen = granular ? await opened(ctx, caller, rows) : rows;
    if (seen.length > 0) return;
    if (rows.length < limit) break;
    after = rows.at(-1)!.version;
  }
  throw new Refusal('not-found');
}

async function ofTypes(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  types: readonly string[],
  { count, after, ...span }: HistoryAsked,
): Promise<VersionsPage> {
  const entries: Stored[] = [];
  let position = typeof after === 'object' ? after : undefined;
  let step = Math.min(count + 1, lastStep);
  for (let looked = 0; looked < budget;) {
    const changes = await changesOf(sql, caller, types, span, { after: position, limit: step });
    for (const { position: at, row } of changes) {
      const [stored] = row ? await opened(ctx, caller, [row]) : [];
      if (stored && entries.length === count) return { entries, next: position! };
      if (stored) entries.push(stored);
      position = at;
    }
    if (changes.length < step) return { entries };
    looked += changes.length;
    step = Math.min(step * 4, lastStep);
  }
  return { entries, next: position! };
}

async function opened(
  ctx: RecordsContext,
  caller: Caller,
  rows: readonly Row[],
): Promise<Stored[]> {
  const all = await Promise.all(
    rows.map(async (row) => {
      try {
        return await ctx.vault.stored(caller.tenant, row);
      } catch (error) {
        // What the key sealed is gone for good; that it was there is in the trail.
        if (error instanceof KeyErased) return undefined;
        throw error;
      }
    }),
  );
  return all.filter((one) => one !== undefined && inScope(caller, 'history', one)) as Stored[];
}
