/** What is said about times: clinicians, free times, appointments, the intake, availability rules. Types only. */

import type { CancelClass, ResourceBrief } from './contract-calendar.ts';

/** Instants are RFC 3339 in UTC with milliseconds (`2027-03-15T13:00:00.000Z`); zones are IANA names; ids are UUIDs. */
export type Instant = string;

/**
 * Every refusal (4xx, 5xx) is a FHIR OperationOutcome: 401 unauthenticated, 403 not this role, 404 not yours or not
 * there, 409 taken or wrong state, 422 invalid (one issue per fault, `expression` points at the field), 429, 503.
 * `details.coding[0].code` is the refusal code of `@afar/fhir` (`slot-taken`, `conflict`, ...).
 */
export interface Outcome {
  resourceType: 'OperationOutcome';
  issue: {
    severity: 'fatal' | 'error' | 'warning' | 'information';
    code: string;
    details?: { coding?: { system?: string; code?: string }[]; text?: string };
    diagnostics?: string;
    expression?: string[];
  }[];
}

/** How patient and clinician meet. */
export type VisitMode = 'video' | 'audio' | 'chat' | 'in-person';

export interface Clinician {
  /** Practitioner id. */
  id: string;
  name: string;
  /** What they do, for people ("Cardiology"); empty when the directory does not say. */
  specialty: string;
  /** The clinic's zone: show it only when it differs from the reader's at that instant. */
  zone: string;
  languages: string[];
  modes: VisitMode[];
  /** Minutes of one visit. */
  minutes: number;
  /** First bookable start within the horizon, if any. */
  nextFree?: Instant;
  /** Where her licences reach (ISO 3166 codes); absent where the clinic asks for none. */
  jurisdictions?: string[];
  /** A booking is a request until the clinic confirms it. */
  confirm?: boolean;
}

/** `GET /api/clinicians` (no sign-in needed). Only clinicians with an active schedule. */
export interface Clinicians {
  clinicians: Clinician[];
}

/** `POST /api/slots` (no sign-in needed). `to` exclusive; at most 42 days apart. */
export interface SlotsRequest {
  clinician: string;
  from: Instant;
  to: Instant;
  /** How they would meet: left out, any. A clinician who needs a room in person is offered when one is free, too. */
  type?: VisitMode;
  /** Only times at which an interpreter of this language (`es`) is free, too. */
  interpreter?: string;
  /**
   * Whose visit it would be: times at which she has another one are left out. Left out, a patient's own; a dependant's, or for staff
   * a patient's, by her id.
   */
  patient?: string;
  /** The appointment that would be moved there: its patient is asked about, and its own time is none that she has planned. */
  moving?: string;
  /** Staff: only times at which these rooms and interpreters are free, too. */
  with?: string[];
}

/** One free time. The id is deterministic (schedule and start), the same for everybody and every process. */
export interface FreeSlot {
  id: string;
  start: Instant;
  end: Instant;
}

/** Answer of `POST /api/slots`, ascending by start. */
export type Slots = FreeSlot[];

/**
 * `POST /api/appointments`, header `Idempotency-Key` required (any string of 8 to 128 printable characters; a UUID made
 * once per form). 201 `AppointmentView`; the same key replays the same answer; 409 `slot-taken`, `patient-elsewhere`, `too-many-bookings`; 422 faults (past, too
 * near, unknown slot, reason empty or over 500 characters).
 */
export interface BookRequest {
  slotId: string;
  type: VisitMode;
  reason: string;
  /** Staff who book for somebody else name the patient; a patient may leave it out and may name only herself. */
  patient?: string;
  /**
   * Where the patient will be: `ES`, `US-NY`. Left out: where she said last, else where her record says she lives. 403
   * `licence-required` when the clinician's licence does not reach it; `diagnostics` names who may instead.
   */
  place?: string;
  /** A hold of this very time by the same account (`POST /api/holds`): consumed by the booking. */
  hold?: string;
  /** Language (`es`) of an interpreter to take along: any that is free then. 409 `slot-taken` (`expression` `interpreter`) when none is. */
  interpreter?: string;
  /** Staff: ids of rooms and interpreters taken along, all or nothing. 409 `slot-taken`, `expression` `with`. */
  with?: string[];
  /** She says that it is urgent; staff see the mark. */
  urgent?: boolean;
}

/** `GET /api/place?patient=`: what a booking is offered; staff name the patient. */
export interface UsualPlace {
  /** Absent: nobody knows. */
  place?: string;
  /** False: this clinic does not ask. */
  asked: boolean;
}

/**
 * Life of a visit, as one word; mirrors visits/state.ts. `requested`: asked for, the clinic has yet to confirm; the time is not
 * hers until then.
 */
export type VisitState =
  | 'requested'
  | 'booked'
  | 'waiting'
  | 'admitted'
  | 'in-progress'
  | 'ended'
  | 'cancelled'
  | 'no-show';

export interface PatientBrief {
  id: string;
  name: string;
  birthDate?: string;
  gender?: string;
}

export interface AppointmentView {
  /** Appointment id; also the visit id in every `/api/visits/:id`. */
  id: string;
  state: VisitState;
  start: Instant;
  end: Instant;
  /** The clinic's zone. */
  zone: string;
  mode: VisitMode;
  reason: string;
  clinician: { id: string; name: string; specialty: string };
  /** Present for staff. */
  patient?: PatientBrief;
  intake: 'missing' | 'completed';
  /** True if an intake answer was a red flag: show the emergency message, mark the row. */
  redFlag: boolean;
  /** Earliest instant at which `arrive` is accepted. */
  arriveFrom: Instant;
  canCancel: boolean;
  /** Encounter id once admitted. */
  encounter?: string;
  /** The note is signed and the summary can be read. */
  summaryReady: boolean;
  /** Asked of whoever is on duty; `asked`: nobody has taken it, and `clinician` has no name yet. */
  onDemand?: 'asked' | 'taken';
  urgent: boolean;
  canReschedule: boolean;
  /** Rooms and interpreters taken along. */
  with: ResourceBrief[];
  /** Until when it can be cancelled or moved at no consequence; absent: until it begins. */
  freeUntil?: Instant;
  /** Present once cancelled. */
  cancelled?: { class?: CancelClass; late: boolean; by: 'patient' | 'staff' };
  series?: { id: string; index: number; of: number };
}

/** `GET /api/appointments?when=upcoming|past&cursor=` (mine as patient or as clinician). Upcoming ascending, past descending. */
export interface AppointmentList {
  appointments: AppointmentView[];
  /** Pass back as `cursor` for the next page. */
  next?: string;
}

/** `POST /api/appointments/:id/cancel` (`Idempotency-Key` optional) -> `AppointmentView`. 409 once admitted. */
export interface CancelRequest {
  /** In words, at most 500 characters. */
  reason?: string;
  class?: CancelClass;
  /** Staff: no late cancellation, whatever the policy says. */
  waive?: boolean;
  /** `following`: this one and the later ones of its series. Default `this`. */
  scope?: 'this' | 'following';
}

export type IntakeValue = boolean | number | string;

export interface IntakeQuestion {
  linkId: string;
  text: string;
  /** `date` is `YYYY-MM-DD`; `choice` answers with an option's code; `group` and `display` take no answer. */
  type:
    | 'group'
    | 'display'
    | 'boolean'
    | 'integer'
    | 'decimal'
    | 'date'
    | 'string'
    | 'text'
    | 'choice'
    | 'open-choice';
  required: boolean;
  /** True: the answer is a list. */
  repeats: boolean;
  maxLength?: number;
  options?: { code: string; display: string }[];
  /** Asked only when this holds (FHIR `enableWhen`). */
  enableWhen?: {
    question: string;
    operator: 'exists' | '=' | '!=' | '>' | '<' | '>=' | '<=';
    answer: IntakeValue;
  }[];
  enableBehavior?: 'all' | 'any';
  items?: IntakeQuestion[];
}

/** `GET /api/appointments/:id/intake`. */
export interface Intake {
  questionnaire: string;
  title: string;
  questions: IntakeQuestion[];
  /** Present once answered. */
  answers?: Record<string, IntakeValue | IntakeValue[]>;
  completedAt?: Instant;
  redFlag: boolean;
}

/** `POST /api/appointments/:id/intake`. 422 with one issue per fault; `expression[0]` is the `linkId`. May be sent again until admitted. */
export interface IntakeRequest {
  answers: Record<string, IntakeValue | IntakeValue[]>;
}

export interface IntakeResult {
  completedAt: Instant;
  redFlag: boolean;
  /** i18n key of the message to show at once when `redFlag`: call the local emergency number, do not wait for the visit. */
  messageKey?: 'intake.emergency';
  /** Questions whose answers raised it. */
  flagged?: string[];
}

/** Wall-clock times of the schedule's zone, `HH:MM`; `end` at or before `start` runs past midnight; `24:00` is allowed as end. */
export interface WeeklyHours {
  /** 1 = Monday .. 7 = Sunday [ISO 8601]. */
  day: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  start: string;
  end: string;
}

/** A day that differs from the week: other hours, or none at all. */
export interface ScheduleException {
  /** `YYYY-MM-DD` in the schedule's zone. */
  date: string;
  hours: { start: string; end: string }[];
  /** True: these hours come on top of the week's; else they replace them. */
  adds?: boolean;
}

/** `GET /api/schedules/:clinician`, `PUT` the same (administrator, or the practitioner's own). */
export interface ScheduleRule {
  clinician: string;
  zone: string;
  slotMinutes: number;
  /** Kept free before and after every booking. */
  bufferBefore: number;
  bufferAfter: number;
  /** Parallel bookings of one time (1 for a person, more for a group or a room). */
  capacity: number;
  /** No booking nearer than this to its start. */
  noticeMinutes: number;
  /** No booking further ahead than this. */
  horizonDays: number;
  modes: VisitMode[];
  hours: WeeklyHours[];
  exceptions: ScheduleException[];
  /** Whole spans closed, wall-clock dates of the zone, `to` inclusive. */
  closures: { from: string; to: string }[];
  active: boolean;
  /** What patients book is a request until the clinic confirms it. Default false. */
  confirm?: boolean;
  /** Hours before the start until which cancelling is free (0 to 336); absent: always. */
  cancelFreeHours?: number;
  /** Rooms of which one is taken for a visit in person: ids of resources. Absent or empty: none is needed. */
  rooms?: string[];
  /** How long one person of the waitlist is offered a time, in minutes (5 to 1440). Default 30. */
  offerMinutes?: number;
}
