/** What the web app and the access routes say to each other over HTTP: types only, no code. */
import type { FactorProof, SecondFactor } from './contract-sign-in.ts';

export type * from './oauth/contract.ts';

export type * from './contract-sign-in.ts';
export type * from './contract-notices.ts';
export type * from './contract-contacts.ts';

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

/** The person behind the session, as `GET /auth/me` tells her: 200 | 204 nobody is signed in. */
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
  /** Dependants whose charts she may open as their proxy: `related` is the RelatedPerson she is to the patient. */
  proxies?: { related: string; patient: string }[];
  /** True when the server runs in demo mode. */
  demo: boolean;
  /** False for staff who have no second factor: they reach no clinical content and no office. */
  mfa: boolean;
  /** What she may be asked for when she must show again who she is; empty: her password. */
  factors: SecondFactor[];
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
  | { status: 'signed-in'; me: Me }
  | { status: 'second-factor'; methods: SecondFactor[] };

/** `POST /auth/second-factor`: 200 | 401 wrong or used code, or no password shown before | 429. */
export type SecondFactorRequest = FactorProof;
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

export type * from './contract-office.ts';
export type * from './contract-audit.ts';

export type * from './licences/contract.ts';
export type * from './lockdown/contract.ts';
