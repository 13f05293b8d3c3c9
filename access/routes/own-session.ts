/** The session behind a request to /auth: one's own account, whatever it may reach. */
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { hasSecondFactor } from '../accounts/vault.ts';
import { isFresh, isStrong } from '../may.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';

export interface OwnSession {
  session: Session;
  cookie: string;
}

export type FindOwn = (req: FastifyRequest) => Promise<OwnSession>;

/** @throws Refusal `unauthenticated` (401) unless everything that is asked of the account was shown */
export function ownSession(deps: {
  cookies: Cookies;
  sessions: Sessions;
  tenantOf(host: string): number;
}): FindOwn {
  const { cookies, sessions, tenantOf } = deps;
  return async (req) => {
    const cookie = cookies.session(req);
    const session = cookie && (await sessions.find(cookie));
    if (!cookie || !session || session.stage !== 'full' || session.tenant !== tenantOf(req.host))
      throw new Refusal('unauthenticated');
    return { session, cookie };
  };
}

/**
 * For what decides who can sign in as her. Staff who have no second factor yet may add their first one, and nothing else.
 * @throws Refusal `second-factor-required` (403), `step-up-required` (403)
 */
export function requireOwnProof({ account, mfa, proven }: Session, now: number): void {
  if (hasSecondFactor(account) && !isStrong({ role: account.role, mfa }))
    throw new Refusal('second-factor-required', { status: 403 });
  if (!isFresh(now, proven)) throw new Refusal('step-up-required');
}
