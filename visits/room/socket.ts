/** Opens the socket of a visit: who is signed in, from one of our own pages, and not too often (signalling.md Opening). */
import websocket from '@fastify/websocket';
import { requireCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '../house.ts';
import { isUuid } from '../scheduling/rule.ts';
import { guestAt, guestComer, type Guest } from '../invites/guest-session.ts';
import { accountComer, type Comer } from './comer.ts';
import { closing, openConnection } from './connection.ts';
import { frameBytes } from './parse-message.ts';
import type { Switchboard } from './switchboard.ts';

/** 10 s: an upgrade that was answered like a plain request (refused, or no such address) keeps its connection no longer. */
const refusedMs = 10_000;

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
  const { baseUrl, baseUrlOf = () => baseUrl } = house;
  /** A page of another clinic of this installation is as foreign as any. */
  const allowed = (tenant = 1) =>
    new Set([new URL(baseUrlOf(tenant)).origin, ...house.config.origins]);
  // One listener for upgrades a server: where a scope around this one has it, a second would answer every upgrade twice.
  if (!app.hasDecorator('websocketServer'))
    await app.register(websocket, {
      options: { maxPayload: frameBytes, perMessageDeflate: false, clientTracking: true },
    });
  // Node hands an upgraded connection over and never closes it: one that gets no socket would stay for ever. ws clears the timeout of
  // those that do.
  app.server.on('upgrade', (_req, socket: Socket) => {
    socket.setTimeout(refusedMs, () => socket.destroy());
  });
  const closeRefused = async (req: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (reply.statusCode >= 400) req.raw.socket.destroySoon();
  };
  const requireSignedIn = async (req: FastifyRequest): Promise<void> => {
    requireCaller(req);
  };
  /** Found before the upgrade: a socket listens at once, or its first message is lost. */
  const guests = new WeakMap<FastifyRequest, Guest>();
  const requireGuest = async (req: FastifyRequest): Promise<void> => {
    const guest = await guestAt(house, req);
    if (!guest) throw new Refusal('unauthenticated');
    guests.set(req, guest);
    const { evidence } = req;
    Object.assign(evidence, { who: guest.caller.id, role: 'guest', rid: guest.invite.visit });
    evidence.patients.push(guest.invite.patient);
  };
  const requireOrigin = async (req: FastifyRequest): Promise<void> => {
    if (!originAllowed(req.headers, allowed(req.tenant))) throw new Refusal('foreign-origin');
  };
  const seat = (ws: WebSocket, opened: { comer: Comer; caller: Caller; visit: string }): void => {
    const on = openConnection(house, board, ws, opened);
    if (!board.add(on)) on.fail('too-fast', closing.flooding);
  };
  app.get<{ Params: { id: string } }>(
    '/visits/:id/socket',
    { websocket: true, preValidation: [requireSignedIn, requireOrigin], onResponse: closeRefused },
    (ws, req) => {
      const visit = req.params.id;
      if (!isUuid(visit)) return ws.close(closing.unknown);
      seat(ws, { comer: accountComer(house, req, visit), caller: requireCaller(req), visit });
    },
  );
  // A guest's: which visit it is, her cookie says.
  app.get(
    '/visit-guest/socket',
    {
      websocket: true,
      preValidation: [requireGuest, requireOrigin],
      onResponse: closeRefused,
    },
    (ws, req) => {
      const found = guests.get(req);
      if (!found) return ws.close(closing.refused);
      const { caller, invite } = found;
      seat(ws, { comer: guestComer(house, req, invite.id), caller, visit: invite.visit });
    },
  );
}
