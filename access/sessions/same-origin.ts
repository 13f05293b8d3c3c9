/** Refuses state-changing requests that another site made a browser send. */
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A check for requests whose authority is a cookie. Requests with a bearer token need none: no browser
 * adds one by itself. A websocket handshake is a GET that opens a channel: it is checked too.
 * @throws Refusal `foreign-origin` (403)
 */
export function sameOrigin(
  baseUrlOf: (tenant: number) => string,
): (req: FastifyRequest, withCookie: boolean) => void {
  return (req, withCookie) => {
    const { origin, host, upgrade, authorization } = req.headers;
    if (authorization && !withCookie) return;
    if (safe.has(req.method) && upgrade?.toLowerCase() !== 'websocket') return;
    const site = req.headers['sec-fetch-site'];
    if (typeof origin === 'string') {
      if (origin === new URL(baseUrlOf(req.tenant ?? 1)).origin) return;
      // The address the browser itself used: another site cannot make the two agree.
      if (host && URL.canParse(origin) && new URL(origin).host === host && site !== 'cross-site')
        return;
      throw new Refusal('foreign-origin');
    }
    if (site === 'same-origin') return;
    // No word on where it comes from: fine for a first sign-in by a program, not with a cookie.
    if (withCookie || site !== undefined) throw new Refusal('foreign-origin');
  };
}
