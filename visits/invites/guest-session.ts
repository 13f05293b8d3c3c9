/** A guest's browser: a cookie that opens the pages of one visit and is nobody everywhere else. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { House } from '../house.ts';
import type { Comer } from '../room/comer.ts';
import { isOver } from '../state.ts';
import { findVisit } from '../visit-row.ts';
import { findInvite, hashOf, isLive, newSecret, type Invite } from './invite.ts';

/** 24 h: longer than any visit; it ends with the visit in any case. */
export const sessionMs = 24 * 3_600_000;

/** `__Host-` binds the cookie to this host, path and TLS [RFC 6265bis 4.1.3.2]. */
const nameOf = (house: House): string =>
  `${house.baseUrl.startsWith('https:') ? '__Host-' : ''}afar_visit_guest`;

const tenantOf = (house: House, req: FastifyRequest): number =>
  req.tenant ?? house.tenantOf?.(req.host) ?? 1;

function cookieIn(house: House, req: FastifyRequest): string | undefined {
  return new RegExp(`(?:^|; ?)${nameOf(house)}=([\\w-]{43})(?:;|$)`).exec(
    req.headers.cookie ?? '',
  )?.[1];
}

export async function beginSession(
  house: House,
  reply: FastifyReply,
  { tenant, id }: Invite,
): Promise<void> {
  const value = newSecret();
  await house.db.query({
    name: 'visits.begin-guest-session',
    text: 'insert into visits.guest_session (tenant, hash, invite, expires) values ($1, $2, $3, $4)',
    values: [tenant, hashOf(value), id, house.clock.now() + sessionMs],
  });
  const secure = house.baseUrl.startsWith('https:') ? '; Secure' : '';
  const flags = `Path=/; HttpOnly; SameSite=Strict${secure}; Max-Age=${sessionMs / 1000}`;
  reply.header('set-cookie', `${nameOf(house)}=${value}; ${flags}`);
}

export function clearCookie(house: House, reply: FastifyReply): void {
  const secure = house.baseUrl.startsWith('https:') ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${nameOf(house)}=; Path=/; HttpOnly; SameSite=Strict${secure}; Max-Age=0`,
  );
}

/**
 * A guest as the trail and the room know her: the invitation, or the account she signed in with. She holds no grant and no scope: the
 * record store shows her nothing.
 */
function callerOf(house: House, invite: Invite, req: FastifyRequest): Caller {
  const device = req.headers['user-agent']?.slice(0, 200);
  return {
    tenant: invite.tenant,
    id: invite.account ?? invite.id,
    kind: 'guest',
    role: 'guest',
    principals: [invite.id],
    wildcard: false,
    scopes: [],
    mfa: false,
    purpose: 'TREAT',
    locale: 'en',
    at: house.clock.now(),
    requestId: req.id,
    ip: req.ip,
    ...(device && { device }),
  };
}

export interface Guest {
  caller: Caller;
  invite: Invite;
}

/** Whose browser this is; undefined: no guest's, or one whose invitation is over. Asked of the database each time. */
export async function guestAt(house: House, req: FastifyRequest): Promise<Guest | undefined> {
  const cookie = cookieIn(house, req);
  if (cookie === undefined) return undefined;
  const tenant = tenantOf(house, req);
  const now = house.clock.now();
  const { rows } = await house.db.query<{ invite: string }>({
    name: 'visits.guest-session',
    text: 'select invite from visits.guest_session where tenant = $1 and hash = $2 and expires > $3',
    values: [tenant, hashOf(cookie), now],
  });
  const invite = rows[0] && (await findInvite(house.db, tenant, rows[0].invite));
  if (!invite || !isLive(invite, now)) return undefined;
  if (house.access.lockdown.flag.lockOf(tenant)?.mode === 'closed') return undefined;
  // Who signed in as herself is there as long as she stays signed in.
  if (invite.account && (await house.access.authenticate(req))?.id !== invite.account)
    return undefined;
  return { caller: callerOf(house, invite, req), invite };
}

/** @throws Refusal 'unauthenticated'; leaves in the request's event who asked, and of whose visit */
export async function requireGuest(house: House, req: FastifyRequest): Promise<Guest> {
  const guest = await guestAt(house, req);
  if (!guest) throw new Refusal('unauthenticated');
  const { evidence } = req;
  evidence.who = guest.caller.id;
  evidence.role = 'guest';
  evidence.type = 'Appointment';
  evidence.rid = guest.invite.visit;
  evidence.patients.push(guest.invite.patient);
  return guest;
}

/** At the socket: the invitation is asked for again at every renewal and status. */
export const guestComer = (house: House, req: FastifyRequest, invite: string): Comer => ({
  async authenticate() {
    const guest = await guestAt(house, req);
    return guest?.invite.id === invite ? guest.caller : undefined;
  },
  async see({ tenant }) {
    const found = await findInvite(house.db, tenant, invite);
    const row = found && (await findVisit(house.db, tenant, found.visit));
    if (!found || !row || !isLive(found, house.clock.now())) throw new Refusal('not-found');
    return { row, standing: 'guest', guest: isOver(row.state) ? 'ended' : found.state };
  },
});
