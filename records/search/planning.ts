/** From parsed clauses to a plan: hops are searched on the way, clauses compiled, a driver chosen. */
import { may } from '@afar/access';
import type { Chain, Clause, Criterion, Has, SearchQuery } from '@afar/fhir';
import { loadUnits, Refusal } from '@afar/fhir';
import { isRid } from '../aliases.ts';
import type { RecordsContext } from '../context.ts';
import type { Directory } from '../directory/index.ts';
import { ruleOf } from '../scoped.ts';
import { chainPart, hasPart } from './chains.ts';
import type { Hop } from './chains.ts';
import { choose, needsPanel } from './choose.ts';
import type { Choice, Planned } from './choose.ts';
import { compile } from './compile.ts';
import type { Compiling } from './compile.ts';
import { createHop } from './hops.ts';
import { logicPart } from './logic.ts';
import { ownerParams } from './owner-params.ts';
import { fillPage } from './page.ts';
import { namedOwners, reachOf, widestPanel } from './reach.ts';
import type { Reach } from './reach.ts';
import { hasUnits, needsResolving, resolveClause } from './resolve-clauses.ts';
import type { Sorting } from './sorting.ts';
import type { Part, Run } from './types.ts';

export type Planner = (run: Run, query: SearchQuery, sorting: Sorting) => Promise<Planned>;

export function createPlanner(context: RecordsContext, directory: Directory): Planner {
  /** @throws Refusal `forbidden` when the caller may not search the type, also where no row would be looked for */
  async function plan(run: Run, query: SearchQuery, sorting: Sorting): Promise<Planned> {
    const { caller } = run;
    const { type } = query;
    if (!may(caller, 'search', type)) throw new Refusal('forbidden');
    const made = new Map<Clause, Part>();
    const clauses = query.clauses.some(needsResolving)
      ? await resolved(run, query, made)
      : query.clauses;
    const asked = { ...query, clauses };
    const ridOf = await ridsOf(run, asked);
    const tenantKey = await context.keys.tenant(caller.tenant);
    const units = clauses.some(hasUnits) ? await loadUnits() : undefined;
    const { params } = run;
    const compiling = (reach: Reach): Compiling => ({
      type,
      now: caller.at,
      tenantKey,
      reach,
      ridOf,
      units,
      params,
      onBody: run.onBody,
    });
    if (clauses.some((clause) => clause.kind !== 'value')) await hopsOf(run, type, clauses, made);

    const owners = namedOwners(asked);
    const chained = owners ? undefined : chainedOwners(type, clauses, made);
    const named = owners
      ? owners.ids.map((id) => ridOf('Patient', id)).filter((rid) => rid !== undefined)
      : chained?.rids;
    const naming = owners?.by ?? chained?.by;
    const compiled = (reach: Reach): Choice => {
      const criteria = new Map<Part, Criterion>();
      const on = compiling(reach);
      const parts = clauses.map((clause) => partOf(clause, on, made, criteria));
      const by = naming && parts[clauses.indexOf(naming)];
      return { query, parts, criteria, reach, sorting, naming: by, wildcard: caller.wildcard };
    };
    if (named || ruleOf(type) === 'open') {
      return choose(compiled(await reachOf(context, run, type, named)));
    }
    const first = compiled({ keys: [tenantKey], bounded: false, perChart: false });
    if (!needsPanel(first.parts, sorting, caller.wildcard)) return choose(first);
    return choose(compiled(await reachOf(context, run, type, undefined)));
  }

  async function resolved(
    run: Run,
    { type, clauses }: SearchQuery,
    made: Map<Clause, Part>,
  ): Promise<Clause[]> {
    const on = { run, type, terminology: context.terminology(), hop, made };
    const found: Clause[] = [];
    for (const clause of clauses) found.push(await resolveClause(clause, on));
    return found;
  }

  /** Chains and `_has`, however deep they stand in a `_filter`, each searched once. */
  async function hopsOf(run: Run, type: string, clauses: Clause[], made: Map<Clause, Part>) {
    const inner = run.hop ? run : { ...run, hop: true };
    for (const clause of clauses) {
      if (clause.kind === 'chain' || clause.kind === 'has') {
        made.set(clause, await hopOf(inner, type, clause));
      } else if (clause.kind !== 'value') await hopsOf(run, type, clause.of, made);
    }
  }

  async function hopOf(run: Run, type: string, clause: Chain | Has): Promise<Part> {
    const known = run.hops.get(clause) ?? new Map<string, Part>();
    run.hops.set(clause, known);
    let part = known.get(type);
    if (!part) {
      part =
        clause.kind === 'chain'
          ? await chainPart(run, clause, hop)
          : await hasPart(run, clause, type, hop);
      known.set(type, part);
    }
    return part;
  }

  /** rids of every id a query names; asks the database only for ids that are no UUIDs and not known yet. */
  async function ridsOf(run: Run, query: SearchQuery): Promise<Compiling['ridOf']> {
    const others = namesIn(run, query.type, query.clauses).filter((one) => !isRid(one.id));
    const known = new Map<string, string | undefined>();
    if (others.length > 0) {
      const rids = await context.aliases.find(run.sql, run.caller.tenant, others);
      others.forEach((one, at) => known.set(`${one.type}/${one.id}`, rids[at]));
    }
    return (type, id) => (isRid(id) ? id : known.get(`${type}/${id}`));
  }

  const hop: Hop = createHop(async (run, query) => {
    const inner = run.hop ? run : { ...run, hop: true };
    const planned = await plan(inner, query, { kind: 'natural' });
    return (after) => fillPage(context, directory, inner, planned, query.count, after);
  });

  return plan;
}

function partOf(
  clause: Clause,
  on: Compiling,
  made: ReadonlyMap<Clause, Part>,
  criteria: Map<Part, Criterion>,
): Part {
  const known = made.get(clause);
  if (known) return known;
  if (clause.kind === 'value') {
    const part = compile(clause, on);
    criteria.set(part, clause);
    return part;
  }
  if (!('of' in clause)) throw new TypeError('a hop that was not searched');
  return logicPart(
    clause.kind,
    clause.of.map((one) => partOf(one, on, made, criteria)),
  );
}

/** Patients that a chain has found to be the owners of every match: their keys lead to the rows as if they had been named. */
function chainedOwners(
  type: string,
  clauses: readonly Clause[],
  made: ReadonlyMap<Clause, Part>,
): { by: Clause; rids: string[] } | undefined {
  const params = ownerParams(type);
  let found: { by: Clause; rids: string[] } | undefined;
  for (const by of clauses) {
    const rids = by.kind === 'chain' && params.has(by.param) ? made.get(by)?.owners : undefined;
    if (rids && rids.length <= widestPanel && (!found || rids.length < found.rids.length)) {
      found = { by, rids };
    }
  }
  return found;
}

function namesIn(
  run: Run,
  type: string,
  clauses: readonly Clause[],
): { type: string; id: string }[] {
  return clauses.flatMap((clause) => {
    if (clause.kind !== 'value') return 'of' in clause ? namesIn(run, type, clause.of) : [];
    const { param } = clause;
    return clause.values.flatMap((value) => {
      if (value.kind === 'reference' && value.id !== undefined) {
        const types = value.type ? [value.type] : (run.params(type).get(param)?.targets ?? []);
        return types.map((one) => ({ type: one, id: value.id! }));
      }
      const own = value.kind === 'token' && param === '_id' && value.code;
      return own ? [{ type, id: own }] : [];
    });
  });
}
