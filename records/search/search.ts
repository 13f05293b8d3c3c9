/** A search from its parameters to an answer: parse, plan, fill a page, include, link. */
import { may } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Clause, Criterion, SearchQuery } from '@afar/fhir';
import { parseQuery, Refusal, searchParams } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import type { RecordsContext } from '../context.ts';
import type { Directory } from '../directory/index.ts';
import { prepared } from '../prepared.ts';
import { Params, ruleOf } from '../scoped.ts';
import type { Answer } from './answer.ts';
import { selfLink, usedParams } from './answer.ts';
import { chainPart, hasPart, mostHops, tooManyHops } from './chains.ts';
import type { Hop } from './chains.ts';
import { choose, needsPanel, refuseOrWarn, sortingOf } from './choose.ts';
import type { Planned, Sorting } from './choose.ts';
import { compile } from './compile.ts';
import type { Compiling } from './compile.ts';
import { openCursor, sealCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { included } from './include.ts';
import { fillPage } from './page.ts';
import type { Cut } from './page.ts';
import { namedOwners, reachOf } from './reach.ts';
import type { Reach } from './reach.ts';
import type { Doc, Part, Run } from './types.ts';
import { totalOf } from './total.ts';
import { virtualPage } from './virtual.ts';

export interface SearchOptions {
  /** A write transaction, when it is not the database itself: the search sees what it has written so far. */
  sql?: Queryable;
  /** `Prefer: handling=strict`: what cannot be honoured is refused instead of warned about. */
  strict?: boolean;
}

export interface Search {
  /**
   * One page of what matches and the caller may see [FHIR R4 http.html#search].
   * @throws Refusal `forbidden`, `invalid`, `not-supported`, `unknown-parameter` (strict), `too-costly`
   */
  answer(
    caller: Caller,
    type: string,
    params: [string, string][],
    options?: SearchOptions,
  ): Promise<Answer>;
}

export function createSearch(context: RecordsContext, directory: Directory): Search {
  const fhirUrl = `${context.baseUrl}/fhir/R4`;

  /** Chooses a plan for parsed clauses; hops of chains are searched on the way. */
  async function plan(run: Run, query: SearchQuery, sorting: Sorting): Promise<Planned> {
    const { caller } = run;
    const { type } = query;
    // Each hop asks, also where no row would be looked for.
    if (!may(caller, 'search', type)) throw new Refusal('forbidden');
    const ridOf = await resolve(run, query);
    const tenantKey = await context.keys.tenant(caller.tenant);
    const compiling = (reach: Reach): Compiling => ({
      type,
      now: caller.at,
      tenantKey,
      reach,
      ridOf,
    });
    const hops = new Map<Clause, Part>();
    for (const clause of query.clauses) {
      if (clause.kind === 'chain') hops.set(clause, await chainPart(run, clause, hop));
      else if (clause.kind === 'has') hops.set(clause, await hasPart(run, clause, type, hop));
    }
    const owners = namedOwners(query);
    const named = owners?.ids.map((id) => ridOf('Patient', id)).filter((rid) => rid !== undefined);
    const compiled = (reach: Reach) => {
      const criteria = new Map<Part, Criterion>();
      const parts = query.clauses.map((clause) => {
        if (clause.kind !== 'value') return hops.get(clause)!;
        const part = compile(clause, compiling(reach));
        criteria.set(part, clause);
        return part;
      });
      const naming = parts.find((part) => criteria.get(part) === owners?.by);
      return { query, parts, criteria, reach, sorting, naming, wildcard: caller.wildcard };
    };
    if (named || ruleOf(type) === 'open') {
      return choose(compiled(await reachOf(context, run, type, named)));
    }
    const first = compiled({ keys: [tenantKey], bounded: false, perChart: false });
    if (!needsPanel(first.parts, sorting, caller.wildcard)) return choose(first);
    return choose(compiled(await reachOf(context, run, type, undefined)));
  }

  /** rids of every id a query names; asks the database only for ids that are no UUIDs and not known yet. */
  async function resolve(run: Run, query: SearchQuery): Promise<Compiling['ridOf']> {
    const names: { type: string; id: string }[] = [];
    for (const clause of query.clauses) {
      if (clause.kind !== 'value') continue;
      for (const value of clause.values) {
        if (value.kind === 'reference' && value.id !== undefined) {
          const types = value.type
            ? [value.type]
            : (searchParams(query.type).get(clause.param)?.targets ?? []);
          names.push(...types.map((type) => ({ type, id: value.id! })));
        } else if (value.kind === 'token' && clause.param === '_id' && value.code) {
          names.push({ type: query.type, id: value.code });
        }
      }
    }
    const others = names.filter((one) => !isRid(one.id));
    const known = new Map<string, string | undefined>();
    if (others.length > 0) {
      const rids = await context.aliases.find(run.sql, run.caller.tenant, others);
      others.forEach((one, at) => known.set(`${one.type}/${one.id}`, rids[at]));
    }
    return (type, id) => (isRid(id) ? id : known.get(`${type}/${id}`));
  }

  const hop: Hop = {
    async all(run, type, clauses) {
      const query: SearchQuery = {
        type,
        clauses,
        include: [],
        revinclude: [],
        sort: [],
        count: mostHops,
        unknown: [],
      };
      const planned = await plan(run, query, { kind: 'natural' });
      const { docs, next } = await fillPage(context, directory, run, planned, mostHops, undefined);
      if (next) throw tooManyHops();
      return docs;
    },
    async targets(run, sources, source, param, type) {
      const params = new Params();
      const { rows } = await run.sql.query<{ target: string }>(
        prepared(
          `select distinct e.target from records.edge e where e.tenant = ${params.add(run.caller.tenant)}
             and e.source = any(${params.add(sources)}::uuid[]) and e.source_type = ${params.add(source)}
             and e.target_type = ${params.add(type)} and e.params @> array[${params.add(param)}]::text[]`,
          params.values,
        ),
      );
      return rows.map((row) => row.target);
    },
  };

  async function answer(
    caller: Caller,
    type: string,
    sent: [string, string][],
    { sql = context.db, strict = false }: SearchOptions = {},
  ): Promise<Answer> {
    const warnings: string[] = [];
    const run: Run = { caller, sql, open: sql !== context.db, warnings, strict };
    const tenantKey = await context.keys.tenant(caller.tenant);
    const at = sent.find(([name]) => name === '_cursor')?.[1];
    const cursor = at === undefined ? undefined : openCursor(at, type, caller, tenantKey);
    // A page address holds the whole query: what stands beside it does not count.
    const params = cursor?.p ?? sent;
    const query = parseQuery(type, params, { strict, baseUrl: fhirUrl });
    for (const name of query.unknown)
      warnings.push(`The parameter ${name} is unknown and was ignored`);
    const refuse = refuseOrWarn(strict, warnings);
    if (query.summary === 'true')
      refuse('_summary=true is not supported: whole resources are given');
    const used = usedParams(params, query);
    const seal = (cut: { key: Cursor['k']; rid: string }) =>
      sealCursor({ p: used, k: cut.key, r: cut.rid }, type, caller, tenantKey);
    const next = (sealed: string | undefined) =>
      sealed === undefined ? {} : { next: `${fhirUrl}/${type}?_cursor=${sealed}` };
    const common = { type, query, warnings, baseUrl: fhirUrl, self: selfLink(fhirUrl, type, used) };

    const provider = context.virtuals.get(type);
    if (provider) {
      const page = await virtualPage(run, provider, query, cursor?.r);
      const sealed = page.next === undefined ? undefined : seal({ key: null, rid: page.next });
      return { ...common, matches: [], virtual: page.resources, included: [], ...next(sealed) };
    }

    const planned = await plan(run, query, sortingOf(query, refuse));
    const total = await totalOf(context, directory, run, query, planned, refuse);
    if (query.count === 0 || query.summary === 'count') {
      return { ...common, matches: [], included: [], total };
    }
    const after: Cut | undefined = cursor && { key: cursor.k, rid: cursor.r };
    const page = await fillPage(context, directory, run, planned, query.count, after);
    const whole = !after && !page.next ? page.docs.length : undefined;
    const more: Doc[] =
      query.include.length + query.revinclude.length > 0
        ? await included(context, run, query, page.docs)
        : [];
    return {
      ...common,
      matches: page.docs.map((doc) => doc.stored),
      included: more.map((doc) => doc.stored),
      total: total ?? (query.total === 'none' ? undefined : whole),
      ...next(page.next && seal(page.next)),
    };
  }

  return { answer };
}
