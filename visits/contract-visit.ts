/** What is said in a visit: waiting room, media, note, orders, end, summary. Types only. */
import type {
  AppointmentView,
  Instant,
  PatientBrief,
  VisitMode,
  VisitState,
} from './contract-schedule.ts';
import type { OrderView, TaskView } from './contract-orders.ts';
import type { IceServer, PeerRole } from './messages.ts';

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
  /** Where she is now: `ES`, `US-NY`. Left out: as it was booked. 403 `licence-required` when the clinician's licence does not reach it. */
  place?: string;
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
  /** 0 red flag, 1 urgent, 2 routine, 3 can wait. */
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
  /** For the patient: nobody knows where she is, and her clinician's licence must reach it. She is asked before she arrives. */
  placeAsked?: true;
  note: 'none' | 'draft' | 'signed';
}

/** `POST /api/visits/:id/admit` (practitioner) -> 200. Idempotent. 409 when nobody waits. */
export interface Admitted {
  visit: string;
  encounter: string;
  admittedAt: Instant;
}

/** `POST /api/visits/:id/return` (practitioner): back to the waiting room; both ends get `revoked`. -> `WaitingStatus` */

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
  /** A trainee has handed it over: nobody changes it, and the patient sees it once the supervisor has signed. */
  waiting?: {
    composition: string;
    at: Instant;
    by: { id: string; name: string };
    supervisor: { id: string; name: string };
  };
  /** The supervisor sent it back: `POST /api/visits/:id/note/return` with `ReturnRequest`, by her alone. */
  returned?: { text: string; at: Instant; by: { id: string; name: string } };
  addenda: { composition: string; at: Instant; by: { id: string; name: string }; text: string }[];
}

export interface ReturnRequest {
  /** 1 to 2,000 characters. */
  text: string;
}

/** `GET /api/cosign` -> 200 `CosignItem[]`: notes of trainees that wait for the reader's signature. */
export interface CosignItem {
  visit: string;
  patient: PatientBrief;
  at: Instant;
  by: { id: string; name: string };
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
      /** What she is to do herself. */
      tasks: TaskView[];
      signedAt: Instant;
      addenda: { at: Instant; text: string }[];
    };
