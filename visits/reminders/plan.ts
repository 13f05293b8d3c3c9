/** Lays out what is due for each visit ahead, and anew when it was moved: told by hints, made sure of by a look each minute. */
import { randomUUID } from 'node:crypto';
import { accountsSpeakingFor } from '@afar/records';
import { within, type Queryable } from '@afar/platform';
import type { ReminderWay } from '../contract-reminders.ts';
import type { House } from '../house.ts';
import { scheduleOf } from '../scheduling/schedules.ts';
import { duesOf, tooLateMs } from './due.ts';
import { rulesOf } from './rules.ts';

export const ways: readonly ReminderWay[] = ['app', 'mail', 'sms', 'push'];

/** One thing to tell somebody, by each way she may want; which she does want is asked when it is due. */
export interface Wish {
  tenant: number;
  kind: string;
  subject: string;
  account: string;
  rule: string;
  /** The instant it reminds of; ms since epoch, as the others. */
  about: number;
  due: number;
  until: number;
  ways: readonly ReminderWay[];
}

/** In the caller's transaction; what is there already stays as it is. */
export async function addReminders(sql: Queryable, wish: Wish, now: number): Promise<void> {
  await sql.query({
    name: 'visits.add-reminders',
    text: `insert into visits.reminder (tenant, id, kind, subject, account, way, rule, about, due, until, changed)
      select $1, x.id, $2, $3, $4, x.way, $5, $6, $7, $8, $9 from unnest($10::uuid[], $11::text[]) x(id, way)
      on conflict on constraint reminder_once do nothing`,
    values: [
      wish.tenant,
      wish.kind,
      wish.subject,
      wish.account,
      wish.rule,
      wish.about,
      wish.due,
      wish.until,
      now,
      // Random: they tell neither when nor in which order they were laid out.
      wish.ways.map(() => randomUUID()),
      wish.ways,
    ],
  });
}

interface Ahead {
  tenant: number;
  rid: string;
  patient: string;
  clinician: string;
  starts: number;
  revision: number;
}

/** Rules reach a week back at most; a day more for clocks that change. */
const aheadMs = 8 * 86_400_000;
const atOnce = 100;

const stale = `select v.tenant, v.rid, v.patient, v.clinician, v.starts, coalesce(r.revision, 0) as revision
  from visits.visit v
  left join visits.reminder_rule r on r.tenant = v.tenant
  left join visits.reminder_plan p on p.tenant = v.tenant and p.visit = v.rid
  where v.state = 'booked' and v.starts > $1 and v.starts < $2
    and (p.visit is null or p.starts <> v.starts or p.revision <> coalesce(r.revision, 0))
  order by v.starts, v.rid limit ${atOnce}`;

async function planVisit(house: House, visit: Ahead): Promise<void> {
  const { tenant, rid, starts } = visit;
  const { access, clock, db } = house;
  const now = clock.now();
  const [{ rules, revision }, schedule, accounts] = await Promise.all([
    rulesOf(db, tenant),
    scheduleOf(db, tenant, visit.clinician),
    accountsSpeakingFor(house, tenant, visit.patient),
  ]);
  const reaches = await Promise.all(
    accounts.map((account) => access.contacts.reach(tenant, account, 'visits')),
  );
  await db.tx(async (tx) => {
    await tx.query(
      `insert into visits.reminder_plan (tenant, visit, starts, revision, planned) values ($1, $2, $3, $4, $5)
       on conflict (tenant, visit) do update set starts = excluded.starts, revision = excluded.revision, planned = excluded.planned`,
      [tenant, rid, starts, revision, now],
    );
    // What was laid out for another time, or by other rules, and has not left.
    await tx.query(
      `update visits.reminder set state = 'dropped', fault = 'moved', changed = $4
       where tenant = $1 and kind = 'visit' and subject = $2 and state = 'planned'
         and (about <> $3 or not rule = any($5::text[]))`,
      [tenant, rid, starts, now, rules.visits.map((one) => one.id)],
    );
    for (const who of reaches) {
      if (who?.role !== 'patient') continue;
      const zone = who.zone ?? schedule?.rule.zone ?? 'UTC';
      for (const { rule, due } of duesOf(rules.visits, starts, zone, who.quiet, now)) {
        const until = starts - tooLateMs;
        const of = { tenant, kind: 'visit', subject: rid, account: who.account, ways };
        await addReminders(tx, { ...of, rule, about: starts, due, until }, now);
      }
    }
  });
}

/** @returns how many visits were laid out */
export async function planAhead(house: House): Promise<number> {
  const now = house.clock.now();
  const { rows } = await house.db.query<Ahead>({
    name: 'visits.reminders-stale',
    text: stale,
    values: [now, now + aheadMs],
  });
  for (const visit of rows) await within(visit.tenant, () => planVisit(house, visit));
  return rows.length;
}
