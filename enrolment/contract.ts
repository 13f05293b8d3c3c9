/** What the web app and the enrolment routes say to each other over HTTP: types only, no code. */
import type { Me } from '@afar/access/contract';

export type RegisterChannel = 'mail' | 'sms';
export type Sex = 'female' | 'male' | 'other' | 'unknown';
/** What the dependant is to her. */
export type Relation = 'child' | 'parent' | 'other';

/** `GET /api/register` */
export interface Registration {
  mode: 'open' | 'invite' | 'closed';
  /** Ways a code can reach her; empty: nobody can register now. */
  channels: RegisterChannel[];
  /** The version of the terms she is asked to accept. */
  terms: string;
  /** Age in years from which a dependant is no child any more. */
  majority: number;
}

/** A link that staff gave, and the code that was told with it. */
export interface InvitationKey {
  token: string;
  code: string;
}

/** `POST /api/register/code`: 200, the same for every address | 429 */
export interface CodeRequest {
  channel: RegisterChannel;
  address: string;
  locale: string;
  /** Needed when the clinic invites. */
  invitation?: InvitationKey;
}
export interface CodeAnswer {
  ticket: string;
  /** ms since epoch. */
  resendAt: number;
  expiresAt: number;
}

/** `POST /api/register/verify`: 200 | 400 wrong or too late, says not which | 429 */
export interface VerifyRequest {
  channel: RegisterChannel;
  address: string;
  locale: string;
  ticket: string;
  code: string;
}
export interface VerifyAnswer {
  /** Good for an hour and one account. */
  proof: string;
}

export interface PersonInput {
  given: string;
  family: string;
  /** `YYYY-MM-DD` */
  birthDate: string;
  sex: Sex;
}
export interface DependantInput extends PersonInput {
  relation: Relation;
}

/** `POST /api/register`: 201 Me with a session | 400 every fault with its place | 409 the address has an account by now */
export interface RegisterRequest {
  proof: string;
  password: string;
  /** Must be the present version. */
  terms: string;
  /** BCP 47 tag, IANA zone. */
  locale: string;
  zone?: string;
  /** Absent with an invitation: the chart says who she is. */
  person?: PersonInput;
  dependants?: DependantInput[];
  invitation?: InvitationKey;
}
export type RegisterAnswer = { me: Me };

/** `POST /api/register/invitation` InvitationKey: 200 | 400 wrong, used or too late */
export interface InvitationAnswer {
  /** Her given name, for "Welcome, Ada". */
  given: string;
}

/** `GET /api/dependants`; `POST /api/dependants` DependantInput: 201; `POST /api/dependants/:related/end`: 204 */
export interface Dependant {
  /** The RelatedPerson she is to the patient. */
  related: string;
  patient: string;
  name: string;
  birthDate?: string;
  relation: Relation;
  /** ms since epoch: a child comes of age. */
  ends?: number;
}
export interface Dependants {
  dependants: Dependant[];
  majority: number;
}

/** `POST /api/enrolment/invitations`: nurses, practitioners and administrators, for charts they may open. Shown once. */
export interface InviteRequest {
  patient: string;
  /** Where to send the link; absent: it is handed over. */
  email?: string;
  locale?: string;
}
export interface Invited {
  url: string;
  code: string;
  /** ms since epoch. */
  expiresAt: number;
  mailed: boolean;
}

export interface DeskPerson {
  patient: string;
  name: string;
  birthDate?: string;
  sex?: string;
  /** Enough to ask "does your address end in ...": never whole. */
  contact?: string;
  hasAccount: boolean;
  /** When the chart was made, ms since epoch. */
  since: number;
}
/** `GET /api/enrolment/candidates`: administrators and nurses. */
export interface Candidate {
  task: string;
  /** ms since epoch. */
  asked: number;
  registered: DeskPerson & { dependant: boolean };
  charts: DeskPerson[];
}
export interface Candidates {
  candidates: Candidate[];
}
/** `POST /api/enrolment/candidates/:task`: 204. `same` needs a fresh proof, and somebody who saw the person. */
export type Decision =
  | { decision: 'same'; patient: string; seen: true }
  | { decision: 'different' };
