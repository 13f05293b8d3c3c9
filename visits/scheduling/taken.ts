/** What of somebody's time is taken now; a hold that ran out takes nothing. */
import type { Queryable } from '@afar/platform';
import type { Span } from './open-hours.ts';

export interface Taken extends Span {
  lane: number;
}

export interface TakenQuery {
  tenant: number;
  actors: readonly string[];
  span: Span;
  now: number;
  /** Time taken by these counts as free. */
  except?: readonly string[];
  /** What this account holds of this free time counts as free, whether or not she knows yet that she holds it. */
  holder?: { account: string; slot: string };
}

/** By actor; those of whom nothing is taken are left out. */
export async function takenSpans(
  sql: Queryable,
  { tenant, actors, span, now, except = [], holder }: TakenQuery,
): Promise<Map<string, Taken[]>> {
  const found = new Map<string, Taken[]>();
  if (actors.length === 0) return found;
  const { rows } = await sql.query<Taken & { actor: string }>({
    name: 'visits.taken',
    text: `select actor, lane, lower(blocked) as start, upper(blocked) as "end" from visits.busy
      where tenant = $1 and actor = any($2::uuid[]) and blocked && int8range($3, $4)
        and (expires is null or expires > $5) and source <> all($6::uuid[])
        and source <> all(array(select id from visits.hold
          where tenant = $1 and account = $7 and slot = $8))`,
    values: [
      tenant,
      actors,
      span.start,
      span.end,
      now,
      except,
      holder?.account ?? null,
      holder?.slot ?? null,
    ],
  });
  for (const { actor, ...one } of rows) {
    const list = found.get(actor);
    if (list) list.push(one);
    else found.set(actor, [one]);
  }
  return found;
}

/** A time is free while one lane has nothing in the way of it. */
export function isFree(blocked: Span, capacity: number, taken: readonly Taken[]): boolean {
  const lanes = new Set(
    taken
      .filter((one) => one.start < blocked.end && one.end > blocked.start && one.lane < capacity)
      .map((one) => one.lane),
  );
  return lanes.size < capacity;
}
