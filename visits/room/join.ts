/** Taking, keeping and leaving a seat: ticket, lease, resume token, roster (signalling.md Joining, Lease). */
import { Refusal } from '@afar/fhir';
import { iso, tell, type House } from '../house.ts';
import { settle, tellRecording } from '../recording/consent.ts';
import { isOpen, step } from '../state.ts';
import { changeVisit, findVisit, lockVisit } from '../visit-row.ts';
import { requireLicensedClinician } from '../licensing/licensed.ts';
import { heard } from '../waiting/place.ts';
import { auditSocket } from './audit.ts';
import { closing, type Connection, type Held, type Near } from './connection.ts';
import { endLink, grantsOf, mediaFor, openAt, syncLink } from './engine.ts';
import { giveUp, giveUpLapsed } from './give-up.ts';
import { acknowledge, cursorOf, openInbox, waiting } from './inbox.ts';
import { tellMissed, tellPhone } from './missed.ts';
import { lockRoom, roomState, seatsChanged } from './room-state.ts';
import { leaseMs, peerRoleOf, renewSeat, sit } from './seats.ts';
import { issueResume, useTicket } from './tickets.ts';

/** A new resume token. The one that her browser has stays beside it: this answer may be lost on the way. */
async function resumeToken(house: House, on: Connection, held: Held): Promise<string> {
  const { tenant, visit, caller } = on;
  const { person, session, leaseUntil, resume } = held;
  const seat = { tenant, visit, account: caller.id, person, session, expires: leaseUntil };
  held.resume = await issueResume(house.db, seat, resume);
  return held.resume;
}

/** Brings what came for this seat after the last that went out here, in order. */
export async function drain(house: House, on: Connection): Promise<void> {
  const { held } = on;
  if (!held) return;
  for (const message of await waiting(house, on, held, held.told)) {
    if (on.held !== held) return;
    held.told = message.n;
    on.send(message);
  }
}

/** Tells roster, epoch and engine when they differ from what this browser knows; a new engine comes with what it takes to reach it. */
export async function refreshRoster(house: House, on: Connection): Promise<void> {
  const { held, tenant, visit } = on;
  const state = held && (await roomState(house, on));
  if (!state || on.held !== held) return;
  const { livekit: _before, ...known } = held.state;
  if (JSON.stringify(state) === JSON.stringify(known)) return;
  const own = state.roster.find((one) => one.peer === held.peer);
  const whispers = own?.whispersTo ?? [];
  const granted = whispers.join() === held.whispers.join();
  held.whispers = whispers;
  // The engine is told where her link is, whichever process the clinician asked.
  if (!granted) await house.media.many?.setGrants({ tenant, visit }, held.peer, grantsOf(held));
  if (state.engine !== known.engine) {
    await openAt(house, { tenant, visit }, state.engine);
    const { livekit } = await mediaFor(house, { tenant, visit }, held, state.engine);
    if (livekit) state.livekit = livekit;
  }
  held.state = state;
  on.send({ type: 'roster', ...state });
  syncLink(house, on);
}

/** Patient and clinician are both there: the visit is in progress. */
async function startIfBoth(house: House, on: Connection): Promise<void> {
  const two = on.held?.state.roster.filter((one) => one.role !== 'guest') ?? [];
  if (two.length < 2 || !two.every((peer) => peer.present)) return;
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

export async function join(
  house: House,
  on: Connection,
  { token, after }: { token: string; after?: number },
  near: Near,
): Promise<void> {
  const { tenant, visit, caller, id: connection } = on;
  const now = house.clock.now();
  const used = await useTicket(house.db, token, { tenant, visit, account: caller.id, now });
  const row = used && (await findVisit(house.db, tenant, visit));
  if (!used || !row || !isOpen(row.state)) return refuse(house, on);
  const { person } = used;
  const fresh = used.kind === 'ticket';
  // A resume token of a session that another page has ended since is worth nothing.
  const session = fresh ? undefined : (used.session ?? undefined);
  const sat = await house.db.tx(async (tx) => {
    await lockRoom(tx, on);
    const sat = await sit(tx, { tenant, visit, person, connection, session, now });
    if (sat && fresh) {
      await openInbox(tx, on, sat.seat);
      await seatsChanged(tx, house, on, true);
    }
    // Whoever sits down is asked before anything more of a recording is made.
    const recording = sat && fresh ? await settle(tx, house, on) : undefined;
    return sat && { ...sat, recording };
  });
  const state = sat && (await roomState(house, on));
  if (!state) return refuse(house, on);
  const { seat, replaced } = sat;
  const cursor = await cursorOf(house.db, on, seat);
  const held: Held = {
    ...seat,
    leaseUntil: now + leaseMs,
    unsaidToEngine: 0,
    ...(!fresh && { resume: token }),
    state,
    told: fresh ? 0 : Math.min(after ?? cursor.told, cursor.sent),
  };
  await auditSocket(house, on, fresh ? 'join' : 'resume', 0);
  await openAt(house, { tenant, visit }, state.engine);
  const { iceServers, livekit } = await mediaFor(house, { tenant, visit }, held, state.engine);
  if (livekit) state.livekit = livekit;
  const resume = await resumeToken(house, on, held);
  on.held = held;
  on.send({
    type: 'joined',
    peer: seat.peer,
    peerRole: peerRoleOf(seat.role),
    session: seat.session,
    leaseUntil: iso(held.leaseUntil),
    resume,
    iceServers,
    n: held.told,
    heard: cursor.heard,
    ...state,
  });
  // A socket that is still open here though its browser has left it (another network): the media go on under the new one.
  for (const other of near(on))
    if (other !== on && other.held?.peer === held.peer && other.held.session === held.session)
      await endLink(house, other.held, true);
  if (replaced && replaced !== connection)
    tell(house, 'revoked', { tenant, visit, reason: 'replaced', person, connection: replaced });
  tell(house, 'stirred', { tenant, visit });
  tellRecording(house, { tenant, visit }, sat.recording);
  await drain(house, on);
  await (fresh ? tellPhone(house, on) : tellMissed(house, on));
  syncLink(house, on);
  await startIfBoth(house, on);
  tell(house, 'changed', { tenant, visit, clinician: row.clinician });
}

/**
 * What admission asked, asked again: the session, the care relation or the invitation, the state of the visit.
 * @returns why the seat is lost; undefined to go on
 */
async function lost(
  house: House,
  on: Connection,
): Promise<'access-withdrawn' | 'returned' | 'ended' | undefined> {
  const caller = await on.comer.authenticate();
  if (!caller || caller.id !== on.caller.id || caller.tenant !== on.tenant)
    return 'access-withdrawn';
  on.caller = caller;
  try {
    const { row, standing, guest } = await on.comer.see(caller);
    if (!isOpen(row.state)) return row.state === 'waiting' ? 'returned' : 'ended';
    if (standing === 'care' || (standing === 'guest' && guest !== 'admitted'))
      return 'access-withdrawn';
    if (standing !== 'guest') await requireLicensedClinician(house, caller, row);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return 'access-withdrawn';
    throw error;
  }
}

/** Renews the lease. Media of somebody who lost her right to it ends here, 60 s late at the most (L1). */
export async function renew(
  house: House,
  on: Connection,
  after: number | undefined,
): Promise<void> {
  const { held, tenant, visit } = on;
  if (!held) return on.fail('not-joined', closing.notAllowed);
  const why = await lost(house, on);
  if (why) {
    await giveUp(house, on, 'left');
    return on.revoked(why);
  }
  const now = house.clock.now();
  const { person } = held;
  if (!(await renewSeat(house.db, { tenant, visit, person, connection: on.id, now })))
    return on.revoked('replaced');
  held.leaseUntil = now + leaseMs;
  await acknowledge(house.db, on, held, Math.min(after ?? held.told, held.told));
  const { heard: taken } = await cursorOf(house.db, on, held);
  const { engine } = held.state;
  const { iceServers } = await mediaFor(house, { tenant, visit }, held, engine);
  on.send({
    type: 'renewed',
    leaseUntil: iso(held.leaseUntil),
    resume: await resumeToken(house, on, held),
    iceServers,
    heard: taken,
  });
  if (held.role === 'patient') await heard(house, { tenant, rid: visit });
  await giveUpLapsed(house, { tenant, visit });
  await refreshRoster(house, on);
  await drain(house, on);
}
