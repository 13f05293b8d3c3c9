/** Acts for somebody who is not there: with what her account or client may do now, never with what it could when it asked. */
import { randomUUID } from 'node:crypto';
import type { Accounts } from './accounts/accounts.ts';
import { reachOf } from './accounts/proxies.ts';
import { hasSecondFactor } from './accounts/vault.ts';
import { defaultPurpose, staffRoles, systemCaller, type Caller, type Instants } from './caller.ts';
import { isStrong } from './may.ts';
import type { AppGrants } from './oauth/app-grants.ts';
import type { Clients } from './oauth/clients.ts';
import type { Profiles } from './profiles.ts';
import { formatScope, grantScopes, parseScopes } from './scopes.ts';

/** What is kept of a caller whose wish outlives her request. Holds random ids and the scopes of her token. */
export interface StoodFor {
  tenant: number;
  kind: Caller['kind'];
  id: string;
  /** Absent: the whole role. */
  scopes?: string;
  /** rid of the one record its token reaches. */
  only?: string;
  /** The app that asked in her name, and what she gave it: uuids. */
  app?: { client: string; grant: string };
}

export function stoodFor({ tenant, kind, id, scopes, only, app }: Caller): StoodFor {
  return {
    tenant,
    kind,
    id,
    ...(scopes && { scopes: scopes.map(formatScope).join(' ') }),
    ...(only !== undefined && { only }),
    ...(app && { app }),
  };
}

/**
 * @param why one or two words for the trail: it becomes part of the request id
 * @param opts.whileClosed for work that tells nobody anything, and so goes on in a closed clinic
 * @throws Refusal `closed` while the clinic is: what was wished is kept, and waits
 */
export type StandIn = (
  who: StoodFor,
  why: string,
  opts?: { whileClosed?: boolean },
) => Promise<Caller | undefined>;

/** Undefined when the account or client is gone, disabled, or lost its second factor. */
export function createStandIn(deps: {
  accounts: Accounts;
  clients: Clients;
  appGrants: Pick<AppGrants, 'liveById'>;
  profiles: Profiles;
  clock: Instants;
}): StandIn {
  const { accounts, clients, appGrants, profiles, clock } = deps;
  const narrowed = ({ scopes }: StoodFor) =>
    scopes === undefined ? {} : { scopes: parseScopes(scopes) };

  /** What an app may still do in her name: as long as her yes stands, and the client. */
  async function through({ tenant, app, id, only, scopes }: StoodFor) {
    if (!app) return only === undefined ? {} : { only };
    const grant = await appGrants.liveById(tenant, app.grant);
    const client = await clients.byId(tenant, app.client);
    if (!grant || !client || grant.account !== id || grant.client !== client.id) return undefined;
    const given = grantScopes(parseScopes(scopes ?? ''), parseScopes(grant.scope));
    return {
      scopes: grantScopes(given, parseScopes(client.scope)),
      app,
      mfa: grant.mfa,
      ...((grant.patient ?? only) !== undefined && { only: grant.patient ?? only! }),
    };
  }

  async function user(who: StoodFor): Promise<Partial<Caller> | undefined> {
    const account = await accounts.get(who.tenant, who.id);
    const app = await through(who);
    if (account?.status !== 'active' || !app) return undefined;
    const { role, fhirUser, personal } = account;
    return {
      role,
      ...reachOf(account, clock.now()),
      ...(fhirUser && { fhirUser }),
      wildcard: false,
      // She showed it when she asked, or her request would have been refused.
      mfa: hasSecondFactor(account) || !staffRoles.includes(role),
      locale: personal.locale,
      ...(personal.zone && { zone: personal.zone }),
      ...(personal.profile !== undefined && { profile: personal.profile }),
      ...narrowed(who),
      ...app,
    };
  }

  async function client(who: StoodFor): Promise<Partial<Caller> | undefined> {
    const row = await clients.byId(who.tenant, who.id);
    if (!row) return undefined;
    // A client whose scopes were narrowed since has no more than what is left.
    const scopes = grantScopes(parseScopes(who.scopes ?? ''), parseScopes(row.scope));
    return { role: 'system', principals: [row.id], wildcard: row.wildcard, mfa: true, scopes };
  }

  return async (who, why) => {
    const house = systemCaller(who.tenant, clock, why);
    if (who.kind === 'system') return { ...house, ...narrowed(who) };
    const found = await (who.kind === 'user' ? user(who) : client(who));
    if (!found) return undefined;
    const { tenant, kind, id } = who;
    const role = found.role!;
    const caller: Caller = { ...house, ...found, tenant, kind, id, role };
    caller.purpose = defaultPurpose(role);
    caller.requestId = `${why}:${randomUUID()}`;
    return isStrong(caller) ? profiles.narrow(caller) : undefined;
  };
}
