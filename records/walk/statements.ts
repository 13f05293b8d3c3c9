/** The statements of a walk, the policy of `scoped` in each. */
import type { Caller } from '@afar/access';
import type { Sql } from '@afar/platform';
import { prepared } from '../prepared.ts';
import { Params, scoped } from '../scoped.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { clinicalDateParam, noDate } from '../write/clinical-date.ts';
import { chartParams } from './compartment-params.ts';
import type { ChartWalk, TypeWalk, WalkFilter, WalkKey } from './walk.ts';

/** A row looked at; `body` is null where the way led to one that is hidden, deleted or passed by. */
export type Step = Omit<Row, 'body'> & {
  body: Buffer | null;
  chart: string;
  ctype: string;
  crid: string;
  /** Other charts before this one that the resource stands in. */
  earlier: string[] | null;
};

function filters(walk: WalkFilter, types: readonly string[], params: Params): string[] {
  const all = [walk.deleted ? 'r.deleted' : 'not r.deleted'];
  if (walk.since !== undefined) all.push(`r.updated >= ${params.add(walk.since)}::bigint`);
  if (walk.until !== undefined) all.push(`r.updated <= ${params.add(walk.until)}::bigint`);
  const { careFrom, careBefore } = walk;
  if (careFrom !== undefined || careBefore !== undefined) {
    const dateless = types.filter((type) => clinicalDateParam(type) === undefined);
    const within = [
      ...(careFrom === undefined ? [] : [`r.until > ${params.add(careFrom)}::bigint`]),
      ...(careBefore === undefined ? [] : [`r.at < ${params.add(careBefore)}::bigint`]),
    ];
    all.push(
      `(r.at = ${params.add(noDate)}::bigint or r.type = any(${params.add(dateless)}::text[]) or (${within.join(' and ')}))`,
    );
  }
  return all;
}

/**
 * The next rows of one type. What the caller may not see is passed by inside the statement: for a wildcard caller that is
 * next to nothing, for others this way is taken only with types that are open or few.
 */
export function alongType(
  caller: Caller,
  walk: TypeWalk,
  after: string | undefined,
  limit: number,
): Sql {
  const params = new Params();
  const table = scoped(walk.type, 'r', caller, params, { verb: 'search' });
  const where = [table.where, ...filters(walk, [walk.type], params)];
  if (after !== undefined) where.push(`r.rid > ${params.add(after)}::uuid`);
  if (walk.owners) where.push(`r.owner = any(${params.add(walk.owners)}::uuid[])`);
  else if (walk.inCharts)
    where.push(`(r.owner is not null or exists (select from records.compartment c
      where c.tenant = r.tenant and c.rid = r.rid and c.type = r.type offset 0))`);
  return prepared(
    `select ${rowColumns('r')}, '' as chart, r.type as ctype, r.rid as crid, null as earlier
     from ${table.from} where ${where.join('\n  and ')} order by r.rid limit ${params.add(limit)}::int`,
    params.values,
  );
}

/**
 * The next rows of some charts, by the edges that lead to them: one range of `edge_back` for each, and a probe of the
 * primary key for each row. Every edge comes back, its row only if it may be seen, so that a page costs what it looks at.
 */
export function alongCharts(
  caller: Caller,
  walk: ChartWalk,
  charts: readonly string[],
  after: WalkKey | undefined,
  limit: number,
): Sql {
  const params = new Params();
  const { types, target } = walk;
  const table = scoped(types, 'r', caller, params, { verb: 'search' });
  const tenant = params.once('tenant', caller.tenant);
  const wanted = params.add(types);
  const most = params.add(limit);
  const from = after
    ? `and (p.chart, e.source_type, e.source) > (${params.add(after.of)}::uuid, ${params.add(after.type)}::text collate "C", ${params.add(after.rid)}::uuid)`
    : '';
  const lists = () =>
    params.once('lists', Object.fromEntries(types.map((type) => [type, chartParams(type)])));
  // Whatever points at an encounter is about it; of what names a patient, only the compartment's references count.
  const counts = (alias: string) =>
    target === 'Encounter'
      ? 'true'
      : `(${lists()}::jsonb -> ${alias}.source_type) ?| ${alias}.params`;
  const goal = params.once('target', target);
  // The patient herself is in her chart, though nothing leads from her to herself.
  const herself =
    target === 'Patient' && types.includes('Patient')
      ? `union all select 'Patient', p.chart where true ${from.replaceAll('e.source_type', `'Patient'`).replaceAll('e.source', 'p.chart')}`
      : '';
  return prepared(
    `select ${rowColumns('r')}, c.chart, c.type as ctype, c.rid as crid,
       (select array_agg(e.target) from records.edge e where e.tenant = ${tenant} and e.source = c.rid
          and e.source_type = c.type and e.target_type = ${goal} and e.target < c.chart and ${counts('e')}) as earlier
     from (select p.chart, x.type, x.rid
       from unnest(${params.add(charts)}::uuid[]) p(chart)
       cross join lateral (
         (select e.source_type as type, e.source as rid from records.edge e where e.tenant = ${tenant}
            and e.target = p.chart and e.target_type = ${goal} and e.source_type = any(${wanted}::text[]) ${from} and ${counts('e')}
          order by e.source_type, e.source limit ${most}::int) ${herself}) x
       order by p.chart, x.type collate "C", x.rid limit ${most}::int) c
     left join lateral (select r.* from ${table.from}
       where r.type = c.type and r.rid = c.rid and ${table.where} and ${filters(walk, types, params).join(' and ')} offset 0) r on true
     order by c.chart, c.type collate "C", c.rid`,
    params.values,
  );
}
