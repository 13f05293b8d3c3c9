/** A browser that was signed out from afar hears so at its next request, and forgets what it kept. */
import { Refusal } from '@afar/fhir';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cookies } from './cookies.ts';
import type { Sessions } from './sessions.ts';

/**
 * Asked only of who has no caller: whoever is signed in pays nothing for it.
 * @throws Refusal `device-revoked` (401), but where she is on her way to sign in again
 */
export async function refuseRevoked(
  { cookies, sessions }: { cookies: Cookies; sessions: Sessions },
  req: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const cookie = cookies.session(req);
  if (!cookie || req.headers.authorization || !(await sessions.wasRevoked(cookie))) return;
  // Cookies stay but for the session's: the browser may be known to others of her family [Clear Site Data, W3C].
  void reply.header('clear-site-data', '"cache", "storage"');
  cookies.clearSession(reply);
  if (req.method === 'GET' || !req.url.startsWith('/auth/')) throw new Refusal('device-revoked');
}
