/** Who makes this request: a session cookie or a bearer token becomes a Caller, asked of the primary each time. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { reachOf } from './accounts/proxies.ts';
import { deviceOf, isAudited, isOauth, placeOf } from './audit/evidence.ts';
import { defaultPurpose, type Caller } from './caller.ts';
import type { Bearer } from './oauth/bearer.ts';
import type { Cookies } from './sessions/cookies.ts';
import type { Safeguards } from './safeguards.ts';
import type { Profiles } from './profiles.ts';
import { declarePurpose } from './purpose.ts';
import { refuseRevoked } from './sessions/revoked.ts';
import type { Session, Sessions } from './sessions/sessions.ts';
import { staffRoles } from './caller.ts';

export interface AuthenticateDeps {
  clock: { now(): number };
  cookies: Cookies;
  sessions: Sessions;
  bearer(token: string): Promise<Bearer | undefined>;
  sameOrigin(req: FastifyRequest, withCookie: boolean): void;
  tenantOf(host: string): number;
  profiles: Profiles;
  /** Licences, lockdown, guests: see safeguards.ts. */
  safeguards: Pick<Safeguards, 'guestOf' | 'admit' | 'requirePlace' | 'guests'>;
}

const bearerOf = (header: string | undefined): string | undefined =>
  /^Bearer +([^\s]+)$/i.exec(header ?? '')?.[1];

/** The parts of a session that a token has none of. */
const nowhere = { id: '', created: 0, expires: 0, idleMs: 0 };

/** The caller a session stands for. */
export function callerOfSession(session: Session, req: FastifyRequest, at: number): Caller {
  const { account, stage, mfa } = session;
  const { locale, zone } = account.personal;
  const device = deviceOf(req);
  return {
    tenant: account.tenant,
    id: account.id,
    kind: 'user',
    role: account.role,
    ...reachOf(account, at),
    ...(account.fhirUser && { fhirUser: account.fhirUser }),
    wildcard: false,
    ...(account.personal.profile !== undefined && { profile: account.personal.profile }),
    mfa: mfa || (stage === 'full' && !staffRoles.includes(account.role)),
    ...(stage !== 'full' && { pending: true }),
    session: session.id,
    provenAt: session.proven,
    purpose: defaultPurpose(account.role),
    locale,
    ...(zone && { zone }),
    at,
    requestId: req.id,
    ip: req.ip,
    ...(device && { device }),
    level: session.level,
  };
}

/** The device as the trail tells it: through which app, on what. */
const through = (client: string, device: string | undefined): string =>
  `app ${client}${device === undefined ? '' : ` ${device}`}`.slice(0, 200);

/** Whom a token stands for: the person an app acts for, or the client itself. */
function callerOfBearer(bearer: Bearer, req: FastifyRequest, at: number): Caller {
  const device = deviceOf(req);
  const { person } = bearer;
  if (person) {
    const { account, mfa, proven, patient, grant } = person;
    const { session: _, ...caller } = callerOfSession(
      {
        ...nowhere,
        tenant: account.tenant,
        stage: 'full',
        mfa,
        proven,
        account,
        level: bearer.level,
      },
      req,
      at,
    );
    return {
      ...caller,
      scopes: bearer.scopes,
      ...(patient !== undefined && { only: patient }),
      app: { client: bearer.client, grant },
      device: through(bearer.client, device),
    };
  }
  return {
    tenant: bearer.tenant,
    id: bearer.client,
    kind: 'client',
    role: 'system',
    principals: [bearer.client],
    wildcard: bearer.wildcard,
    scopes: bearer.scopes,
    mfa: true,
    purpose: defaultPurpose('system'),
    locale: 'en',
    at,
    requestId: req.id,
    ip: req.ip,
    ...(device && { device }),
    level: bearer.level,
  };
}

/**
 * Undefined when the request carries nothing valid. A bearer token counts alone: with one, a cookie is
 * not looked at.
 */
export function authenticator(
  deps: AuthenticateDeps,
): (req: FastifyRequest) => Promise<Caller | undefined> {
  const { clock, cookies, sessions, bearer, tenantOf } = deps;
  const { safeguards, profiles } = deps;
  const identify = async (req: FastifyRequest, tenant: number): Promise<Caller | undefined> => {
    if (req.headers.authorization !== undefined) {
      const token = bearerOf(req.headers.authorization);
      const found = token && (await bearer(token));
      return found && found.tenant === tenant ? callerOfBearer(found, req, clock.now()) : undefined;
    }
    const cookie = cookies.session(req);
    const guest = safeguards.guestOf(req, tenant, cookie !== undefined);
    if (guest) return guest;
    const session = cookie && (await sessions.find(cookie));
    return session && session.tenant === tenant
      ? callerOfSession(session, req, clock.now())
      : undefined;
  };
  return async (req) => {
    const caller = await identify(req, tenantOf(req.host));
    return caller && safeguards.admit(profiles.narrow(caller));
  };
}

/** An app acts for a person on her record, and nowhere else: not on her account, not in the office, not in her visits. */
function requireAppPlace(req: FastifyRequest, caller: Caller | undefined): void {
  if (caller?.app && !placeOf(req).startsWith('/fhir/')) throw new Refusal('forbidden');
}

/** Sets `req.caller` on every audited address but /oauth, where clients show a secret instead. */
export function hookCaller(http: FastifyInstance, deps: AuthenticateDeps): void {
  const authenticate = authenticator(deps);
  http.decorateRequest('caller', undefined);
  http.addHook('onRequest', (req, reply, done) => {
    if (!isAudited(req) || isOauth(req)) return done();
    authenticate(req)
      .then((caller) => {
        req.caller = caller;
        // After the caller is known, so that the refusal's event says whose browser was made to send it.
        const cookie = deps.cookies.session(req) ?? deps.safeguards.guests.cookie.read(req);
        deps.sameOrigin(req, !req.headers.authorization && cookie !== undefined);
        deps.safeguards.requirePlace(req, caller);
        declarePurpose(req, caller);
        requireAppPlace(req, caller);
      })
      .then(() => (req.caller ? undefined : refuseRevoked(deps, req, reply)))
      .then(() => done(), done);
  });
}
