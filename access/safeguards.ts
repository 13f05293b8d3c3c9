/** Licences, lockdown and guests put together: what stands between a caller who is known and what she may do now. */
import { everyTenant, type Db, type Events, type KeyRing, type Log } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from './accounts/accounts.ts';
import type { Approvals } from './approvals/approvals.ts';
import { deviceOf, isAudited, placeOf } from './audit/evidence.ts';
import type { Caller, Role } from './caller.ts';
import { guestCookie, guestHeader, type GuestCookie } from './guests/cookie.ts';
import { callerOfGuest, createGuests, guestMay, type Guests } from './guests/guests.ts';
import { createLicenceOffice, type LicenceOffice } from './licences/licences.ts';
import { licenceRoutes } from './licences/routes.ts';
import { createStandings, type Standings } from './licences/standing.ts';
import { warnOfEnds } from './licences/warnings.ts';
import { createFlag, everywhere } from './lockdown/flag.ts';
import { hookLockdown, requireKeyholder } from './lockdown/gate.ts';
import { createLockdown, type Lockdown } from './lockdown/lockdown.ts';
import { lockdownRoutes } from './lockdown/routes.ts';
import type { Notices } from './notices/notices.ts';
import type { Endings } from './sessions/endings.ts';

export interface LicenceSettings {
  required: boolean;
  /** Of whom a licence is asked. */
  roles: readonly Role[];
}

/** Those who treat patients on their own licence; a trainee works under that of whoever supervises her. */
export const licensedRoles: readonly Role[] = ['practitioner', 'nurse'];

export interface Safeguards {
  licences: Standings & LicenceOffice;
  lockdown: Lockdown;
  guests: Guests & { cookie: GuestCookie };
  /** A guest's session, when that is what the request shows. @param account whether it shows an account's as well */
  guestOf(
    req: FastifyRequest,
    tenant: number,
    account: boolean,
  ): Promise<Caller | undefined> | undefined;
  /** What is to be known of a caller before she does anything; undefined: nobody may be let in now. */
  admit(caller: Caller): Caller | undefined | Promise<Caller>;
  /**
   * The same for a caller whose wish is carried out while she is away. @param whileClosed for work that tells nobody anything
   * @throws Refusal `closed` (503): her wish is kept, and waits
   */
  admitAway(caller: Caller, whileClosed: boolean): Caller | Promise<Caller>;
  /** Hook: before authentication. */
  hook(http: FastifyInstance): void;
  /** @throws Refusal `forbidden` where a guest has no business */
  requirePlace(req: FastifyRequest, caller: Caller | undefined): void;
  routes(http: FastifyInstance): void;
  sweep(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createSafeguards(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  events: Events;
  log: Log;
  accounts: Accounts;
  approvals: Approvals;
  notices: Notices;
  endings: Endings;
  secureCookies: boolean;
  tenantOf(host: string): number;
  licences?: LicenceSettings | undefined;
  lockdownHeardMs?: number | undefined;
}): Safeguards {
  const { clock, endings, tenantOf } = deps;
  const settings = deps.licences ?? { required: false, roles: licensedRoles };
  const standings = createStandings({ ...deps, ...settings });
  const office = createLicenceOffice({ ...deps, standings });
  const flag = createFlag(deps);
  const lockdown = createLockdown({ ...deps, flag, heardMs: deps.lockdownHeardMs });
  const sessions = createGuests(deps);
  const cookie = guestCookie(deps.secureCookies);

  async function licensed(caller: Caller): Promise<Caller> {
    const { tenant, fhirUser } = caller;
    caller.licence = fhirUser
      ? await standings.standing(tenant, fhirUser.id)
      : { proven: false, until: 0 };
    return caller;
  }

  async function guest(req: FastifyRequest, tenant: number, shown: string) {
    const found = await sessions.find(tenant, shown);
    return found && callerOfGuest(found, req, clock.now(), deviceOf(req));
  }

  return {
    licences: { ...standings, ...office },
    lockdown,
    guests: { ...sessions, cookie },
    guestOf(req, tenant, account) {
      if (account && req.headers[guestHeader] === undefined) return undefined;
      const shown = cookie.read(req);
      return shown === undefined ? undefined : guest(req, tenant, shown);
    },
    admit(caller) {
      if (!flag.idle && caller.role !== 'administrator')
        if (flag.lockOf(caller.tenant)?.mode === 'closed') return undefined;
      return standings.asks(caller.role) ? licensed(caller) : caller;
    },
    admitAway(caller, whileClosed) {
      if (!whileClosed) requireKeyholder(flag, caller);
      return standings.asks(caller.role) ? licensed(caller) : caller;
    },
    hook(http) {
      hookLockdown(http, { flag, tenantOf });
    },
    requirePlace(req, caller) {
      if (caller?.kind === 'guest' && isAudited(req) && !guestMay(req.method, placeOf(req)))
        throw new Refusal('forbidden', { detail: 'a guest reads, and nothing else' });
    },
    routes(http) {
      licenceRoutes(http, { office, standings });
      lockdownRoutes(http, { lockdown, tenantOf });
    },
    async sweep() {
      await sessions.sweep();
      // Whoever is to be warned is warned when writing goes on.
      if (!flag.lockOf(everywhere)) await everyTenant(() => warnOfEnds({ ...deps, standings }));
    },
    async start() {
      // A socket stays open without asking: it is made to ask when a clinic is closed.
      flag.onChanged((lock) => {
        if (lock?.mode === 'closed') endings.askAll();
      });
      await flag.start();
    },
    stop: () => flag.stop(),
  };
}
