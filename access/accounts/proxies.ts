/** Whom an account may act for besides herself: dependants, each through a RelatedPerson of the house that holds the grant. */
import type { Caller, FhirUser } from '../caller.ts';
import { liveMemberships } from './memberships.ts';
import type { Account } from './vault.ts';

/**
 * A link from an account to a RelatedPerson. It is kept in the sealed part of the account (bound to its version), so that a
 * session knows it without another query and no edited row makes one. What it opens is the grant of the RelatedPerson
 * (grants.ts): where that relation ended, the link opens nothing.
 */
export interface Proxy {
  /** RelatedPerson, a principal of the caller's. */
  related: string;
  patient: string;
  /** ms since epoch; absent: until the relation is ended. */
  ends?: number;
}

/** The links that hold at an instant. */
export const liveProxies = (account: Pick<Account, 'personal'>, at: number): Proxy[] =>
  (account.personal.proxies ?? []).filter(({ ends }) => ends === undefined || at < ends);

/** Everything a grant may name her by, her dependants' RelatedPersons included; and whom these stand for. */
export function reachOf(
  account: Pick<Account, 'id' | 'role' | 'fhirUser' | 'personal' | 'memberships'>,
  at: number,
): { principals: string[]; proxies?: Proxy[] } {
  // Bookings and care teams name a Practitioner: a paramedic comes by none of them, only by break-glass, which names her account.
  const named = account.role === 'paramedic' ? undefined : account.fhirUser;
  const own = named
    ? [named.id, account.id, ...liveMemberships(account.memberships, at)]
    : [account.id];
  if (account.personal.proxies === undefined) return { principals: own };
  const proxies = liveProxies(account, at);
  return { principals: [...own, ...proxies.map((one) => one.related)], proxies };
}

/**
 * In whose name this caller speaks for a patient: as the Patient herself, or as the RelatedPerson she is to her; undefined
 * when the account names neither. Whether the relation still stands is a matter of grants, which the record store asks.
 */
export function actsFor(
  { fhirUser, proxies = [] }: Pick<Caller, 'fhirUser' | 'proxies'>,
  patient: string,
): FhirUser | undefined {
  if (fhirUser?.type === 'Patient' && fhirUser.id === patient) return fhirUser;
  const link = proxies.find((one) => one.patient === patient);
  return link && { type: 'RelatedPerson', id: link.related };
}
