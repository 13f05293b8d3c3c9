/** Time that came free is offered to those who wait for it: by a job that commits with what freed it. */
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';

export const offerTask = 'visits.waitlist';

/** In the transaction that frees time of this clinician; nothing happens where nobody waits. */
export async function timeFreed(
  house: Pick<House, 'jobs'>,
  sql: Queryable,
  { tenant, clinician }: { tenant: number; clinician: string },
): Promise<void> {
  const { rowCount } = await sql.query({
    name: 'visits.anybody-waits',
    text: `select from visits.waitlist where tenant = $1 and state = 'waiting' and $2 = any(clinicians) limit 1`,
    values: [tenant, clinician],
  });
  if (!rowCount) return;
  const key = `${offerTask}|${tenant}|${clinician}`;
  await house.jobs.add(sql, offerTask, { tenant, clinician }, { key });
}
