/** What is said about guests of a visit, by the two it is for and by the guests themselves. Types only. */
import type { Instant } from './contract-schedule.ts';
import type { GuestKind, GuestState } from './messages.ts';

/**
 * `POST /api/visits/:id/guests` (clinician; patient: a relative) -> 201 `Invited`. 409 `conflict` when the visit is over, when twelve are
 * invited already, or, `not-supported` in diagnostics, when this house has no engine for more than two.
 */
export interface InviteRequest {
  kind: GuestKind;
  /** 1 to 100 characters: what everybody in the room will read. */
  name: string;
  /** How long the link may wait to be opened: 1 to 72, 4 hours after the visit's end by default. It ends with the visit in any case. */
  hours?: number;
}

export interface Invited {
  guest: GuestView;
  /** For one person, shown once. The secret stands in the fragment: `<base>/guest#<secret>`. */
  link: string;
}

/** `GET /api/visits/:id/guests` (patient, clinician) -> 200. */
export interface Guests {
  guests: GuestView[];
  /** Whether one more may be invited here at all. */
  room: 'open' | 'full' | 'two-only';
}

export interface GuestView {
  id: string;
  kind: GuestKind;
  name: string;
  state: GuestState;
  invitedBy: 'clinician' | 'patient';
  /** She showed who she is with an account of this house. */
  signedIn: boolean;
  invitedAt: Instant;
  expiresAt: Instant;
  admittedAt?: Instant;
  /** The patient agreed to her. */
  agreed: boolean;
  /** Her seat, once admitted. */
  peer?: string;
}

/**
 * `POST /api/visits/:id/guests/:guest/admit` (clinician, open visit) -> 200 `GuestView`: `asking` until the patient agreed, `admitted` when she
 * has, or when it was she who invited. 409 when nobody waits, or the room is full.
 *
 * `POST /api/visits/:id/guests/:guest/revoke` (clinician; patient) -> 200 `GuestView`: the link is dead, and who sits loses her seat at once
 * (`revoked ejected`).
 */

/** `POST /api/visits/:id/guests/:guest/answer` (patient) -> 200 `GuestView`. No keeps her out, also when she is in. */
export interface GuestAnswer {
  agree: boolean;
}

/** `POST /api/visits/:id/guests/:guest/whisper` (clinician) -> 200 `GuestView`: whom a supervisor speaks to aside. Never the patient. */
export interface WhisperRequest {
  /** Peers of the clinician, or of guests who are colleagues or observers. Empty: nobody. */
  to: string[];
}

/** `POST /api/visit-guest/open` (nobody signed in) -> 200 `GuestVisit` and a cookie. 404 for a link that is used, over, or was never made. */
export interface OpenInvite {
  secret: string;
}

/**
 * `GET /api/visit-guest` (the guest's cookie) -> 200. Nothing of the patient stands here.
 *
 * `POST /api/visit-guest/sign-in` (cookie and an account of staff; colleague, observer, supervisor) -> 200: admitted as herself, by her own name.
 * `POST /api/visit-guest/join` -> 200 `JoinTicket`; 409 before admission. `POST /api/visit-guest/leave` -> 204: the link is over for her.
 * Socket: `/api/visit-guest/socket`.
 */
export interface GuestVisit {
  kind: GuestKind;
  name: string;
  state: GuestState;
  signedIn: boolean;
  clinician: string;
  start: Instant;
  /** Visit id: chat and consents of the guest name it. */
  visit: string;
}
