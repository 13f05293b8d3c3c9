/** Apps put together: clients' tokens and people's consents, their routes, and what is swept of them. */
import type { Db, KeyRing, Log } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Audit } from '../audit/entry.ts';
import type { Endings } from '../sessions/endings.ts';
import { createAppGrants, type AppGrants } from './app-grants.ts';
import { createBearers, type Bearer } from './bearer.ts';
import type { Clients } from './clients.ts';
import { registerClientKinds } from './client-kinds.ts';
import { clientRoutes } from './client-routes.ts';
import { consentRoutes } from './consent-routes.ts';
import { createConsent, type OwnerOf } from './consent.ts';
import { browserOrigins, hookCors } from './cors.ts';
import { discoveryRoutes } from './discovery.ts';
import { createLaunches } from './launches.ts';
import { mountOauth } from './mount.ts';
import type { Outward } from './outward.ts';
import { createRegistration, registrationRoutes } from './registration.ts';
import { userinfoRoutes } from './userinfo.ts';

export interface Apps {
  bearer(token: string): Promise<Bearer | undefined>;
  appGrants: AppGrants;
  /** How to ask the record store whose chart something is in; before it is told, nothing can be shared with an app. */
  askRecords(ownerOf: OwnerOf): void;
  /** Hook: before authentication. */
  hook(http: FastifyInstance): void;
  routes(http: FastifyInstance): void;
  sweep(): Promise<void>;
}

export function createApps(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
  audit: Audit;
  accounts: Accounts;
  approvals: Approvals;
  clients: Clients;
  endings: Endings;
  outbound?: Outward | undefined;
  /** Whether clients may register themselves. */
  clientRegistration?: boolean | undefined;
  baseUrl: string;
  baseUrlOf?: ((tenant: number) => string) | undefined;
  tenantOf(host: string): number;
}): Apps {
  const { db, clock, clients, tenantOf, outbound, clientRegistration: registration = false } = deps;
  const baseUrlOf = deps.baseUrlOf ?? (() => deps.baseUrl);
  const appGrants = createAppGrants(deps);
  const bearer = createBearers({ ...deps, appGrants });
  const launches = createLaunches(deps);
  const origins = browserOrigins(deps);
  registerClientKinds({ ...deps, origins });
  let ask: OwnerOf = () => Promise.resolve(undefined);
  const ownerOf: OwnerOf = (...asked) => ask(...asked);

  return {
    bearer,
    appGrants,
    askRecords(given) {
      ask = given;
    },
    hook: (http) => hookCors(http, deps, origins),
    routes(http) {
      discoveryRoutes(http, { baseUrlOf, tenantOf, registration });
      const { providers } = mountOauth(http, {
        ...deps,
        appGrants,
        baseUrlOf,
        ...(outbound && { outbound }),
      });
      const consent = createConsent({
        clients,
        appGrants,
        launches,
        providers,
        ownerOf,
        clock,
        baseUrlOf,
      });
      consentRoutes(http, { consent, clients, appGrants, launches, ownerOf, baseUrlOf });
      userinfoRoutes(http, { bearer, tenantOf, baseUrlOf });
      const desk = createRegistration(deps);
      clientRoutes(http, {
        ...deps,
        origins,
        registration: registration ? desk : undefined,
      });
      if (registration) registrationRoutes(http, { clients, desk, tenantOf });
    },
    async sweep() {
      await db.query('delete from access.oauth where expires < $1', [clock.now() - 60_000]);
      await appGrants.sweep();
    },
  };
}
