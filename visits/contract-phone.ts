/** What is said when the way is too bad: going on by telephone, calling somebody back. Types only. */
import type { Instant } from './contract-schedule.ts';

/**
 * `POST /api/visits/:id/phone` (clinician, open visit) -> 200 `OnPhone`. Recorded on the Encounter: how it goes on, since when, by whom, why. Safe
 * to repeat. The numbers stand in this answer and nowhere else.
 */
export interface PhoneRequest {
  reason: 'network' | 'device' | 'asked' | 'other';
}

export interface OnPhone {
  at: Instant;
  by: string;
  reason: PhoneRequest['reason'];
  /** Of the chart, those for calls first; empty when it has none. */
  numbers: { number: string; use?: string }[];
}

/**
 * `POST /api/visits/:id/call-again` (clinician, open visit) -> 200. The patient is told by a notice (list, mail, push: as she wants it) that she is
 * awaited; once a minute at most (429).
 */
export interface CalledAgain {
  at: Instant;
  /** Her browser holds a seat at this moment: nobody was told. */
  present: boolean;
}
