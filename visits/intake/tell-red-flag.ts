/** A red flag is told to staff at once: the clinician of the visit, or all who are on duty, or the nurses. */
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { onDuty } from '../presence/presence.ts';
import { tellClinician } from '../scheduling/telling.ts';
import { isUntaken, type VisitRow } from '../visit-row.ts';

/** In the transaction of the answers. */
export async function tellRedFlag(house: House, sql: Queryable, row: VisitRow): Promise<void> {
  const { tenant, rid, starts } = row;
  if (!isUntaken(row)) return tellClinician(house, sql, row, 'red-flag');
  const staff = await onDuty(house, sql, tenant);
  for (const clinician of staff)
    await tellClinician(house, sql, { tenant, rid, starts, clinician }, 'red-flag');
  const about = { visit: rid, at: starts };
  if (!staff.length)
    await house.access.notices.tell(
      { tenant, to: { role: 'nurse' }, kind: 'red-flag', about },
      sql,
    );
}
