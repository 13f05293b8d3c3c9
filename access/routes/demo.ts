/** /auth/demo: sign in as a demo account, in demo mode and from this very machine only; elsewhere it does not exist. */
import { isIP } from 'node:net';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { DemoAccounts, DemoSignInRequest, SignInResponse } from '../contract.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SignIn } from '../sessions/sign-in.ts';
import type { FindOwn } from './own-session.ts';

const loopback = (address: string): boolean =>
  address === '::1' ||
  (isIP(address.replace(/^::ffff:/, '')) === 4 && /^(?:::ffff:)?127\./.test(address));

/**
 * True when the connection itself comes from this machine. Headers that a proxy or a stranger may write
 * never make it true; a proxy's presence makes it false, and so does a host name that is not this
 * machine's own (a web page that had its name point here).
 */
export function isLocal(req: FastifyRequest): boolean {
  if (!loopback(req.socket.remoteAddress ?? '')) return false;
  if (req.headers['x-forwarded-for'] ?? req.headers.forwarded ?? req.headers['x-real-ip'])
    return false;
  const host = (req.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || loopback(host);
}

export function demoRoutes(
  http: FastifyInstance,
  deps: {
    accounts: Accounts;
    sessions: Sessions;
    signIn: SignIn;
    own: FindOwn;
    tenantOf(host: string): number;
    demo: boolean;
  },
): void {
  const { accounts, sessions, signIn, own, tenantOf, demo } = deps;
  const requireLocal = (req: FastifyRequest): void => {
    req.evidence.action = 'demo';
    // In production the address answers like any that does not exist.
    if (!demo || !isLocal(req)) throw new Refusal('not-found');
  };

  http.get<{ Reply: DemoAccounts }>('/auth/demo', async (req) => {
    requireLocal(req);
    const all = await accounts.list(tenantOf(req.host), undefined, 100);
    return {
      accounts: all
        .filter((one) => one.status === 'active')
        .map(({ role, personal: { name, email } }) => ({ role, name, email })),
    };
  });

  http.post<{ Body: DemoSignInRequest; Reply: SignInResponse }>(
    '/auth/demo',
    {
      schema: {
        body: {
          type: 'object',
          properties: { email: { type: 'string', maxLength: 254 } },
          required: ['email'],
        },
      },
    },
    async (req, reply) => {
      requireLocal(req);
      const account = await accounts.byEmail(tenantOf(req.host), req.body.email);
      if (!account || account.status !== 'active') throw new Refusal('not-found');
      return { status: 'signed-in', me: await signIn.as(req, reply, account) };
    },
  );

  // Whoever came in by the panel has no authenticator app of these people to show again.
  http.post('/auth/demo/step-up', async (req, reply) => {
    requireLocal(req);
    const { cookie } = await own(req);
    await sessions.prove(cookie);
    return reply.code(204).send();
  });
}
