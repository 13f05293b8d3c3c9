/** /auth: signing in and out, who one is, and showing it again. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type {
  Me,
  PasskeyOptions,
  PasskeyOptionsRequest,
  PasskeySignInRequest,
  SecondFactorRequest,
  SecondFactorResponse,
  SignInRequest,
  SignInResponse,
  StepUpRequest,
} from '../contract.ts';
import { newSecret } from '../ids.ts';
import type { ChallengeFor } from '../passkeys/challenges.ts';
import type { PasskeyCeremonies } from '../passkeys/passkeys.ts';
import type { PasskeyStore } from '../passkeys/store.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Opening } from '../sessions/opening.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignIn } from '../sessions/sign-in.ts';
import { assertion, body, factorProof, stepUpProof, text } from './bodies.ts';
import type { FindOwn } from './own-session.ts';

export interface AuthRoutesDeps {
  sessions: Sessions;
  cookies: Cookies;
  signIn: SignIn;
  opening: Opening;
  ceremonies: PasskeyCeremonies;
  passkeys: PasskeyStore;
  own: FindOwn;
  tenantOf(host: string): number;
}

/** The browser's own cookie for challenges; made when it has none. */
export function ceremonyOf(cookies: Cookies, req: FastifyRequest, reply: FastifyReply): string {
  const browser = cookies.ceremony(req) ?? newSecret();
  cookies.setCeremony(reply, browser);
  return browser;
}

export function authRoutes(http: FastifyInstance, deps: AuthRoutesDeps): void {
  const { sessions, cookies, signIn, opening, ceremonies, passkeys, own, tenantOf } = deps;

  http.post<{ Body: SignInRequest; Reply: SignInResponse }>(
    '/auth/sign-in',
    body({ email: text(254, 3), password: text(256) }),
    async (req, reply) => {
      req.evidence.action = 'sign-in';
      const { email, password } = req.body;
      const answer = await signIn.password(req, reply, tenantOf(req.host), email, password);
      return 'methods' in answer
        ? { status: 'second-factor', ...answer }
        : { status: 'signed-in', me: answer };
    },
  );

  http.post<{ Body: SecondFactorRequest; Reply: SecondFactorResponse }>(
    '/auth/second-factor',
    factorProof,
    async (req, reply) => {
      req.evidence.action = 'second-factor';
      return { status: 'signed-in', me: await signIn.secondFactor(req, reply, req.body) };
    },
  );

  http.post<{ Body: PasskeySignInRequest; Reply: SignInResponse }>(
    '/auth/passkey',
    body({ passkey: assertion }),
    async (req, reply) => {
      req.evidence.action = 'sign-in-passkey';
      const { passkey } = req.body;
      const me = await signIn.passkey(req, reply, tenantOf(req.host), passkey);
      return { status: 'signed-in', me };
    },
  );

  /** Whose passkeys a challenge is for: those of a session that waits for one, or whoever's. */
  async function asked(req: FastifyRequest, purpose: PasskeyOptionsRequest['purpose']) {
    if (purpose === 'sign-in') return undefined;
    const cookie = cookies.session(req);
    const session = cookie && (await sessions.find(cookie));
    const stages = purpose === 'step-up' ? ['full'] : ['password', 'recovery'];
    if (!session || !stages.includes(session.stage) || session.tenant !== tenantOf(req.host))
      throw new Refusal('unauthenticated');
    return session.account;
  }

  http.post<{ Body: PasskeyOptionsRequest; Reply: PasskeyOptions }>(
    '/auth/passkey/options',
    body({ purpose: { type: 'string', enum: ['sign-in', 'second-factor', 'step-up'] } }),
    async (req, reply) => {
      req.evidence.action = 'passkey-options';
      const { purpose } = req.body;
      const account = await asked(req, purpose);
      const tenant = tenantOf(req.host);
      const browser = ceremonyOf(cookies, req, reply);
      const what: ChallengeFor = { tenant, purpose, browser, account: account?.id };
      void reply.header('cache-control', 'no-store');
      return ceremonies.requestOptions(
        what,
        account ? await passkeys.list(tenant, account.id) : [],
      );
    },
  );

  http.post<{ Body: StepUpRequest }>('/auth/step-up', stepUpProof, async (req, reply) => {
    Object.assign(req.evidence, { action: 'step-up', verb: 'E' });
    const { session, cookie } = await own(req);
    await signIn.stepUp(req, session, cookie, req.body);
    return reply.code(204).send();
  });

  http.post('/auth/sign-out', async (req, reply) => {
    req.evidence.action = 'sign-out';
    const cookie = cookies.session(req);
    if (cookie) await sessions.end(cookie);
    cookies.clearSession(reply);
    // Whatever the browser kept of this person goes with her [Clear Site Data, W3C].
    return reply.header('clear-site-data', '"cache"').code(204).send();
  });

  http.get<{ Reply: Me | undefined }>('/auth/me', async (req, reply) => {
    req.evidence.action = 'me';
    void reply.header('cache-control', 'no-store');
    const cookie = cookies.session(req);
    const session = cookie && (await sessions.find(cookie));
    // Every page asks first who is there: nobody is an answer, not a refusal that an auditor should look at.
    if (!session || session.stage !== 'full' || session.tenant !== tenantOf(req.host))
      return reply.code(204).send(undefined);
    return opening.me(session);
  });
}
