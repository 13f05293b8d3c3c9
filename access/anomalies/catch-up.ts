/** What a killed process appended and had not yet counted is taken up by the next one, from the trail. */
import type { Db } from '@afar/platform';
import { columns, type EventRow } from '../audit/row.ts';

/** A request's instant lies before its event is appended; none takes longer than this, ms. */
const slackMs = 5 * 60_000;
/** A process that lives says so every half minute. */
export const deadMs = 2 * 60_000;
const pageSize = 5_000;

/** Everything this process appended before `at` has been counted. */
export async function keepMark(db: Db, boot: string, at: number): Promise<void> {
  await db.query({
    name: 'access.audit-feed-mark',
    text: `insert into access.audit_feed (boot, at) values ($1, $2)
      on conflict (boot) do update set at = excluded.at`,
    values: [boot, at],
  });
}

/** Everything has: nothing is left to take up. */
export const dropMark = (db: Db, boot: string): Promise<unknown> =>
  db.query('delete from access.audit_feed where boot = $1', [boot]);

/** The events from where the first of the others stopped, a page at a time; marks of the dead go when all are told. */
export async function* catchUp(db: Db, boot: string, now: number): AsyncGenerator<EventRow[]> {
  const marks = await db.query<{ at: number | null }>(
    'select min(at) as at from access.audit_feed where boot <> $1',
    [boot],
  );
  const first = marks.rows[0]?.at ?? null;
  if (first === null) return;
  const tenants = await db.query<{ tenant: number }>(
    'select distinct tenant from access.account union select distinct tenant from access.client',
  );
  for (const { tenant } of tenants.rows) {
    let at = first - slackMs;
    let id = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const { rows } = await db.query<EventRow>(
        `select ${columns} from access.audit_event
         where tenant = $1 and (at, id) > ($2, $3::uuid) and at <= $4 order by at, id limit ${pageSize}`,
        [tenant, at, id, now],
      );
      if (rows.length > 0) yield rows;
      if (rows.length < pageSize) break;
      ({ at, id } = rows.at(-1)!);
    }
  }
  await db.query('delete from access.audit_feed where boot <> $1 and at < $2', [
    boot,
    now - deadMs,
  ]);
}
