/** What is said of the chat of a visit. Types only. */
import type { Instant } from './contract-schedule.ts';
import type { GuestKind } from './messages.ts';

/**
 * `POST /api/visits/:id/chat` (patient, clinician; guests `POST /api/visit-guest/chat`) -> 201 `ChatMessage`, and the same again for the same
 * id. While the visit is open. With `file` the message is there for the others once its bytes are:
 * `PUT .../chat/:message/file`, the bytes as body (JPEG, PNG, WebP, PDF; 10 MiB) -> 200 `ChatMessage`; 415 for anything else.
 */
export interface ChatRequest {
  /** A uuid made by the browser: what is sent twice is one message. */
  id: string;
  /** At most 4,000 characters; may be empty with a file. */
  text: string;
  file?: {
    /** As the sender calls it, 1 to 120 characters. */
    name: string;
  };
}

/** `GET /api/visits/:id/chat?after=<n>` (patient, care team; guests `/api/visit-guest/chat`, from their admission on) -> 200. 200 at a time. */
export interface Chat {
  messages: ChatMessage[];
  more: boolean;
}

export interface ChatMessage {
  id: string;
  /** Order in the visit; 0 while its file is on the way. */
  n: number;
  at: Instant;
  by: {
    role: 'clinician' | 'patient' | 'guest';
    as?: GuestKind;
    /** Of guests and clinicians. */
    name?: string;
    /** The reader herself. */
    own: boolean;
  };
  text: string;
  /** Bytes: `GET .../chat/:message/file`. */
  file?: { name: string; type: string; size: number };
}
