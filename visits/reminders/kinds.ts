/** What can be reminded of: whether it still stands, who may be told, and what is said. */
import type { ContactTopic, PushSaid, Reach } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { scheduleOf } from '../scheduling/schedules.ts';
import { rulesOf } from './rules.ts';
import { surveySaid, visitSaid, type Said } from './words.ts';

export interface Reminder {
  tenant: number;
  id: string;
  kind: string;
  subject: string;
  account: string;
  way: 'app' | 'mail' | 'sms' | 'push';
  rule: string;
  about: number;
  due: number;
  until: number;
  tries: number;
}

export interface Kind {
  topic: ContactTopic;
  notice: 'reminder' | 'survey';
  /** Why it is not told any more; undefined: it stands. Holds the row until the claim is committed. */
  over(tx: Queryable, one: Reminder): Promise<'moved' | 'over' | undefined>;
  said(house: House, one: Reminder, who: Reach): Promise<Said & { push: PushSaid }>;
}

/** On whose clock somebody reads who has said nothing: the clinic's, as the clinician's schedule has it. */
export async function zoneOf(house: House, { tenant, subject }: Reminder, who: Reach) {
  if (who.zone) return who.zone;
  const { rows } = await house.db.query<{ clinician: string }>({
    name: 'visits.reminder-clinician',
    text: 'select clinician from visits.visit where tenant = $1 and rid = $2',
    values: [tenant, subject],
  });
  const schedule = rows[0] && (await scheduleOf(house.db, tenant, rows[0].clinician));
  return schedule?.rule.zone ?? 'UTC';
}

const addressOf = (house: House, tenant: number): string =>
  (house.baseUrlOf ?? (() => house.baseUrl))(tenant);

const visit: Kind = {
  topic: 'visits',
  notice: 'reminder',
  async over(tx, { tenant, subject, about }) {
    // A reschedule that is under way is waited for: it either comes first, and this is dropped, or finds this handed over.
    const { rows } = await tx.query<{ state: string; starts: number }>({
      name: 'visits.reminder-stands',
      text: 'select state, starts from visits.visit where tenant = $1 and rid = $2 for share',
      values: [tenant, subject],
    });
    if (rows[0]?.state !== 'booked') return 'over';
    return rows[0].starts === about ? undefined : 'moved';
  },
  async said(house, one, who) {
    const { rules } = await rulesOf(house.db, one.tenant);
    const path = `/patient/visits/${one.subject}`;
    return visitSaid(who.locale, {
      ...(rules.sayTime && { at: one.about, zone: await zoneOf(house, one, who) }),
      url: addressOf(house, one.tenant) + path,
      path,
    });
  },
};

const survey: Kind = {
  topic: 'surveys',
  notice: 'survey',
  async over(tx, { tenant, subject }) {
    const { rows } = await tx.query<{ state: string }>({
      name: 'visits.survey-stands',
      text: 'select state from visits.survey where tenant = $1 and visit = $2 for share',
      values: [tenant, subject],
    });
    return rows[0]?.state === 'open' ? undefined : 'over';
  },
  said(house, { tenant, subject }, who) {
    const path = `/patient/visits/${subject}/survey`;
    return Promise.resolve(surveySaid(who.locale, { url: addressOf(house, tenant) + path, path }));
  },
};

const kinds: Readonly<Record<string, Kind>> = { visit, survey };
export const kindOf = (name: string): Kind | undefined => kinds[name];

/** Whether this person may see the visit now: one who speaks for the patient may be shut out of it. */
export async function maySee(house: House, one: Reminder): Promise<boolean> {
  const { tenant, account, subject } = one;
  const caller = await house.access.standIn({ tenant, kind: 'user', id: account }, 'remind', {
    whileClosed: true,
  });
  if (!caller) return false;
  return (await readIfSeen<Appointment>(house, caller, 'Appointment', subject)) !== undefined;
}
