/** What the office and the access routes say to each other over HTTP: accounts, what two decide, roles. Types only. */
import type { SignInRole } from './contract.ts';

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
  /** Practitioner (rid) who signs what a trainee or resident writes. */
  supervisor?: string;
  /** A role by configuration, narrower than `role`. */
  profile?: string;
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
/**
 * `POST /api/office/users`: 202 AskedUser: another administrator decides; 201 NewUserSecrets for a patient's account without
 * a record, which reaches nothing. 409 the e-mail has an account.
 */
export interface CreateUserRequest {
  role: SignInRole;
  email: string;
  name: string;
  locale?: string;
  zone?: string;
  fhirUser?: { type: 'Practitioner' | 'Patient' | 'RelatedPerson'; id: string };
  supervisor?: string;
  profile?: string;
}
/** Shown once; the server keeps it in no readable form. */
export interface NewUserSecrets {
  user: OfficeUser;
  password: string;
}
/**
 * Asked of a second administrator. The password is shown to the one who asks, the second factor to the one who decides:
 * neither of them could sign in as the person. `POST /api/office/users/:id/reset` too.
 */
export interface AskedUser {
  approval: ApprovalView;
  password?: string;
  /** How many others could decide; 0: the operator does, at the machine (`afar approvals`). */
  deciders: number;
}
/** What the one who decides is shown once. */
export interface DecidedSecrets {
  name: string;
  /** Base32, and the `otpauth://` link for a QR code. */
  totpSecret: string;
  totpUri: string;
}
/**
 * `PATCH /api/office/users/:id`. 200 OfficeUser for what takes access away (disabling, which ends every session at once);
 * 202 AskedUser for what gives any.
 */
export interface UpdateUserRequest {
  status?: 'active' | 'disabled';
  role?: SignInRole;
  supervisor?: string;
  /** Empty: the whole role. */
  profile?: string;
}

/** `GET /api/office/approvals`: the last 100, newest first. */
export interface ApprovalList {
  approvals: ApprovalView[];
}
export interface ApprovalView {
  id: string;
  /** create-user, change-user, reset-user, and those of other rooms. */
  kind: string;
  state: 'open' | 'approved' | 'refused' | 'withdrawn' | 'expired';
  /** No name: the operator at the machine. */
  asker: { id: string; name?: string };
  decider?: { id: string; name?: string };
  /** ms since epoch. */
  asked: number;
  expires: number;
  decided?: number;
  /** Names of staff, roles, counts: what the words need. */
  about: Record<string, string | number>;
  /** What the reader may do with it. */
  may: ('approve' | 'refuse' | 'withdraw')[];
}
/** `POST /api/office/approvals/:id/approve`, `/refuse`, `/withdraw`: 200 | 403 one's own | 409 no longer open. */
export interface DecidedApproval {
  approval: ApprovalView;
  /** Shown once: for an account of staff a DecidedSecrets. */
  result?: Record<string, unknown>;
}

/** `GET /api/office/roles`: what each role may, as the program decides it, and the roles by configuration. */
export interface RoleTable {
  /** Letters in the order `crvuphds`; `-` where it may not. By type, then in the order of `roles`. */
  roles: string[];
  types: { type: string; class: string; letters: string[] }[];
  /** Types of which a role reaches only some content. */
  within: { role: string; type: string; content: string }[];
  profiles: ProfileView[];
}
export interface ProfileView {
  name: string;
  title: string;
  like: SignInRole;
  scopes: string[];
}
