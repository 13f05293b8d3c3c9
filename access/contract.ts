/** What the web app and the access routes say to each other over HTTP: types only, no code. */

/** Roles that sign in. `system` callers never use these routes. */
export type SignInRole =
  | 'administrator'
  | 'practitioner'
  | 'trainee'
  | 'nurse'
  | 'resident'
  | 'pharmacist'
  | 'paramedic'
  | 'patient'
  | 'auditor';

/** The person behind the session, as `GET /auth/me` tells her. */
export interface Me {
  accountId: string;
  role: SignInRole;
  name: string;
  email: string;
  /** BCP 47 tag. */
  locale: string;
  /** IANA zone; absent: the browser's own. */
  zone?: string;
  fhirUser?: { type: 'Practitioner' | 'Patient' | 'RelatedPerson'; id: string };
  /** True when the server runs in demo mode. */
  demo: boolean;
  /** False for staff who have no second factor: they reach no clinical content and no office. */
  mfa: boolean;
  /** Instant the session ends at the latest, ms since epoch. Idle time may end it earlier. */
  expiresAt: number;
  /** Minutes without a request after which the session ends. */
  idleMinutes: number;
}

/** `POST /auth/sign-in`: 200 | 401 wrong | 429 throttled (Retry-After in seconds). */
export interface SignInRequest {
  email: string;
  password: string;
}
export type SignInResponse =
  { status: 'signed-in'; me: Me } | { status: 'second-factor'; methods: ['totp'] };

/** `POST /auth/second-factor`: 200 | 401 wrong or used code, or no password shown before | 429. */
export interface SecondFactorRequest {
  /** Six digits. */
  code: string;
}
export interface SecondFactorResponse {
  status: 'signed-in';
  me: Me;
}

/** `PATCH /auth/me`: 200 Me. A new password needs the current one. */
export interface UpdateMeRequest {
  locale?: string;
  zone?: string;
  password?: { current: string; next: string };
}

/** `GET /auth/sessions`: one's own sessions. `DELETE /auth/sessions/:id` ends one: 204. */
export interface SessionRow {
  id: string;
  created: number;
  lastSeen: number;
  /** What the browser said it is. */
  device: string;
  ip: string;
  current: boolean;
}
export interface SessionList {
  sessions: SessionRow[];
}

/** `GET /auth/demo`: demo mode on loopback only, else 404. `POST /auth/demo` answers SignInResponse. */
export interface DemoAccounts {
  accounts: { role: SignInRole; name: string; email: string }[];
}
export interface DemoSignInRequest {
  email: string;
}

/** `GET /api/office/users?cursor=&limit=`: administrators only. */
export interface OfficeUser {
  id: string;
  role: SignInRole;
  status: 'active' | 'disabled';
  name: string;
  email: string;
  locale: string;
  zone?: string;
  fhirUser?: { type: 'Practitioner' | 'Patient' | 'RelatedPerson'; id: string };
  secondFactor: boolean;
  created: number;
  /** ms since epoch of the last sign-in; absent: never. */
  lastSignIn?: number;
}
export interface OfficeUserPage {
  users: OfficeUser[];
  /** Pass as `cursor` for the next page; absent on the last. */
  next?: string;
}
/** `POST /api/office/users`: 201 NewUserSecrets | 409 the e-mail has an account. */
export interface CreateUserRequest {
  role: SignInRole;
  email: string;
  name: string;
  locale?: string;
  zone?: string;
  fhirUser?: { type: 'Practitioner' | 'Patient' | 'RelatedPerson'; id: string };
}
/** Shown once; the server keeps neither in a readable form. `POST /api/office/users/:id/reset` too. */
export interface NewUserSecrets {
  user: OfficeUser;
  password: string;
  /** Base32, and the `otpauth://` link for a QR code. Staff only. */
  totpSecret?: string;
  totpUri?: string;
}
/** `PATCH /api/office/users/:id`: 200 OfficeUser. Disabling ends every session at once. */
export interface UpdateUserRequest {
  status?: 'active' | 'disabled';
  role?: SignInRole;
}

/** `POST /api/auditor/search`: newest first; every field narrows. No clinical content in any answer. */
export interface AuditSearchRequest {
  /** ms since epoch, inclusive / exclusive. */
  from?: number;
  to?: number;
  /** Account or client id. */
  who?: string;
  action?: string;
  type?: string;
  /** 0 success, 4 refused, 8 failed. */
  outcome?: 0 | 4 | 8;
  cursor?: string;
  /** 1 to 200, default 50. */
  limit?: number;
}
export interface AuditRow {
  id: string;
  at: number;
  requestId: string;
  /** For staff and clients a display name; for a patient only the account id. */
  who: { id: string; role: string; name?: string };
  ip: string;
  device?: string;
  /** Create, read, update, delete, execute. */
  verb: 'C' | 'R' | 'U' | 'D' | 'E';
  action: string;
  type?: string;
  rid?: string;
  /** Random ids of the patients whose data was disclosed or changed. */
  patients: string[];
  purpose: string;
  outcome: 0 | 4 | 8;
  /** Names of search parameters, never values. */
  params: string[];
}
export interface AuditPage {
  rows: AuditRow[];
  next?: string;
}

/** `POST /api/auditor/summary` {from, to}: counts over at most 31 days. */
export interface AuditSummary {
  from: number;
  to: number;
  total: number;
  refused: number;
  failed: number;
  hours: { hour: number; count: number; refused: number }[];
  actions: { action: string; count: number }[];
  outcomes: { outcome: 0 | 4 | 8; count: number }[];
  who: { id: string; role: string; name?: string; count: number; patients: number }[];
}
