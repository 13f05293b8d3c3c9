/** /auth: signing in and out, and one's own account. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { callerOfSession } from '../authenticate.ts';
import type {
  Me,
  SecondFactorRequest,
  SecondFactorResponse,
  SessionList,
  SignInRequest,
  SignInResponse,
  UpdateMeRequest,
} from '../contract.ts';
import { isStrong } from '../may.ts';
import { passwordFault } from '../passwords.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { SignIn } from '../sessions/sign-in.ts';
import { isUuid } from '../ids.ts';

export interface AuthRoutesDeps {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  cookies: Cookies;
  signIn: SignIn;
  clock: { now(): number };
  tenantOf(host: string): number;
}

const text = (maxLength: number, minLength = 1) =>
  ({ type: 'string', minLength, maxLength }) as const;

const body = (
  properties: Record<string, object>,
  required: string[] = Object.keys(properties),
) => ({
  schema: { body: { type: 'object', properties, required, additionalProperties: false } },
});

const knownZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const knownLocale = (locale: string): boolean => {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
};

export function authRoutes(http: FastifyInstance, deps: AuthRoutesDeps): void {
  const { accounts, sessions, devices, cookies, signIn, clock, tenantOf } = deps;

  /** The session of a caller who has shown all that is asked of her; a missing second factor is told as 401 here. */
  async function session(req: FastifyRequest): Promise<{ session: Session; cookie: string }> {
    const cookie = cookies.session(req);
    const found = cookie && (await sessions.find(cookie));
    if (!cookie || !found || found.stage !== 'full' || found.tenant !== tenantOf(req.host))
      throw new Refusal('unauthenticated');
    return { session: found, cookie };
  }

  http.post<{ Body: SignInRequest; Reply: SignInResponse }>(
    '/auth/sign-in',
    body({ email: text(254, 3), password: text(256) }),
    async (req, reply) => {
      req.evidence.action = 'sign-in';
      const { email, password } = req.body;
      const me = await signIn.password(req, reply, tenantOf(req.host), email, password);
      return me === 'second-factor'
        ? { status: 'second-factor', methods: ['totp'] }
        : { status: 'signed-in', me };
    },
  );

  http.post<{ Body: SecondFactorRequest; Reply: SecondFactorResponse }>(
    '/auth/second-factor',
    body({ code: text(16) }),
    async (req, reply) => {
      req.evidence.action = 'second-factor';
      const me = await signIn.code(req, reply, req.body.code.replaceAll(/\s/g, ''));
      return { status: 'signed-in', me };
    },
  );

  http.post('/auth/sign-out', async (req, reply) => {
    req.evidence.action = 'sign-out';
    const cookie = cookies.session(req);
    if (cookie) await sessions.end(cookie);
    cookies.clearSession(reply);
    // Whatever the browser kept of this person goes with her [Clear Site Data, W3C].
    return reply.header('clear-site-data', '"cache"').code(204).send();
  });

  http.get<{ Reply: Me }>('/auth/me', async (req, reply) => {
    req.evidence.action = 'me';
    const { session: own } = await session(req);
    void reply.header('cache-control', 'no-store');
    return signIn.me(own);
  });

  http.patch<{ Body: UpdateMeRequest; Reply: Me }>(
    '/auth/me',
    body(
      {
        locale: text(35, 2),
        zone: text(64, 1),
        password: {
          type: 'object',
          properties: { current: text(256), next: text(256) },
          required: ['current', 'next'],
          additionalProperties: false,
        },
      },
      [],
    ),
    async (req) => {
      req.evidence.action = 'change-me';
      const { session: own, cookie } = await session(req);
      const { account } = own;
      const { locale, zone, password } = req.body;
      if (locale !== undefined && !knownLocale(locale))
        throw new Refusal('invalid', { diagnostics: 'unknown locale', expression: ['locale'] });
      if (zone !== undefined && !knownZone(zone))
        throw new Refusal('invalid', { diagnostics: 'unknown time zone', expression: ['zone'] });
      if (password) await changePassword(req, own, cookie, password);
      const personal = { ...(locale && { locale }), ...(zone && { zone }) };
      if (locale || zone) await accounts.change(account.tenant, account.id, { personal });
      const after = await sessions.find(cookie);
      if (!after) throw new Refusal('unauthenticated');
      req.caller = callerOfSession(after, req, clock.now());
      return signIn.me(after);
    },
  );

  async function changePassword(
    req: FastifyRequest,
    { account, mfa }: Session,
    cookie: string,
    { current, next }: { current: string; next: string },
  ): Promise<void> {
    const { personal, tenant, id } = account;
    if (!isStrong({ role: account.role, mfa }))
      throw new Refusal('second-factor-required', { status: 403 });
    await signIn.confirm(req, account, current);
    const own = [personal.email, personal.email.split('@')[0]!, ...personal.name.split(/\s+/)];
    const fault = passwordFault(next, own);
    if (fault) throw new Refusal('invalid', { diagnostics: fault, expression: ['password.next'] });
    await accounts.change(tenant, id, { password: next });
    // Whoever knew the old password is out, here and in every browser they were remembered from.
    await sessions.revokeAll(tenant, id, cookie);
    await devices.forgetAll(tenant, id);
  }

  http.get<{ Reply: SessionList }>('/auth/sessions', async (req) => {
    req.evidence.action = 'sessions';
    const { session: own, cookie } = await session(req);
    return { sessions: await sessions.list(own.account, cookie) };
  });

  http.delete<{ Params: { id: string } }>('/auth/sessions/:id', async (req, reply) => {
    req.evidence.action = 'end-session';
    const { session: own } = await session(req);
    const { tenant, id } = own.account;
    if (!isUuid(req.params.id) || !(await sessions.revoke(tenant, id, req.params.id)))
      throw new Refusal('not-found');
    return reply.code(204).send();
  });
}
