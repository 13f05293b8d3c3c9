/** Taking, keeping and leaving a seat: ticket, lease, resume token, roster (signalling.md Joining, Lease). */
import { Refusal } from '@afar/fhir';
import { seeVisit } from '../checks.ts';
import { iso, tell, type House } from '../house.ts';
import type { IceServer, ServerMessage } from '../messages.ts';
import { isOpen, step } from '../state.ts';
import { changeVisit, findVisit, lockVisit } from '../visit-row.ts';
import { requireLicensedClinician } from '../licensing/licensed.ts';
import { heard } from '../waiting/place.ts';
import { auditSocket } from './audit.ts';
import { closing, type Connection, type Held } from './connection.ts';
import { take } from './relay.ts';
import { leaseMs, peerRoleOf, renewSeat, roomStateOf, rosterOf, seatsOf, sit } from './seats.ts';
import { issueTicket, useTicket, voidTickets } from './tickets.ts';

async function iceServers(house: House, on: Connection, held: Held): Promise<IceServer[]> {
  const grants = { publish: true, subscribe: true, hidden: false };
  const room = { tenant: on.tenant, visit: on.visit };
  return (await house.media.two.ticket(room, held.peer, held.role, grants)).iceServers;
}

/** A new resume token; the person's former ones die with it. */
async function resumeToken(house: House, on: Connection, held: Held): Promise<string> {
  const { tenant, visit } = on;
  const { person, session, leaseUntil } = held;
  return house.db.tx(async (tx) => {
    await voidTickets(tx, { tenant, visit, person, kind: 'resume' });
    const account = on.caller.id;
    return issueTicket(tx, {
      tenant,
      visit,
      account,
      person,
      kind: 'resume',
      session,
      expires: leaseUntil,
    });
  });
}

/** Brings what waited for this peer, in order, after everything already queued. */
export async function drain(house: House, on: Connection): Promise<void> {
  if (!on.held) return;
  const at = { tenant: on.tenant, visit: on.visit, receiver: on.held.peer };
  for (const message of await take(house, at, on.held.session)) on.send(message);
}

/** Tells the roster when it differs from what this browser knows. */
export async function refreshRoster(house: House, on: Connection): Promise<void> {
  const seats = await seatsOf(house.db, on.tenant, on.visit);
  const roster = rosterOf(seats, house.clock.now());
  if (!on.held || JSON.stringify(roster) === JSON.stringify(on.held.roster)) return;
  on.held.roster = roster;
  on.send({ type: 'roster', ...roomStateOf(roster) });
}

/** Both are there: the visit is in progress. */
async function startIfBoth(house: House, on: Connection): Promise<void> {
  if (!on.held?.roster.every((peer) => peer.present)) return;
  const { tenant, visit } = on;
  const started = await house.db.tx(async (tx) => {
    const row = await lockVisit(tx, tenant, visit);
    const next = row && step(row.state, 'start');
    if (!row || !next || row.state === next) return undefined;
    await changeVisit(tx, row, { state: next, started_at: row.started_at ?? house.clock.now() });
    return row;
  });
  if (started) tell(house, 'changed', { tenant, visit, clinician: started.clinician });
}

/** J2: one answer for every wrong ticket, and a line in the trail. */
async function refuse(house: House, on: Connection): Promise<void> {
  await auditSocket(house, on, 'join-refused', 4);
  on.fail('ticket-refused', closing.refused);
}

export async function join(house: House, on: Connection, token: string): Promise<void> {
  const { tenant, visit, caller, id: connection } = on;
  const now = house.clock.now();
  const used = await useTicket(house.db, token, { tenant, visit, account: caller.id, now });
  const row = used && (await findVisit(house.db, tenant, visit));
  if (!used || !row || !isOpen(row.state)) return refuse(house, on);
  const { person } = used;
  const fresh = used.kind === 'ticket';
  // A resume token of a session that another page has ended since is worth nothing.
  const session = fresh ? undefined : (used.session ?? undefined);
  const sat = await sit(house.db, { tenant, visit, person, connection, session, now });
  if (!sat) return refuse(house, on);
  const { seat, replaced } = sat;
  const roster = rosterOf(await seatsOf(house.db, tenant, visit), now);
  const held: Held = {
    person,
    peer: seat.peer,
    role: seat.role,
    session: seat.session,
    leaseUntil: now + leaseMs,
    roster,
    stored: new Set(),
  };
  await auditSocket(house, on, fresh ? 'join' : 'resume', 0);
  const joined: ServerMessage = {
    type: 'joined',
    peer: seat.peer,
    peerRole: peerRoleOf(seat.role),
    session: seat.session,
    leaseUntil: iso(held.leaseUntil),
    resume: await resumeToken(house, on, held),
    iceServers: await iceServers(house, on, held),
    heard: 0,
    ...roomStateOf(roster),
  };
  on.held = held;
  on.send(joined);
  if (replaced && replaced !== connection)
    tell(house, 'revoked', { tenant, visit, reason: 'replaced', person, connection: replaced });
  tell(house, 'stirred', { tenant, visit });
  await drain(house, on);
  await startIfBoth(house, on);
  tell(house, 'changed', { tenant, visit, clinician: row.clinician });
}

/**
 * Renews the lease, after asking again everything that admission asked: the session, the care relation, the state of the visit, the seat (L1).
 * Media of somebody who lost one of them ends here, 60 s late at the most.
 */
export async function renew(house: House, on: Connection): Promise<void> {
  const { held, tenant, visit } = on;
  if (!held) return on.fail('not-joined', closing.notAllowed);
  const caller = await house.access.authenticate(on.req);
  if (!caller || caller.id !== on.caller.id || caller.tenant !== tenant)
    return on.revoked('access-withdrawn');
  on.caller = caller;
  try {
    const { row, standing } = await seeVisit(house, caller, visit);
    if (standing === 'care') return on.revoked('access-withdrawn');
    await requireLicensedClinician(house, caller, row);
    if (!isOpen(row.state)) return on.revoked(row.state === 'waiting' ? 'returned' : 'ended');
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return on.revoked('access-withdrawn');
    throw error;
  }
  const now = house.clock.now();
  const { person } = held;
  if (!(await renewSeat(house.db, { tenant, visit, person, connection: on.id, now })))
    return on.revoked('replaced');
  held.leaseUntil = now + leaseMs;
  on.send({
    type: 'renewed',
    leaseUntil: iso(held.leaseUntil),
    resume: await resumeToken(house, on, held),
    iceServers: await iceServers(house, on, held),
    heard: 0,
  });
  if (held.role === 'patient') await heard(house, { tenant, rid: visit });
  await refreshRoster(house, on);
  await drain(house, on);
}
