/** Sign-in by other providers, put together. */
import type { Db, KeyRing } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Outward } from '../oauth/outward.ts';
import type { Notices } from '../notices/notices.ts';
import type { Opening } from '../sessions/opening.ts';
import { registerExternalKinds } from './kinds.ts';
import { identityProviderRoutes } from './office.ts';
import { createOneTime } from '../oauth/one-time.ts';
import { createExternalProviders } from './providers.ts';
import { createRelyingParty } from './relying-party.ts';
import { externalRoutes, type Invitation, type Travel } from './routes.ts';

/** To sign in elsewhere takes minutes; an invitation may lie in a mailbox over a weekend. */
const travelMs = 10 * 60_000;
const invitationMs = 7 * 86_400_000;

export function createExternal(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  accounts: Accounts;
  approvals: Approvals;
  notices: Notices;
  opening: Opening;
  outbound?: Outward | undefined;
  secureCookies: boolean;
  baseUrl: string;
  baseUrlOf?: ((tenant: number) => string) | undefined;
  tenantOf(host: string): number;
}): { routes(http: FastifyInstance): void } {
  const baseUrlOf = deps.baseUrlOf ?? (() => deps.baseUrl);
  const providers = createExternalProviders(deps);
  const party = createRelyingParty({ outbound: deps.outbound, clock: deps.clock });
  const travels = createOneTime<Travel>(deps, 'External', travelMs);
  const invitations = createOneTime<Invitation>(deps, 'ExternalInvite', invitationMs);
  registerExternalKinds({ ...deps, providers, invitations, baseUrlOf });
  return {
    routes(http) {
      externalRoutes(http, { ...deps, providers, party, travels, invitations, baseUrlOf });
      identityProviderRoutes(http, { ...deps, providers, baseUrlOf });
    },
  };
}
