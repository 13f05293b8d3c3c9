/** What the web app and the messaging routes say to each other over HTTP: types only, no code. */
export type Instant = string;

/** `GET /api/messaging/settings`, for everybody who writes; `PUT` for the office. */
export interface MessagingSettings {
  /** Within so many hours an answer is promised; 1 to 240. */
  hours: number;
  /** Practitioner ids of who reads for everybody, 50 at most; told to the office alone. */
  pool?: string[];
}

export type Side = 'patient' | 'staff';

export interface Person {
  name: string;
  side: Side;
  /** She who asks. */
  you: boolean;
}

export interface ThreadBrief {
  id: string;
  patient: string;
  /** Absent where she asks for herself, and where it may not be seen. */
  patientName?: string;
  topic: string;
  state: 'open' | 'closed';
  urgent: boolean;
  lastAt: Instant;
  lastSide: Side;
  /** Messages of the other side that she has not read. */
  unread: number;
  /** Until when an answer is promised, while one is waited for. */
  due?: Instant;
  overdue: boolean;
  /** For staff: who has it; absent: the team. */
  assignee?: { account: string; name: string; you: boolean };
}

/** `mine`: of staff, what she has; of patients, all. `team`: what nobody has. `all`, `closed`: whatever she may see. */
export type Box = 'mine' | 'team' | 'all' | 'closed';

/** `GET /api/messages?box=&before=&patient=` newest first; `next` goes into `before`. */
export interface Threads {
  threads: ThreadBrief[];
  next?: string;
}

/** `GET /api/messages/unread` */
export interface Unread {
  /** Threads with something she has not read; 99 at most. */
  threads: number;
}

export type AttachmentType = 'image/jpeg' | 'image/png' | 'image/webp' | 'application/pdf';

/**
 * `POST /api/messages/attachments/:patient` with the bytes as `application/octet-stream` and the name, percent-encoded, in
 * `x-file-name`: 201. Unsent ones are dropped after a day. `GET /api/messages/files/:attachment` gives the bytes.
 */
export interface Attachment {
  id: string;
  name: string;
  type: AttachmentType;
  /** Bytes. */
  size: number;
}

export interface Message {
  id: string;
  seq: number;
  by: Person;
  at: Instant;
  text: string;
  urgent: boolean;
  attachments: Attachment[];
  /** When somebody of the other side had read so far. */
  seen?: Instant;
}

/** `GET /api/messages/:thread?before=seq`: 50 at a time, oldest first. */
export interface Thread extends ThreadBrief {
  messages: Message[];
  /** Older ones: goes into `before`. */
  before?: number;
  /** What she had begun to write here. */
  draft?: string;
  /** For staff: who may be handed it. `GET .../team` */
  mayAssign: boolean;
}

export interface MessageBody {
  text: string;
  /** Ids of uploads of hers, 5 at most. */
  attachments?: string[];
  /** She was shown that this is no place for emergencies, and sends it all the same. */
  acknowledged?: boolean;
}

/** `POST /api/messages` with `Idempotency-Key`: 201 `Sent` | 200 `Stopped`. */
export interface NewThread extends MessageBody {
  patient: string;
  topic: string;
}

/** `POST /api/messages/:thread` with `Idempotency-Key`: 201 `Sent` | 200 `Stopped`. A closed thread is open again. */
export interface Sent {
  thread: string;
  message: string;
}
/** Words of an emergency: nothing was written. */
export interface Stopped {
  stopped: 'red-flag';
}

/** `POST /api/messages/:thread/seen`: 204 */
export interface SeenUpto {
  seq: number;
}

/** `GET /api/messages/:thread/team`: those with a care relation to the patient. */
export interface Team {
  members: { account: string; name: string; you: boolean }[];
}

/** `POST /api/messages/:thread/assign`: `Thread`; null: the team's again. 422 for who has no care relation. */
export interface Assign {
  to: string | null;
}

/** `PUT /api/messages/drafts/:place`: 204; empty: none. `place`: a thread, or a patient for a new one. `GET` the same. */
export interface Draft {
  text: string;
}
