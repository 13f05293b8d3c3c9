/** Tells a clinician and the office that a licence ends: 30, 7 and 1 days before, and when it has. Each once, whichever process looks. */
import type { Db } from '@afar/platform';
import type { Notices } from '../notices/notices.ts';
import type { Standings } from './standing.ts';

const day = 86_400_000;

// The row is the lock: of two processes one finds it warned already. A licence that another one of the same person outlives
// by the same reach is a renewed one; it still ends, and that is said.
const due = `with steps(days) as (values (0), (1), (7), (30)),
  due as (select l.tenant, l.id, min(s.days) as days from access.licence l, steps s
    where l.state = 'verified' and l.expires <= $1::bigint + s.days * $2::bigint and l.expires > $1::bigint - 30 * $2::bigint
    group by l.tenant, l.id)
update access.licence l set warned = d.days from due d
where l.tenant = d.tenant and l.id = d.id and l.warned > d.days
returning l.tenant, l.id, l.account, l.warned as days, l.expires`;

interface Due {
  tenant: number;
  id: string;
  account: string;
  days: number;
  expires: number;
}

/** Safe to run in every process, at any time. */
export async function warnOfEnds(deps: {
  db: Db;
  clock: { now(): number };
  notices: Notices;
  standings: Pick<Standings, 'tell'>;
}): Promise<void> {
  const { db, clock, notices, standings } = deps;
  const ended = await db.tx(async (tx) => {
    const { rows } = await tx.query<Due>(due, [clock.now(), day]);
    for (const { tenant, id, account, days, expires } of rows) {
      const about = { licence: id, days, expires };
      for (const to of [{ account }, { role: 'administrator' as const }])
        await notices.tell({ tenant, to, kind: 'licence-ending', about }, tx);
    }
    return new Set(rows.filter((row) => row.days === 0).map((row) => row.tenant));
  });
  // Nobody decides by it: whoever shows licences shows the end sooner.
  for (const tenant of ended) await standings.tell(tenant);
}
