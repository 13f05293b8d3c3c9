/** Guests over HTTP: `/api/visits/:id/guests` for the two of the visit, `/api/visit-guest` for the guest herself. */
import { clinicalRoles, systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  requireOpenVisit,
  requireOwnClinician,
  requireParticipant,
  requirePatient,
  type VisitAsk,
} from '../checks.ts';
import type { Guests, GuestView } from '../contract.ts';
import type { Endpoints, Trail } from '../endpoint.ts';
import { tell, type House } from '../house.ts';
import type { Part } from '../parts.ts';
import { seatsIn } from '../room/engine.ts';
import { ticketFor } from '../room/issue-join-ticket.ts';
import { seatsOf } from '../room/seats.ts';
import { isUuid } from '../scheduling/rule.ts';
import { isOpen, isOver } from '../state.ts';
import { findVisit, type VisitRow } from '../visit-row.ts';
import { admitGuest, answerGuest, shutOut } from './admit-guest.ts';
import { beginSession, clearCookie, guestAt, requireGuest, type Guest } from './guest-session.ts';
import {
  changeInvite,
  findInvite,
  invitesOf,
  nameContext,
  openInvite,
  staffKinds,
} from './invite.ts';
import { makeInvite, readInvite } from './make.ts';
import { guestView, guestVisit } from './view.ts';
import { readWhisper, setWhisper } from './whisper.ts';

/** A guest's answer: nothing of it is kept by a browser. */
export function guestRoute(
  app: FastifyInstance,
  house: House,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  trail: Trail,
  act: (guest: Guest, row: VisitRow, req: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  bodyLimit = 64 * 1024,
): void {
  app.route({
    method,
    url: path,
    bodyLimit,
    handler: async (req, reply) => {
      Object.assign(req.evidence, trail);
      void reply.header('cache-control', 'no-store');
      const guest = await requireGuest(house, req);
      const row = await findVisit(house.db, guest.invite.tenant, guest.invite.visit);
      if (!row) throw new Refusal('unauthenticated');
      return act(guest, row, req, reply);
    },
  });
}

const guestOf = ({ req }: VisitAsk): string => {
  const { guest } = req.params as { guest?: string };
  if (!isUuid(guest)) throw new Refusal('not-found');
  return guest;
};

async function view(house: House, { tenant, rid }: VisitRow, id: string): Promise<GuestView> {
  const invite = await findInvite(house.db, tenant, id);
  if (!invite || invite.visit !== rid) throw new Refusal('not-found');
  const seat = (await seatsOf(house.db, tenant, rid)).find((one) => one.person === id);
  return guestView(house, invite, seat?.peer);
}

async function listGuests(house: House, { tenant, rid }: VisitRow): Promise<Guests> {
  const seats = await seatsOf(house.db, tenant, rid);
  const most = seatsIn(house.media);
  const invites = await invitesOf(house.db, tenant, rid);
  const peerOf = (id: string) => seats.find((one) => one.person === id)?.peer;
  return {
    guests: await Promise.all(invites.map((one) => guestView(house, one, peerOf(one.id)))),
    room: most <= 2 ? 'two-only' : seats.length >= most ? 'full' : 'open',
  };
}

function hostRoutes(on: Endpoints, house: House): void {
  const base = '/visits/:id/guests';
  on.onVisit(
    'POST',
    base,
    { action: 'invite-guest', verb: 'C' },
    [requireParticipant],
    async ({ caller, row, standing, req, reply }) => {
      const made = await makeInvite(house, caller, row, standing, readInvite(req.body));
      void reply.code(201).header('cache-control', 'no-store');
      return made;
    },
  );
  on.onVisit('GET', base, { action: 'guests', verb: 'R' }, [requireParticipant], async ({ row }) =>
    listGuests(house, row),
  );
  on.onVisit(
    'POST',
    `${base}/:guest/admit`,
    { action: 'admit-guest', verb: 'E' },
    [requireOwnClinician, requireOpenVisit],
    async (ask) => {
      await admitGuest(house, ask.caller, ask.row, guestOf(ask));
      return view(house, ask.row, guestOf(ask));
    },
  );
  on.onVisit(
    'POST',
    `${base}/:guest/answer`,
    { action: 'answer-guest', verb: 'E' },
    [requirePatient],
    async (ask) => {
      const { agree } = (ask.req.body ?? {}) as { agree?: unknown };
      if (typeof agree !== 'boolean') throw new Refusal('invalid', { expression: ['agree'] });
      await answerGuest(house, ask.caller, ask.row, guestOf(ask), agree);
      return view(house, ask.row, guestOf(ask));
    },
  );
  on.onVisit(
    'POST',
    `${base}/:guest/revoke`,
    { action: 'eject-guest', verb: 'E' },
    [requireParticipant],
    async (ask) => {
      const state = ask.standing === 'patient' ? 'refused' : 'ended';
      await shutOut(house, ask.row, guestOf(ask), state);
      return view(house, ask.row, guestOf(ask));
    },
  );
  on.onVisit(
    'POST',
    `${base}/:guest/whisper`,
    { action: 'grant-whisper', verb: 'E' },
    [requireOwnClinician, requireOpenVisit],
    async (ask) => {
      await setWhisper(house, ask.row, guestOf(ask), readWhisper(ask.req.body));
      return view(house, ask.row, guestOf(ask));
    },
  );
}

/** Tells the clinician that somebody stands at the door. */
function knock(house: House, { tenant, rid: visit, clinician }: VisitRow): void {
  tell(house, 'happened', { tenant, visit, event: { type: 'guests' } });
  tell(house, 'changed', { tenant, visit, clinician });
}

function openingRoute(app: FastifyInstance, house: House): void {
  app.post('/visit-guest/open', async (req, reply) => {
    Object.assign(req.evidence, { action: 'open-invitation', verb: 'E' });
    void reply.header('cache-control', 'no-store');
    const tenant = req.tenant ?? house.tenantOf?.(req.host) ?? 1;
    // 256 random bits are not guessed; this keeps a script from asking the database for sport.
    await house.access.allowances.take(tenant, {
      of: ['visit-guest-open', req.ip],
      most: 30,
      windowMs: 600_000,
    });
    const { secret } = (req.body ?? {}) as { secret?: unknown };
    const fits = typeof secret === 'string' && /^[\w-]{43}$/.test(secret);
    const invite = fits ? await openInvite(house.db, tenant, secret, house.clock.now()) : undefined;
    const row = invite && (await findVisit(house.db, tenant, invite.visit));
    if (!invite || !row || isOver(row.state))
      throw new Refusal('not-found', { diagnostics: 'this link does not open anything' });
    Object.assign(req.evidence, {
      who: invite.id,
      role: 'guest',
      type: 'Appointment',
      rid: row.rid,
    });
    req.evidence.patients.push(row.patient);
    await beginSession(house, reply, invite);
    knock(house, row);
    return guestVisit(house, invite, row);
  });
}

function guestRoutes(app: FastifyInstance, house: House): void {
  guestRoute(
    app,
    house,
    'GET',
    '/visit-guest',
    { action: 'guest-visit', verb: 'R' },
    (guest, row) => guestVisit(house, guest.invite, row),
  );
  guestRoute(
    app,
    house,
    'POST',
    '/visit-guest/sign-in',
    { action: 'guest-signs-in', verb: 'E' },
    async ({ invite }, row, req) => {
      const own = await house.access.authenticate(req);
      const practitioner = own?.fhirUser?.type === 'Practitioner' ? own.fhirUser.id : undefined;
      if (!own || !practitioner || own.pending || !clinicalRoles.includes(own.role))
        throw new Refusal('unauthenticated');
      if (!staffKinds.includes(invite.kind)) throw new Refusal('forbidden');
      // Before she is let in: afterwards everybody has read another name.
      if (invite.state !== 'waiting') throw new Refusal('conflict');
      const { name } = await house.directory.clinician(invite.tenant, practitioner);
      const { tenant, id, patient } = invite;
      const seal = systemCaller(tenant, house.clock, 'guest-name');
      const sealed = await house.records.sealFor(seal, patient, nameContext(id), name);
      const change = { account: own.id, name: sealed };
      await changeInvite(house.db, invite, change);
      knock(house, row);
      return guestVisit(house, { ...invite, ...change, tenant }, row);
    },
  );
  guestRoute(
    app,
    house,
    'POST',
    '/visit-guest/join',
    { action: 'ticket', verb: 'E' },
    async ({ caller, invite }, row) => {
      if (invite.state !== 'admitted' || !isOpen(row.state))
        throw new Refusal('conflict', { detail: `guest ${invite.state}, visit ${row.state}` });
      return ticketFor(house, caller, row, invite.id, '/api/visit-guest/socket');
    },
  );
  app.post('/visit-guest/leave', async (req, reply) => {
    Object.assign(req.evidence, { action: 'guest-leaves', verb: 'E' });
    const guest = await guestAt(house, req);
    if (guest) {
      await requireGuest(house, req);
      const row = await findVisit(house.db, guest.invite.tenant, guest.invite.visit);
      if (row) await shutOut(house, row, guest.invite.id, 'left');
    }
    clearCookie(house, reply);
    return reply.code(204).send();
  });
}

export const invitesPart = (house: House): Part => ({
  routes(on, app) {
    hostRoutes(on, house);
    openingRoute(app, house);
    guestRoutes(app, house);
  },
});
