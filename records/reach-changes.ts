/** Tells every process that somebody may have lost sight of a patient's chart: what is open must ask again. */
import type { Events, Log, Queryable } from '@afar/platform';

/** Events of this channel are `ReachChanged`. A lost one is made good by whoever asks again from time to time. */
export const reachChannel = 'records.reach-changed';

export interface ReachChanged {
  tenant: number;
  /** rid */
  patient: string;
}

/** Whom a transaction has touched so far; told once it is committed. */
const touched = new WeakMap<Queryable, Map<string, ReachChanged>>();

/** Remembers, for the commit of `sql`, that grants or denials of these patients have changed. */
export function noteReach(sql: Queryable, tenant: number, patients: readonly string[]): void {
  if (patients.length === 0) return;
  const known = touched.get(sql) ?? new Map<string, ReachChanged>();
  touched.set(sql, known);
  for (const patient of patients) known.set(patient, { tenant, patient });
}

/** Tells what was noted. Not waited for: the rows are changed, and every request asks them. */
export function tellReach({ events, log }: { events: Events; log: Log }, sql: Queryable): void {
  const changes = touched.get(sql);
  if (!changes) return;
  touched.delete(sql);
  for (const change of changes.values())
    events
      .publish(reachChannel, change)
      .catch((error: unknown) => log.warn({ err: error }, 'a change of reach was not told'));
}

interface Transactions {
  tx<T>(work: (sql: Queryable) => Promise<T>, opts?: { retries?: number }): Promise<T>;
}

/** A transaction that tells, once committed, whose chart somebody may have lost sight of. */
export async function telling<T>(
  ctx: { db: Transactions; events: Events; log: Log },
  work: (sql: Queryable) => Promise<T>,
  opts?: { retries?: number },
): Promise<T> {
  let last: Queryable | undefined;
  const value = await ctx.db.tx((sql) => {
    // What an attempt that failed has noted did not happen.
    touched.delete(sql);
    last = sql;
    return work(sql);
  }, opts);
  if (last) tellReach(ctx, last);
  return value;
}
