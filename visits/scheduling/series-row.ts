/** A series as the room keeps it: how it repeats; its dates are visits that name it. */
import type { Queryable } from '@afar/platform';
import type { Repeat } from '../contract.ts';
import type { VisitRow } from '../visit-row.ts';

export interface SeriesRow extends Repeat {
  id: string;
}

export async function findSeries(
  sql: Queryable,
  tenant: number,
  id: string,
): Promise<SeriesRow | undefined> {
  const { rows } = await sql.query<SeriesRow>({
    name: 'visits.series',
    text: 'select id, every, times from visits.series where tenant = $1 and id = $2',
    values: [tenant, id],
  });
  return rows[0];
}

export async function addSeries(
  sql: Queryable,
  tenant: number,
  { id, every, times }: SeriesRow,
  now: number,
): Promise<void> {
  await sql.query({
    name: 'visits.add-series',
    text: 'insert into visits.series (tenant, id, every, times, made) values ($1, $2, $3, $4, $5)',
    values: [tenant, id, every, times, now],
  });
}

/** Which date of how many a visit is. */
export async function seriesBrief(
  sql: Queryable,
  { tenant, series, series_index: index }: Pick<VisitRow, 'tenant' | 'series' | 'series_index'>,
): Promise<{ id: string; index: number; of: number } | undefined> {
  if (series === null || index === null) return undefined;
  const found = await findSeries(sql, tenant, series);
  return found && { id: series, index, of: found.times };
}

/** Dates of a series from this index on that nobody has begun or called off, in order. */
export async function datesFrom(
  sql: Queryable,
  tenant: number,
  series: string,
  index: number,
): Promise<string[]> {
  const { rows } = await sql.query<{ rid: string }>({
    name: 'visits.series-from',
    text: `select rid from visits.visit where tenant = $1 and series = $2 and series_index >= $3
        and state in ('requested', 'booked', 'waiting') order by series_index`,
    values: [tenant, series, index],
  });
  return rows.map((row) => row.rid);
}

/** Every date that was booked, called off ones too, in order. */
export async function visitsOfSeries(
  sql: Queryable,
  tenant: number,
  series: string,
): Promise<string[]> {
  const { rows } = await sql.query<{ rid: string }>({
    name: 'visits.of-series',
    text: 'select rid from visits.visit where tenant = $1 and series = $2 order by series_index',
    values: [tenant, series],
  });
  return rows.map((row) => row.rid);
}
