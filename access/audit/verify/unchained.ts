/** Events that no link covers: put in by hand, or by a process that nobody has recovered yet. */
import type { Db } from '@afar/platform';
import type { AuditFault } from './faults.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const pageSize = 200;

// Events of one day that no link of about that day covers; a link made by a later recovery is looked for
// apart, for the few that are left.
const uncovered = `select e.id, e.at from access.audit_event e
left join (
  select unnest(events) as id from access.audit_link where at >= $2::bigint - ${hourMs} and at < $3::bigint + ${dayMs}
) l on l.id = e.id
where e.tenant = $1 and e.at >= $2 and e.at < $3 and (e.at, e.id) > ($4, $5::uuid) and l.id is null
order by e.at, e.id limit ${pageSize}`;

const coveredLater = `select distinct k.id from unnest($2::uuid[]) k(id)
join (select unnest(events) as id from access.audit_link where at >= $1) l on l.id = k.id`;

const noId = '00000000-0000-0000-0000-000000000000';

/** In order of their instants, of one clinic. */
export async function* unchained(
  db: Db,
  tenant: number,
  from: number,
  until: number,
): AsyncGenerator<AuditFault> {
  const first = await db.query<{ at: number | null }>(
    'select min(at) as at from access.audit_event where tenant = $1 and at >= $2',
    [tenant, from],
  );
  let start = first.rows[0]?.at ?? until;
  while (start < until) {
    const to = Math.min(start + dayMs, until);
    let after = { at: start - 1, id: noId };
    for (;;) {
      const { rows } = await db.query<{ id: string; at: number }>(uncovered, [
        tenant,
        start,
        to,
        after.at,
        after.id,
      ]);
      if (rows.length > 0) {
        const later = await db.query<{ id: string }>(coveredLater, [
          rows[0]!.at - hourMs,
          rows.map((row) => row.id),
        ]);
        const known = new Set(later.rows.map((row) => row.id));
        for (const { id, at } of rows)
          if (!known.has(id)) yield { at, event: id, why: 'unchained' };
      }
      if (rows.length < pageSize) break;
      after = rows.at(-1)!;
    }
    start = to;
  }
}
