/** The caller: who makes a request, in what role, with which reach. Every decision takes one. */
import { randomUUID } from 'node:crypto';
import type { Scope } from './scopes.ts';

/** A proxy signs in as `patient` with a RelatedPerson of her own; a `guest` came by a share link and has no account. */
export type Role =
  | 'administrator'
  | 'practitioner'
  | 'trainee'
  | 'nurse'
  | 'resident'
  | 'pharmacist'
  | 'paramedic'
  | 'patient'
  | 'auditor'
  | 'guest'
  | 'system';
export const roles: readonly Role[] = [
  'administrator',
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
  'patient',
  'auditor',
  'guest',
  'system',
];

/** Roles that must show a second factor before they reach anything clinical. */
export const staffRoles: readonly Role[] = [
  'administrator',
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
  'auditor',
];

/** Roles that may be let into charts: what they may do there is clinical. */
export const clinicalRoles: readonly Role[] = [
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
];

export interface FhirUser {
  type: 'Practitioner' | 'Patient' | 'RelatedPerson';
  id: string;
}

export interface Caller {
  tenant: number;
  /** Account or client, a random uuid. */
  id: string;
  kind: 'user' | 'client' | 'guest' | 'system';
  role: Role;
  /** Uuids a grant may name: the FHIR user's id, the account id, teams, organisations. */
  principals: string[];
  fhirUser?: FhirUser;
  /**
   * Dependants she acts for (accounts/proxies.ts): `related`, the RelatedPerson that holds the grant, is one of her
   * principals while the link lives. A patient with dependants stays the Patient of her `fhirUser`.
   */
  proxies?: readonly { related: string; patient: string; ends?: number }[];
  /** An explicit wildcard grant: every row of the tenant, still narrowed by scopes. */
  wildcard: boolean;
  /** undefined = the whole role. */
  scopes?: Scope[];
  /** A role by configuration (profiles.ts); its scopes are among `scopes`. */
  profile?: string;
  /** A token for one patient's record: of the types its `patient/` scopes name, only what this patient (rid) owns. See `onlyOf`. */
  only?: string;
  /** The app behind a person's token: the client's uuid, and the grant she gave it. */
  app?: { client: string; grant: string };
  /** True when a second factor was shown, or none is asked of this role. */
  mfa: boolean;
  /** A password was shown, the second factor this account has was not: nothing may be reached. */
  pending?: boolean;
  /** ms since epoch: when everything asked of the account was last shown. What needs a fresh proof asks `requireFresh`. */
  provenAt?: number;
  /** Of whom licences are asked: whether one was ever verified, and until when one is in force (ms since epoch, 0: none is). */
  licence?: { proven: boolean; until: number };
  /** The session behind a cookie. */
  session?: string;
  /** Purpose of use, HL7 v3 PurposeOfUse. */
  purpose: string;
  locale: string;
  zone?: string;
  /** The request's instant, ms since epoch. SQL takes it as a parameter and never calls now(). */
  at: number;
  requestId: string;
  ip: string;
  device?: string;
  /** How far the primary's log had come when she was looked up: a replica that answers her has replayed as much. */
  level?: string;
}

/** What a system caller needs of a clock. */
export interface Instants {
  now(): number;
}

/** Nobody: the id written where a request has no caller. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/** Fixed account id of the product's own work (imports, seeds, jobs), so that its audit rows meet. */
export const systemId = '00000000-0000-7000-8000-000000000001';

/**
 * A caller for the product's own work: reminders, imports, the seed.
 * @param why One or two words for the audit trail, such as `import`; it becomes part of the request id.
 */
export function systemCaller(tenant: number, clock: Instants, why: string): Caller {
  return {
    tenant,
    id: systemId,
    kind: 'system',
    role: 'system',
    principals: [systemId],
    wildcard: true,
    mfa: true,
    purpose: 'HOPERAT',
    locale: 'en',
    at: clock.now(),
    requestId: `${why}:${randomUUID()}`,
    ip: '',
  };
}

const purposes: Record<Role, string> = {
  administrator: 'HOPERAT',
  practitioner: 'TREAT',
  trainee: 'TREAT',
  nurse: 'TREAT',
  resident: 'TREAT',
  pharmacist: 'TREAT',
  paramedic: 'TREAT',
  patient: 'PATRQT',
  auditor: 'HCOMPL',
  guest: 'PATRQT',
  system: 'HOPERAT',
};

/** Purpose of use a session starts with [v3 PurposeOfUse]. */
export function defaultPurpose(role: Role): string {
  return purposes[role];
}

/**
 * A complete caller for tests and benches: role's defaults, anything overridden.
 * With `fhirUser`, its id joins the principals.
 */
export function callerFor(role: Role, over: Partial<Caller> = {}): Caller {
  const id = over.id ?? (role === 'system' ? systemId : randomUUID());
  const fhirUser = over.fhirUser;
  return {
    tenant: 1,
    id,
    kind: role === 'system' ? 'system' : 'user',
    role,
    principals: fhirUser ? [fhirUser.id, id] : [id],
    wildcard: role === 'system',
    mfa: true,
    purpose: defaultPurpose(role),
    locale: 'en',
    at: Date.now(),
    requestId: randomUUID(),
    ip: '127.0.0.1',
    ...over,
  };
}
