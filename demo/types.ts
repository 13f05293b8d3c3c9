/** What the generator hands to whoever loads the demo clinic. */

export type DemoRole =
  | 'administrator'
  | 'practitioner'
  | 'trainee'
  | 'nurse'
  | 'resident'
  | 'pharmacist'
  | 'paramedic'
  | 'patient'
  | 'auditor';

/** Somebody who can sign in. Passwords and second factors are made by the loader, at random. */
export interface DemoAccount {
  /** Short name, for the loader's own bookkeeping. */
  key: string;
  role: DemoRole;
  name: string;
  email: string;
  /** BCP 47. */
  locale: string;
  /** IANA zone. */
  zone: string;
  /** Practitioner (id) who signs what she writes. */
  supervisor?: string;
  /** `Practitioner/<id>` or `Patient/<id>`; absent for those who appear in no chart. */
  fhirUser?: string;
  /** Of those who treat: what they may do it on, by made-up authorities. */
  licence?: DemoLicence;
}

export interface DemoLicence {
  number: string;
  authority: string;
  profession: string;
  /** ISO 3166 codes. */
  jurisdictions: string[];
  /** `YYYY-MM-DD` */
  lastDay: string;
}

/** When a clinician can be booked; wall-clock times of `zone`. */
export interface DemoSchedule {
  /** Practitioner id. */
  clinician: string;
  zone: string;
  slotMinutes: number;
  bufferBefore: number;
  bufferAfter: number;
  capacity: number;
  noticeMinutes: number;
  horizonDays: number;
  modes: ('video' | 'audio' | 'chat' | 'in-person')[];
  /** `day`: 1 = Monday .. 7 = Sunday. */
  hours: { day: 1 | 2 | 3 | 4 | 5 | 6 | 7; start: string; end: string }[];
  exceptions: { date: string; hours: { start: string; end: string }[] }[];
  closures: { from: string; to: string }[];
  active: boolean;
}

/** A visit to come. Booked like any other, through the clinic's scheduling, so that its time is held. */
export interface DemoBooking {
  /** Patient id. */
  patient: string;
  /** Practitioner id. */
  clinician: string;
  /** ms since epoch: the start of a slot of the clinician's schedule. */
  start: number;
  type: 'video' | 'in-person';
  reason: string;
}
