/** What is said of being seen now: the service, who is on duty, taking a visit, triage, presence. Types only. */
import type { Instant, VisitMode } from './contract-schedule.ts';

/** `GET`, `PUT /api/on-demand/settings` (administrator). */
export interface OnDemandSettings {
  open: boolean;
  modes: VisitMode[];
  /** Nobody more is let in while so many wait; 1 to 200. */
  mostWaiting: number;
  /** Minutes one visit is planned for; 5 to 120. */
  minutes: number;
}

/** `GET /api/on-demand` (no sign-in needed where times are shown without). */
export interface OnDemandNow {
  open: boolean;
  modes: VisitMode[];
  /** Clinicians on duty now. */
  onDuty: number;
  waiting: number;
  /** Minutes a newcomer may wait; absent while too little is known. */
  waitMinutes?: number;
}

/**
 * `POST /api/on-demand`, header `Idempotency-Key` -> 201 `AppointmentView` with `onDemand: 'asked'`. 409 `conflict` when it is closed,
 * nobody is on duty, too many wait, or she waits already; 403 `licence-required` when nobody on duty may see her where she is.
 */
export interface OnDemandRequest {
  type: VisitMode;
  reason: string;
  patient?: string;
  place?: string;
}

/** One who waits for whoever is free: what triage needs, and no name before somebody has taken her. */
export interface PoolEntry {
  /** Visit id. */
  id: string;
  waitingSince: Instant;
  waitedSeconds: number;
  priority: number;
  redFlag: boolean;
  mode: VisitMode;
  reason: string;
  /** Years. */
  age?: number;
  gender?: string;
  present: boolean;
  /** The reader's licence reaches where she is. */
  mayTake: boolean;
}

/**
 * `GET /api/on-demand/queue` (practitioner on duty, nurse). `POST /api/on-demand/:id/take` (practitioner on duty) -> `AppointmentView`; 409
 * `conflict` when a colleague was faster. `POST /api/on-demand/:id/release` gives her back, in her old place, before admission.
 */
export interface PoolQueue {
  asOf: Instant;
  entries: PoolEntry[];
}

/** `POST /api/visits/:id/triage` (clinician of the visit, nurse) and `POST /api/on-demand/:id/triage` (on duty, nurse) -> 204. */
export interface TriageRequest {
  level: 'urgent' | 'routine' | 'can-wait';
}

export type Presence = 'online' | 'on-call' | 'away' | 'offline';

/** `PUT /api/presence` (practitioner), every 30 s while her page is open -> `PresenceView`. */
export interface PresenceRequest {
  away: boolean;
  /** Takes whoever waits for anybody. */
  onDuty: boolean;
}

/** `GET /api/presence` (staff). */
export interface PresenceView {
  colleagues: {
    id: string;
    name: string;
    specialty: string;
    presence: Presence;
    onDuty: boolean;
  }[];
}
