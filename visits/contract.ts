/** What visits says over HTTP: every request and answer body of `/api` that belongs to a visit. Types only. */
export type * from './messages.ts';
import type { IceServer, PeerRole } from './messages.ts';

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

// ---------------------------------------------------------------- scheduling

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
 * once per form). 201 `AppointmentView`; the same key replays the same answer; 409 `slot-taken`; 422 faults (past, too
 * near, unknown slot, reason empty or over 500 characters).
 */
export interface BookRequest {
  slotId: string;
  type: VisitMode;
  reason: string;
  /** Staff who book for somebody else name the patient; a patient may leave it out and may name only herself. */
  patient?: string;
}

/** Life of a visit, as one word. `booked` .. `no-show` mirror visits/state.ts. */
export type VisitState =
  'booked' | 'waiting' | 'admitted' | 'in-progress' | 'ended' | 'cancelled' | 'no-show';

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
}

/** `GET /api/appointments?when=upcoming|past&cursor=` (mine as patient or as clinician). Upcoming ascending, past descending. */
export interface AppointmentList {
  appointments: AppointmentView[];
  /** Pass back as `cursor` for the next page. */
  next?: string;
}

/** `POST /api/appointments/:id/cancel` -> `AppointmentView`. 409 once admitted. */
export interface CancelRequest {
  reason?: string;
}

// -------------------------------------------------------------------- intake

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

// -------------------------------------------------------------- waiting room

export type DeviceCheck = 'ok' | 'denied' | 'missing' | 'failed' | 'skipped';
export type NetworkCheck = 'good' | 'fair' | 'poor' | 'failed' | 'skipped';

export interface Checks {
  camera: DeviceCheck;
  microphone: DeviceCheck;
  speaker: DeviceCheck;
  network: NetworkCheck;
  /** Asked for low data use or for audio only before joining. */
  dataSaver?: boolean;
  audioOnly?: boolean;
}

/** `POST /api/visits/:id/arrive` (patient) -> `WaitingStatus`. Again = new checks, same place in the queue. */
export interface ArriveRequest {
  checks: Checks;
}

/** `POST /api/visits/:id/heartbeat` (patient, every 20 s when no socket is open); also pushed as `status` on the socket. */
export interface WaitingStatus {
  visit: string;
  state: VisitState;
  /** 1 = next. Present while waiting. */
  position?: number;
  /** Median of the clinician's recent visits times those ahead; absent when fewer than three are known. */
  waitMinutes?: number;
  waitingSince?: Instant;
  /** The clinician is connected to the visit now. */
  clinicianPresent: boolean;
}

/** `GET /api/queue` (practitioner: own patients; nurse: patients of their care). By priority, then arrival. */
export interface Queue {
  asOf: Instant;
  entries: QueueEntry[];
}

export interface QueueEntry {
  /** Visit id. */
  id: string;
  state: 'waiting' | 'admitted' | 'in-progress';
  patient: PatientBrief;
  reason: string;
  mode: VisitMode;
  start: Instant;
  waitingSince: Instant;
  /** Seconds waited as of `asOf`. */
  waitedSeconds: number;
  /** 0 red flag, 1 routine. */
  priority: number;
  redFlag: boolean;
  checks: Checks;
  /** The patient's browser has been heard within the last 45 s. */
  present: boolean;
  clinician: { id: string; name: string };
  encounter?: string;
}

/** `GET /api/visits/:id`. */
export interface VisitView extends AppointmentView {
  checks?: Checks;
  waitingSince?: Instant;
  admittedAt?: Instant;
  startedAt?: Instant;
  endedAt?: Instant;
  note: 'none' | 'draft' | 'signed';
}

/** `POST /api/visits/:id/admit` (practitioner) -> 200. Idempotent. 409 when nobody waits. */
export interface Admitted {
  visit: string;
  encounter: string;
  admittedAt: Instant;
}

/** `POST /api/visits/:id/return` (practitioner): back to the waiting room; both ends get `revoked`. -> `WaitingStatus` */

// --------------------------------------------------------------------- media

/**
 * `POST /api/visits/:id/join` (patient or clinician of this visit) -> 200. 409 `conflict` before admission and after the
 * end. The token works once, for 60 s, on this visit's socket, for this account only.
 */
export interface JoinTicket {
  /** Path of the socket, `/api/visits/<id>/socket`; same origin. */
  url: string;
  token: string;
  iceServers: IceServer[];
  expiresAt: Instant;
  /** Which end makes offers: always the clinician. */
  peerRole: PeerRole;
}

/** One look at the connection, every 5 s, from `RTCPeerConnection.getStats()`; leave out what the browser does not tell. */
export interface QualitySample {
  at: Instant;
  rttMs?: number;
  /** 0..1 since the last sample. */
  lossIn?: number;
  lossOut?: number;
  /** kbit/s. */
  kbpsIn?: number;
  kbpsOut?: number;
  fps?: number;
  width?: number;
  height?: number;
  /** 0..1 of audio samples concealed. */
  concealed?: number;
  freezes?: number;
  audioOnly?: boolean;
  /** ICE restarts so far in this visit. */
  restarts?: number;
  /** Relayed through TURN. */
  relayed?: boolean;
}

/** `POST /api/visits/:id/quality` -> 204. At most 60 samples a request. */
export interface QualityRequest {
  samples: QualitySample[];
}

// ---------------------------------------------------------------------- note

/** SOAP [LOINC 61150-9, 61149-1, 51848-0, 18776-5]. Plain text, each at most 20,000 characters. */
export interface NoteSections {
  subjective: string;
  objective: string;
  assessment: string;
  plan: string;
}

/** `GET /api/visits/:id/note` (care team). Before the first save: revision 0 and empty sections. */
export interface Note {
  visit: string;
  /** Send it back with the next save. */
  revision: number;
  sections: NoteSections;
  savedAt?: Instant;
  savedBy?: { id: string; name: string };
  /** Present once signed; then `sections` is the signed text and can no longer be saved. */
  signed?: { composition: string; at: Instant; by: { id: string; name: string } };
  addenda: { composition: string; at: Instant; by: { id: string; name: string }; text: string }[];
}

/** `PUT /api/visits/:id/note` -> 200 `NoteSaved`, 409 `NoteConflict` (nothing was overwritten), 409 Outcome when signed. */
export interface NoteSave {
  /** Revision this text was written on. */
  revision: number;
  sections: NoteSections;
}

export interface NoteSaved {
  revision: number;
  savedAt: Instant;
}

/** 409 of a save on an older revision: the text that is there, kept, to be merged by a person. */
export interface NoteConflict {
  conflict: true;
  current: Note;
}

/** `POST /api/visits/:id/note/sign` (practitioner of this visit) -> `Note`. Assessment and plan must not be empty (422). */
export interface SignRequest {
  /** Signs exactly this revision; 409 `NoteConflict` if it is not the current one. */
  revision: number;
}

/** `POST /api/visits/:id/note/addenda` (practitioner, after signing) -> 201 `Note`. */
export interface AddendumRequest {
  text: string;
}

// --------------------------------------------------------------- orders, end

/** `POST /api/visits/:id/orders` (practitioner, from admission on) -> 201 `OrderView`. Header `Idempotency-Key` required. */
export interface OrderRequest {
  /** follow-up = ServiceRequest; task = Task for the patient; appointment = a proposed Appointment to book. */
  kind: 'follow-up' | 'task' | 'appointment';
  /** What, in words; 1 to 500 characters. */
  text: string;
  /** Due date `YYYY-MM-DD`. */
  due?: string;
  priority?: 'routine' | 'urgent';
}

export interface OrderView {
  /** `ServiceRequest/<id>`, `Task/<id>` or `Appointment/<id>`. */
  reference: string;
  kind: OrderRequest['kind'];
  text: string;
  due?: string;
  priority: 'routine' | 'urgent';
  orderedAt: Instant;
}

/** `GET /api/visits/:id/orders` (care team, patient). */
export interface Orders {
  orders: OrderView[];
}

/** Billing codes offered at the end of a visit (`GET /api/billing-codes`): our own, licence-free code system. */
export interface BillingCodes {
  system: string;
  codes: { code: string; display: string; minMinutes: number }[];
}

/** `POST /api/visits/:id/end` (practitioner) -> `Ended`. Idempotent. Both ends get `revoked` with reason `ended`. */
export interface EndRequest {
  /** How the visit was really held, when it differs from the booking. */
  mode?: VisitMode | 'phone';
  /** From `BillingCodes`; by default chosen from the minutes. */
  billingCode?: string;
}

export interface Ended {
  visit: string;
  encounter: string;
  start: Instant;
  end: Instant;
  minutes: number;
  billingCode: string;
  quality: QualitySummary;
}

/** What the connection was like as a whole. `unknown` without samples. */
export interface QualitySummary {
  rating: 'good' | 'fair' | 'poor' | 'unknown';
  samples: number;
  rttMs?: number;
  loss?: number;
  fps?: number;
  concealed?: number;
  audioOnly: boolean;
  restarts: number;
}

/** `GET /api/visits/:id/summary` (patient of the visit, care team). */
export type VisitSummary =
  | { status: 'pending' }
  | {
      status: 'ready';
      visit: string;
      patient: { id: string; name: string };
      clinician: { id: string; name: string; specialty: string };
      mode: VisitMode | 'phone';
      start: Instant;
      end?: Instant;
      minutes?: number;
      zone: string;
      /** Why you came. */
      reason: string;
      /** What was found (the note's assessment). */
      found: string;
      plan: string;
      /** Active medicines at the time of reading. */
      medicines: { name: string; dosage: string }[];
      followUp: OrderView[];
      signedAt: Instant;
      addenda: { at: Instant; text: string }[];
    };

// ------------------------------------------------------------- availability

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
}
