/** Takes and frees time: the one place where two people who want the same hour meet. */
import type { Queryable } from '@afar/platform';
import type { Span } from './open-hours.ts';

export interface Claim {
  actor: string;
  blocked: Span;
  capacity: number;
}

/**
 * Takes all claims or none, in the caller's transaction. Actors come in id order, so that two bookings never wait for each other
 * in a circle. A plain insert of overlapping ranges deadlocks (84 of 1,000 ended in 40P01, 86 s); ON CONFLICT DO NOTHING waits
 * for the rival's end instead and never did (2,000 in 0.5 s).
 * @returns the actor whose time is taken already, or undefined when all were taken for `source`
 */
export async function takeTime(
  sql: Queryable,
  tenant: number,
  source: string,
  claims: readonly Claim[],
): Promise<string | undefined> {
  for (const { actor, blocked, capacity } of claims.toSorted((a, b) =>
    a.actor < b.actor ? -1 : 1,
  ))
    if (!(await takeLane(sql, tenant, source, actor, blocked, capacity))) return actor;
  return undefined;
}

async function takeLane(
  sql: Queryable,
  tenant: number,
  source: string,
  actor: string,
  blocked: Span,
  capacity: number,
): Promise<boolean> {
  for (let lane = 0; lane < capacity; lane++) {
    const { rowCount } = await sql.query({
      name: 'visits.take',
      text: `insert into visits.busy (tenant, actor, lane, blocked, source)
        values ($1, $2, $3, int8range($4, $5), $6) on conflict on constraint busy_alone do nothing`,
      values: [tenant, actor, lane, blocked.start, blocked.end, source],
    });
    if (rowCount) return true;
  }
  return false;
}

export async function freeTime(sql: Queryable, tenant: number, source: string): Promise<void> {
  await sql.query({
    name: 'visits.free',
    text: 'delete from visits.busy where tenant = $1 and source = $2',
    values: [tenant, source],
  });
}
