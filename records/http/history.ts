/** Endpoints of history, of one resource, a type, or the clinic [FHIR R4 http.html#history]. */
import type { Caller } from '@afar/access';
import { dateInterval, Refusal, shapeOf } from '@afar/fhir';
import type { Bundle } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import type { Stored } from '../types.ts';
import { historyPage } from '../read/history.ts';
import type { HistoryAsked, Subject, VersionsPage } from '../read/history.ts';
import type { Position } from '../read/history-rows.ts';
import { openCursor, sealCursor } from '../search/cursor.ts';
import { sendJson } from './answers.ts';
import { disclose, knownType, notes, paramsIn, paramsOf } from './endpoint.ts';
import type { Handler, Routes } from './endpoint.ts';
import { historyBundle } from './history-bundle.ts';
import { isStrict, speaksJson } from './negotiate.ts';

const defaultCount = 50;
const mostCount = 200;

const known: ReadonlySet<string> = new Set([
  '_count',
  '_since',
  '_at',
  '_sort',
  '_summary',
  '_elements',
]);
const ofTheForm: ReadonlySet<string> = new Set(['_format', '_pretty', '_cursor']);

type Params = readonly [string, string][];

function one(params: Params, name: string): string | undefined {
  const found = params.filter((each) => each[0] === name);
  if (found.length > 1) throw new Refusal('invalid', { diagnostics: `${name}: given twice` });
  return found[0]?.[1];
}

function wrong(name: string, expected: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${name}: ${expected}` });
}

/** @throws Refusal `invalid` */
function askedBy(params: Params): HistoryAsked {
  const count = one(params, '_count');
  if (count !== undefined && !/^\d{1,9}$/.test(count)) throw wrong('_count', 'a whole number');
  const since = one(params, '_since');
  const at = one(params, '_at');
  const sort = one(params, '_sort');
  if (sort !== undefined && !['_lastUpdated', '-_lastUpdated', 'none'].includes(sort))
    throw wrong('_sort', '-_lastUpdated or _lastUpdated');
  return {
    count: Math.min(Math.max(Number(count ?? defaultCount), 1), mostCount),
    ascending: sort === '_lastUpdated',
    // [FHIR R4 http.html#history] an instant; a day without time is taken from its beginning.
    since: since === undefined ? undefined : interval('_since', since).start,
    during: at === undefined ? undefined : interval('_at', at),
  };
}

function interval(name: string, text: string): { start: number; end: number } {
  try {
    // In an address a plus that was not escaped is a space: the sign of a zone.
    return dateInterval(text.replace(' ', '+'));
  } catch {
    throw wrong(name, 'a date or an instant');
  }
}

/** A page of a history as it is answered, and the versions in it. @throws Refusal as `historyPage`, and for its parameters */
export async function historyAnswer(
  { ctx, fhirUrl }: Pick<Routes, 'ctx' | 'fhirUrl'>,
  caller: Caller,
  subject: Subject,
  sent: Params,
  strict: boolean,
): Promise<{ bundle: Bundle; entries: Stored[] }> {
  const { type, id } = subject;
  const scope = ['_history', type ?? '', id ?? ''].join('/');
  const key = await ctx.keys.tenant(caller.tenant);
  const text = one(sent, '_cursor');
  const cursor = text === undefined ? undefined : openCursor(text, scope, caller, key);
  const params = cursor?.p ?? usable(sent, strict);
  const asked = askedBy(params);
  const shape = shapeOf(params);
  const base = fhirUrl(caller.tenant);
  const address = [base, type, id, '_history'].filter(Boolean).join('/');
  const self = `${address}${params.length ? `?${new URLSearchParams([...params]).toString()}` : ''}`;
  // [FHIR R4 http.html#history] `_count=0` asks for the number alone.
  if (one(params, '_count') === '0' || shape?.summary === 'count') {
    const total = await totalOf(ctx, caller, subject, asked);
    const link = [{ relation: 'self', url: self }];
    return { bundle: { resourceType: 'Bundle', type: 'history', total, link }, entries: [] };
  }
  const after = cursor && (JSON.parse(cursor.r) as Position | number);
  const page = await historyPage(ctx, ctx.db, caller, subject, { ...asked, after });
  const seal = (next: NonNullable<VersionsPage['next']>): string =>
    `${address}?_cursor=${sealCursor({ p: [...params], k: null, r: JSON.stringify(next) }, scope, caller, key)}`;
  const next = page.next === undefined ? undefined : seal(page.next);
  return { bundle: historyBundle(page.entries, { fhirUrl: base, self, next }, shape), ...page };
}

/** Ten pages of the largest size at most: counting costs what showing costs. */
async function totalOf(
  ctx: StoreContext,
  caller: Caller,
  subject: Subject,
  asked: HistoryAsked,
): Promise<number> {
  let total = 0;
  let after: VersionsPage['next'];
  for (let at = 0; at < 10; at++) {
    const page = await historyPage(ctx, ctx.db, caller, subject, {
      ...asked,
      after,
      count: mostCount,
    });
    total += page.entries.length;
    if (page.next === undefined) return total;
    after = page.next;
  }
  throw new Refusal('too-costly', { diagnostics: 'more versions than are counted: use _since' });
}

export function historyRoutes(routes: Routes): void {
  const { endpoint } = routes;
  const readHistory: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const subject: Subject = { ...(type && { type }), ...(id && { id }) };
    const answer = await historyAnswer(routes, caller, subject, paramsIn(req), isStrict(req));
    disclose(req, ...answer.entries);
    sendJson(reply, answer.bundle);
  };
  const checks = [speaksJson, notes('history')];
  endpoint('GET', '/:type/:id/_history', [...checks, knownType], readHistory);
  endpoint('GET', '/:type/_history', [...checks, knownType], readHistory);
  endpoint('GET', '/_history', checks, readHistory);
}

/** @throws Refusal `unknown-parameter` when the client asked to be told */
function usable(sent: Params, strict: boolean): [string, string][] {
  const others = sent.filter(([name]) => !known.has(name) && !ofTheForm.has(name));
  if (strict && others.length > 0)
    throw new Refusal('unknown-parameter', { diagnostics: 'a history has no such parameter' });
  return sent.filter(([name]) => known.has(name));
}
