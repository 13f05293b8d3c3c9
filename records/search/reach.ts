/** Whose charts a search can reach: the patients whose index keys may have made the tokens of a match. */
import type { Criterion, SearchQuery } from '@afar/fhir';
import { resourceClass } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import type { DataKey } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { Params, ruleOf } from '../scoped.ts';
import { ownerParams } from './owner-params.ts';
import type { Run } from './types.ts';

export interface Reach {
  /** Keys that may have made a match's P tokens; complete only if `bounded`. */
  keys: DataKey[];
  /** False: more charts than can be probed one by one. P tokens are of no use. */
  bounded: boolean;
  /** The keys are those of single charts: rows of the type can be read chart by chart. */
  perChart: boolean;
  /** Patients the query itself names: every match is owned by one of them. */
  named?: string[];
}

/**
 * More patients than that are not probed one by one: at 3 us a probe and 2 us a token a thousand cost 5 ms,
 * about what a page of a bounded scan costs.
 */
export const widestPanel = 1_000;

/** The patients a query names as owners, ids as the client wrote them, and the criterion that does. */
export interface Named {
  by: Criterion;
  ids: string[];
}

/** Undefined when the query names no owner. */
export function namedOwners(query: SearchQuery): Named | undefined {
  const params = ownerParams(query.type);
  let named: Named | undefined;
  for (const clause of query.clauses) {
    if (clause.kind !== 'value' || !params.has(clause.param)) continue;
    const ids = patientIds(clause);
    // AND-ed: each one of them alone suffices; the shortest is the best.
    if (ids && (!named || ids.length < named.ids.length)) named = { by: clause, ids };
  }
  return named;
}

function patientIds({ param, modifier, values }: Criterion): string[] | undefined {
  if (modifier !== undefined && modifier !== 'type') return undefined;
  const ids: string[] = [];
  for (const value of values) {
    if (value.kind !== 'reference' || value.id === undefined) return undefined;
    const patient = value.type === 'Patient' || (value.type === undefined && param === 'patient');
    if (!patient) return undefined;
    ids.push(value.id);
  }
  return ids;
}

/**
 * The keys a search of `type` needs. At most one query when the keys are not in memory, and one more for the panel
 * of a caller who names no patient.
 * @param named rids of the patients the query names
 */
export async function reachOf(
  context: RecordsContext,
  run: Run,
  type: string,
  named: string[] | undefined,
): Promise<Reach> {
  const { tenant } = run.caller;
  const nobody = await context.keys.tenant(tenant);
  if (named) {
    const keys = await keysOf(context, run, named);
    return { keys, bounded: true, perChart: true, named };
  }
  if (ruleOf(type) === 'open') return { keys: [nobody], bounded: true, perChart: false };
  const owners = await panelOf(run);
  if (!owners) return { keys: [nobody], bounded: false, perChart: false };
  const keys = await keysOf(context, run, owners);
  // What nobody owns is indexed under the tenant's key: seen by wildcard callers, and in the operational class.
  const unowned = run.caller.wildcard || resourceClass[type] === 'operational';
  return { keys: [...keys, ...(unowned ? [nobody] : [])], bounded: true, perChart: true };
}

/** Keys of patients; a patient whose key was erased has nothing left to be found. */
async function keysOf(context: RecordsContext, run: Run, owners: string[]): Promise<DataKey[]> {
  const { tenant } = run.caller;
  try {
    return [...(await context.ownerKeys.of(run.sql, tenant, owners)).values()];
  } catch (error) {
    if (!(error instanceof KeyErased)) throw error;
  }
  const found: DataKey[] = [];
  for (const owner of owners) {
    try {
      found.push(...(await context.ownerKeys.of(run.sql, tenant, [owner])).values());
    } catch (error) {
      if (!(error instanceof KeyErased)) throw error;
    }
  }
  return found;
}

/** Patients the caller holds any live grant for (rows are judged later), or all of a small clinic for a wildcard client; undefined: too many. */
export async function panelOf(run: Run): Promise<string[] | undefined> {
  const { caller } = run;
  const params = new Params();
  const tenant = params.add(caller.tenant);
  const text = caller.wildcard
    ? `select k.owner from records.owner_key k where k.tenant = ${tenant} limit ${widestPanel + 1}`
    : `select distinct g.patient as owner from records."grant" g where g.tenant = ${tenant}
         and g.principal = any(${params.add(caller.principals)}::uuid[])
         and g.starts <= ${params.add(caller.at)}::bigint and g.ends > $3::bigint limit ${widestPanel + 1}`;
  const { rows } = await run.sql.query<{ owner: string }>({
    name: caller.wildcard ? 'records.panel-all' : 'records.panel',
    text,
    values: params.values,
  });
  return rows.length > widestPanel ? undefined : rows.map((row) => row.owner);
}
