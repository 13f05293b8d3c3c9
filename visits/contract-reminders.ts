/** What is said about reminders over HTTP: types only. */
import type { Instant } from './contract-schedule.ts';

/** When somebody is reminded of a visit: so long before it, or at a time of the day before, on her own clock. */
export type ReminderRule =
  /** Minutes that pass, whatever clocks do. */
  | { id: string; before: number }
  /** `18:00` of the day so many days before the visit's. */
  | { id: string; daysBefore: number; at: string };

/** `GET` and `PUT /api/reminders/rules`, for the office. */
export interface ReminderRules {
  /** By when they start; six at most; none: nobody is reminded. */
  visits: ReminderRule[];
  /** Whether mail and SMS say day and time; otherwise that an appointment is near. */
  sayTime: boolean;
  /** Minutes after the end of a visit when its survey is mailed; 0: it is not. */
  surveyAfter: number;
}

export type ReminderWay = 'app' | 'mail' | 'sms' | 'push';
/** `unknown`: it was handed over, and no answer came: it may have arrived, and is not sent again. */
export type ReminderState = 'planned' | 'handing' | 'sent' | 'unknown' | 'failed' | 'dropped';

/** `GET /api/visits/:id/reminders`, for who takes part or cares. */
export interface VisitReminders {
  reminders: {
    rule: string;
    way: ReminderWay;
    due: Instant;
    state: ReminderState;
    /** Why it was dropped or failed: `moved`, `over`, `unwanted`, `late`, or a code of the gateway's protocol. */
    fault?: string;
  }[];
}

/** `GET /api/reminders/standing`, for the office: what became of reminders in the last 30 days, by way; no person in it. */
export interface ReminderStanding {
  ways: ({ way: ReminderWay } & Record<'sent' | 'unknown' | 'failed', number>)[];
}
