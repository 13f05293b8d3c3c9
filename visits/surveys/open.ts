/** Opens a survey for each visit that has ended, and lays out who is told of it and when. */
import { quietEnds } from '@afar/access';
import { within, type Queryable } from '@afar/platform';
import { accountsSpeakingFor } from '@afar/records';
import type { House } from '../house.ts';
import { addReminders } from '../reminders/plan.ts';
import { rulesOf } from '../reminders/rules.ts';
import { scheduleOf } from '../scheduling/schedules.ts';
import type { VisitRow } from '../visit-row.ts';

/** After two weeks nobody remembers how well she could hear. */
export const openForMs = 14 * 86_400_000;
/** Ended longer ago than this, a visit is not asked about any more: the clinic was down, or has just begun to ask. */
const askWithinMs = 2 * 86_400_000;
const atOnce = 100;

type Ended = Pick<VisitRow, 'tenant' | 'rid' | 'patient' | 'clinician' | 'mode'> & {
  ended_at: number;
};

/** Safe to repeat. @returns whether it was opened now */
export async function openSurvey(sql: Queryable, visit: Ended): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'visits.open-survey',
    text: `insert into visits.survey (tenant, visit, patient, clinician, mode, ended, state)
      values ($1, $2, $3, $4, $5, $6, 'open') on conflict do nothing`,
    values: [visit.tenant, visit.rid, visit.patient, visit.clinician, visit.mode, visit.ended_at],
  });
  return rowCount === 1;
}

async function openAndTell(house: House, visit: Ended): Promise<void> {
  const { access, clock, db } = house;
  const { tenant, rid, ended_at: ended } = visit;
  const now = clock.now();
  const [{ rules }, schedule, accounts] = await Promise.all([
    rulesOf(db, tenant),
    scheduleOf(db, tenant, visit.clinician),
    accountsSpeakingFor(house, tenant, visit.patient),
  ]);
  const reaches = await Promise.all(
    accounts.map((account) => access.contacts.reach(tenant, account, 'surveys')),
  );
  await db.tx(async (tx) => {
    await openSurvey(tx, visit);
    const { rowCount } = await tx.query(
      'update visits.survey set told = true where tenant = $1 and visit = $2 and not told',
      [tenant, rid],
    );
    // Another process was faster.
    if (!rowCount) return;
    for (const who of reaches) {
      if (who?.role !== 'patient') continue;
      const of = { tenant, kind: 'survey', subject: rid, account: who.account, rule: 'after' };
      const until = ended + openForMs;
      // Asked on the page at once; from afar when she has left the room, once, and not at night.
      await addReminders(tx, { ...of, about: ended, due: now, until, ways: ['app'] }, now);
      if (rules.surveyAfter === 0) continue;
      const zone = who.zone ?? schedule?.rule.zone ?? 'UTC';
      const due = quietEnds(ended + rules.surveyAfter * 60_000, zone, who.quiet);
      await addReminders(tx, { ...of, about: ended, due, until, ways: ['mail', 'push'] }, now);
    }
  });
}

/** Every visit that has ended and of whose survey nobody was told yet. */
export async function openSurveys(house: House): Promise<void> {
  const { rows } = await house.db.query<Ended>({
    name: 'visits.surveys-due',
    text: `select v.tenant, v.rid, v.patient, v.clinician, v.mode, v.ended_at from visits.visit v
      where v.state = 'ended' and v.ended_at > $1
        and not exists (select from visits.survey s where s.tenant = v.tenant and s.visit = v.rid and s.told)
      order by v.ended_at limit ${atOnce}`,
    values: [house.clock.now() - askWithinMs],
  });
  for (const visit of rows) await within(visit.tenant, () => openAndTell(house, visit));
}
