/** Visits of several actors in a span: clinicians by their own, rooms and interpreters by what they were taken along to. */
import type { Queryable } from '@afar/platform';
import type { VisitRow } from '../visit-row.ts';
import type { Span } from './open-hours.ts';

export type CalendarRow = Pick<
  VisitRow,
  | 'rid'
  | 'patient'
  | 'clinician'
  | 'mode'
  | 'state'
  | 'starts'
  | 'ends'
  | 'urgent'
  | 'red_flag'
  | 'series'
  | 'series_index'
> & { along: string[]; series_of: number | null };

/** The longest visit a rule allows: what began earlier is over. */
const longest = 480 * 60_000;

/** Everything but what was called off, ascending. */
export async function visitsOfActors(
  sql: Queryable,
  tenant: number,
  actors: readonly string[],
  { start, end }: Span,
  limit: number,
): Promise<CalendarRow[]> {
  const { rows } = await sql.query<CalendarRow>({
    name: 'visits.calendar',
    text: `with wanted as (
        select rid from visits.visit
          where tenant = $1 and clinician = any($2::uuid[]) and starts < $4 and starts > $5
        union
        select c.visit from visits.companion c where c.tenant = $1 and c.resource = any($2::uuid[])
      )
      select v.rid, v.patient, v.clinician, v.mode, v.state, v.starts, v.ends, v.urgent, v.red_flag,
        v.series, v.series_index, s.times as series_of,
        array(select c.resource::text from visits.companion c where c.tenant = $1 and c.visit = v.rid) as along
      from wanted w
        join visits.visit v on v.tenant = $1 and v.rid = w.rid
        left join visits.series s on s.tenant = v.tenant and s.id = v.series
      where v.starts < $4 and v.starts > $5 and v.ends > $3 and v.state <> 'cancelled'
      order by v.starts, v.rid limit $6`,
    values: [tenant, actors, start, end, start - longest, limit],
  });
  return rows;
}
