/** Opens the socket of a visit: who is signed in, from one of our own pages, and not too often (signalling.md Opening). */
import websocket from '@fastify/websocket';
import { requireCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { House } from '../house.ts';
import { isUuid } from '../scheduling/rule.ts';
import { closing, openConnection } from './connection.ts';
import { frameBytes } from './parse-message.ts';
import type { Switchboard } from './switchboard.ts';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * S2. Cookies ride along with a socket that any page opens, and browsers do not ask first: the Origin decides.
 * Only a client that authenticates by header and sends no cookie may do without one.
 */
export function originAllowed(
  headers: { origin?: string; host?: string; cookie?: string; authorization?: string },
  allowed: ReadonlySet<string>,
): boolean {
  const { origin, host, cookie, authorization } = headers;
  if (origin === undefined) return authorization !== undefined && cookie === undefined;
  if (allowed.has(origin)) return true;
  // The same machine by another of its names: `localhost` was configured, 127.0.0.1 was typed.
  try {
    const url = new URL(origin);
    return loopback.has(url.hostname) && url.host === host;
  } catch {
    return false;
  }
}

export async function socketRoute(
  app: FastifyInstance,
  house: House,
  board: Switchboard,
): Promise<void> {
  const allowed = new Set([new URL(house.baseUrl).origin, ...house.config.origins]);
  await app.register(websocket, {
    options: { maxPayload: frameBytes, perMessageDeflate: false, clientTracking: true },
  });
  const requireSignedIn = async (req: FastifyRequest): Promise<void> => {
    requireCaller(req);
  };
  const requireOrigin = async (req: FastifyRequest): Promise<void> => {
    if (!originAllowed(req.headers, allowed)) throw new Refusal('foreign-origin');
  };
  app.get<{ Params: { id: string } }>(
    '/visits/:id/socket',
    { websocket: true, preValidation: [requireSignedIn, requireOrigin] },
    (ws, req) => {
      const visit = req.params.id;
      if (!isUuid(visit)) return ws.close(closing.unknown);
      const on = openConnection(house, board, ws, { req, caller: requireCaller(req), visit });
      if (!board.add(on)) on.fail('too-fast', closing.flooding);
    },
  );
}
