/** What is said of recordings and still pictures of a visit. Types only. */
import type { Instant } from './contract-schedule.ts';
import type { RecordingState } from './messages.ts';

/**
 * `POST /api/visits/:id/recordings` (clinician, open visit) -> 201 `RecordingBegun`; the same again for the same id. 409 while another runs.
 * Her own yes is given with it; everybody else who is seated is asked, and whoever sits down later pauses it until she has agreed.
 */
export interface RecordingRequest {
  /** A uuid made by the browser. */
  id: string;
  type: 'video/webm' | 'audio/webm' | 'video/mp4' | 'audio/mp4';
}

/**
 * The content key, base64url of 32 bytes: the browser seals each chunk with AES-256-GCM before it keeps or sends it. Nonce: 8 zero bytes and the
 * chunk's number as 4 bytes big-endian; additional data: `afar-recording-1|<recording id>|<number>`. A key seals one recording.
 */
export interface RecordingBegun {
  recording: RecordingView;
  key: string;
}

/**
 * `POST /api/visits/:id/recordings/:recording/consent` (patient, clinician; guests `POST /api/visit-guest/recordings/:recording/consent`)
 * -> 200 `RecordingView`. No ends the recording for good.
 */
export interface RecordingConsent {
  agree: boolean;
}

/**
 * `PUT /api/visits/:id/recordings/:recording/chunks/:n` (its clinician; the sealed bytes as body, 8 MiB) -> 200 `RecordingView`. From 0, in order;
 * a chunk that is there already, byte for byte, is answered the same way, other bytes are 409, a number beyond `next` too. Headers:
 * `x-afar-sha256` (hex, of the sealed bytes), `x-afar-began` and `x-afar-ended` (instants of its first and last sample): a time at which not
 * everybody seated had agreed is 409 `not-agreed`, but for the two seconds that word of it may take; one byte (0) in place of it leaves it out. Also after the end of the visit: what a crash left in the browser is sent when it comes back.
 *
 * `POST /api/visits/:id/recordings/:recording/stop` (its clinician) -> 200 `RecordingView`.
 * `GET /api/visits/:id/recordings/:recording/key` (its clinician, to go on after a crash; patient and care team once finished) -> 200 `{ key }`.
 * `GET /api/visits/:id/recordings/:recording/chunks/:n` -> 200, the sealed bytes.
 * `POST /api/visits/:id/recordings/:recording/delete` (its clinician) -> 200 `RecordingView`: bytes and key are destroyed.
 */

/** `POST /api/visits/:id/recordings/:recording/finish` (its clinician) -> 200 `RecordingView` with `document`. 409 while chunks are missing; `not-agreed` when all of them were left out. */
export interface RecordingFinish {
  /** How many chunks there are. */
  chunks: number;
}

/** `GET /api/visits/:id/recordings` (patient, care team) -> 200 `RecordingView[]`. */
export interface RecordingView {
  id: string;
  state: RecordingState | 'deleted';
  type: string;
  beganAt: Instant;
  endedAt?: Instant;
  /** Chunks that are there: the number of the next one. */
  next: number;
  bytes: number;
  /** Peers whose yes is missing; empty once it has ended. */
  missing: string[];
  /** Since when not everybody agrees any more. */
  until?: Instant;
  /** `DocumentReference/<id>`. */
  document?: string;
  keptUntil?: Instant;
}

/**
 * `POST /api/visits/:id/stills` (clinician, open visit) -> 201 `StillView`, the same again for the same id: the patient is asked for a picture
 * from her camera. `POST .../stills/:still/answer` (patient) `{ agree }` -> 200 `StillView`.
 * `PUT .../stills/:still` (patient, after her yes; image/jpeg as body, 12 MiB, 64 to 12,000 pixels a side) -> 200 `StillView` with `media`:
 * what the camera wrote beside the picture (place, time, device) is taken out. 415 for what is no JPEG.
 */
export interface StillRequest {
  id: string;
}

/** `GET /api/visits/:id/stills` (patient, clinician) -> 200 `StillView[]`. */
export interface StillView {
  id: string;
  state: 'asked' | 'agreed' | 'refused' | 'kept';
  askedAt: Instant;
  /** `Media/<id>`. */
  media?: string;
}
