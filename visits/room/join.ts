/** Taking, keeping and leaving a seat: ticket, lease, resume token, roster (signalling.md Joining, Lease). */
import { Refusal } from '@afar/fhir';
import { iso, tell, type House } from '../house.ts';
import { settle, tellRecording } from '../recording/consent.ts';
import { lockRunning } from '../recording/recordings.ts';
import { isOpen, step } from '../state.ts';
import { changeVisit, findVisit, lockVisit } from '../visit-row.ts';
import { requireLicensedClinician } from '../licensing/licensed.ts';
import { heard } from '../waiting/place.ts';
import { auditSocket } from './audit.ts';
import { closing, type Connection, type Held, type Near } from './connection.ts';
import { endLink, grantsOf, mediaFor, openAt, syncLink } from './engine.ts';
import { giveUp, giveUpLapsed } from './give-up.ts';
import { cursorOf, openInbox, reopenInbox, waiting } from './inbox.ts';
import { tellMissed, tellStanding } from './missed.ts';
import { lockRoom, roomState, seatsChanged } from './room-state.ts';
import { keepSeat, type Kept } from './keep-seat.ts';
import { leaseMs, peerRoleOf, seatsOf, sit, standUp, type Seat } from './seats.ts';
import { forgetResume, isTicket, useTicket } from './tickets.ts';
import { isHidden } from './comer.ts';
import { hide } from './withdrawn.ts';

/**
 * Keeps the seat for another lease, with a new resume token. The one that her browser has stays beside it: this answer may be lost on the way.
 * @param read the highest number that her browser has
 * @returns undefined when this socket does not hold the seat any more
 */
const keep = (house: House, on: Connection, held: Held, read: number): Promise<Kept | undefined> =>
  keepSeat(house.db, {
    ...held,
    tenant: on.tenant,
    visit: on.visit,
    connection: on.id,
    account: on.caller.id,
    known: held.former ?? held.resume,
    read,
    now: house.clock.now(),
  });

/** Whatever she says after `joined` says that it came. */
export async function settleResume(house: House, { held }: Connection): Promise<void> {
  if (held?.former === undefined) return;
  await forgetResume(house.db, held.former);
  delete held.former;
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

type Sat = NonNullable<Awaited<ReturnType<typeof sitDown>>>;

/** Takes the seat that a ticket or a resume token leads to. Undefined: it leads to none, or nobody is there any more who could sit. */
async function sitDown(house: House, on: Connection, token: string) {
  const { tenant, visit, id: connection } = on;
  const now = house.clock.now();
  const at = { tenant, visit, account: on.caller.id, now };
  const row = (await isTicket(house.db, token, at)) && (await findVisit(house.db, tenant, visit));
  if (!row || !isOpen(row.state)) return undefined;
  return house.db.tx(async (tx) => {
    await lockRoom(tx, on);
    // Asked under the lock: a browser that gave this socket up has come back on another by now, and must not be thrown out of it.
    const used = on.closed ? undefined : await useTicket(tx, token, at);
    if (!used) return undefined;
    const fresh = used.kind === 'ticket';
    // A resume token of a session that another page has ended since is worth nothing.
    const session = fresh ? undefined : (used.session ?? undefined);
    const sat = await sit(tx, { tenant, visit, person: used.person, connection, session, now });
    if (sat && !fresh) await reopenInbox(tx, on, sat.seat);
    if (sat && fresh) {
      await openInbox(tx, on, sat.seat);
      await seatsChanged(tx, house, on, true);
    }
    if (!sat) return undefined;
    // Whoever sits down is asked before anything more of a recording is made.
    const before = fresh ? undefined : (await lockRunning(tx, on))?.state;
    const settled = await settle(tx, house, on);
    const recording = settled?.state === before ? undefined : settled;
    // `held`: from then on whoever takes the seat from this socket gives it up.
    return { ...sat, recording, fresh, row, now, held: false };
  });
}

export async function join(
  house: House,
  on: Connection,
  { token, after }: { token: string; after?: number },
  near: Near,
): Promise<void> {
  const sat = await sitDown(house, on, token);
  if (!sat) return on.closed ? undefined : refuse(house, on);
  const { tenant, visit } = on;
  tell(house, 'stirred', { tenant, visit });
  tellRecording(house, { tenant, visit }, sat.recording);
  try {
    await sitting(house, on, sat, { token, after }, near);
  } finally {
    // The way was cut meanwhile, or something on it failed: the seat is hers to come back to, and nobody waits for her as for one who is here.
    if (!sat.held && (await standUp(house.db, { ...at(on, sat.seat), gone: false })))
      tell(house, 'stirred', { tenant, visit });
  }
}

const at = ({ tenant, visit, id: connection }: Connection, { person }: Pick<Seat, 'person'>) => ({
  tenant,
  visit,
  person,
  connection,
});

/** From a seat taken to `joined`, and what follows from it. */
async function sitting(
  house: House,
  on: Connection,
  sat: Sat,
  { token, after }: { token: string; after: number | undefined },
  near: Near,
): Promise<void> {
  const { tenant, visit } = on;
  const { seat, replaced, fresh, row, now } = sat;
  const state = await roomState(house, on);
  if (on.closed) return;
  if (!state) return refuse(house, on);
  const cursor = await cursorOf(house.db, on, seat);
  const held: Held = {
    ...seat,
    leaseUntil: now + leaseMs,
    unsaidToEngine: 0,
    ...(!fresh && { former: token }),
    state,
    told: fresh ? 0 : Math.min(after ?? cursor.told, cursor.sent),
  };
  await auditSocket(house, on, fresh ? 'join' : 'resume', 0);
  await openAt(house, { tenant, visit }, state.engine);
  const { iceServers, livekit } = await mediaFor(house, { tenant, visit }, held, state.engine);
  if (livekit) state.livekit = livekit;
  // From here on whoever takes the seat away finds this socket by it; what was taken before, the token is not given for.
  on.held = held;
  sat.held = true;
  const kept = await keep(house, on, held, 0);
  if (on.held !== held) return;
  if (!kept) {
    delete on.held;
    return refuse(house, on);
  }
  held.leaseUntil = kept.leaseUntil;
  held.resume = kept.token;
  on.send({
    type: 'joined',
    peer: seat.peer,
    peerRole: peerRoleOf(seat.role),
    session: seat.session,
    leaseUntil: iso(kept.leaseUntil),
    resume: kept.token,
    iceServers,
    n: held.told,
    heard: cursor.heard,
    ...state,
  });
  // A socket that is still open here though its browser has left it (another network): the media go on under the new one.
  for (const other of near(on))
    if (other !== on && other.held?.peer === held.peer && other.held.session === held.session)
      await endLink(house, other.held, true);
  if (replaced && replaced !== on.id)
    tell(house, 'revoked', {
      tenant,
      visit,
      reason: 'replaced',
      person: seat.person,
      connection: replaced,
    });
  syncLink(house, on);
  await drain(house, on);
  await startIfBoth(house, on);
  tell(house, 'changed', { tenant, visit, clinician: row.clinician });
  await (fresh ? tellStanding(house, on) : tellMissed(house, on));
}

/**
 * What admission asked, asked again: the session, the care relation or the invitation, the state of the visit.
 * @returns why the seat is lost, `hidden`: the record is closed to one of the two; undefined to go on
 */
async function lost(
  house: House,
  on: Connection,
): Promise<'access-withdrawn' | 'returned' | 'ended' | 'hidden' | undefined> {
  const caller = await on.comer.authenticate();
  if (!caller || caller.id !== on.caller.id || caller.tenant !== on.tenant)
    return 'access-withdrawn';
  on.caller = caller;
  const refused = <T>(error: unknown, why: T): T => {
    if (error instanceof Refusal && error.status < 500) return why;
    throw error;
  };
  const hidden = on.held?.role === 'guest' ? 'access-withdrawn' : 'hidden';
  const seen = await on.comer
    .see(caller)
    .catch((error: unknown) => refused(error, isHidden(error) ? hidden : 'access-withdrawn'));
  if (typeof seen === 'string') return seen;
  const { row, standing, guest } = seen;
  if (!isOpen(row.state)) return row.state === 'waiting' ? 'returned' : 'ended';
  if (standing === 'care') return hidden;
  if (standing === 'guest') return guest === 'admitted' ? undefined : 'access-withdrawn';
  return requireLicensedClinician(house, caller, row).then(
    () => undefined,
    (error: unknown) => refused(error, 'access-withdrawn' as const),
  );
}

/** The seat is another socket's, or nobody's any more: why, as far as it can be known. */
async function notHers(house: House, on: Connection, held: Held): Promise<void> {
  const seats = await seatsOf(house.db, on.tenant, on.visit);
  const by = seats.find(({ person }) => person === held.person)?.connection;
  if (by && by !== on.id) return on.revoked('replaced');
  const why = await lost(house, on);
  return why === 'hidden' ? hide(house, on, closing.unknown) : on.revoked(why ?? 'lease-expired');
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
  if (why === 'hidden') return hide(house, on, closing.unknown);
  if (why) {
    await giveUp(house, on, 'left');
    return on.revoked(why);
  }
  const kept = await keep(house, on, held, Math.min(after ?? held.told, held.told));
  if (!kept) return notHers(house, on, held);
  // A crash of the database took what counts messages: her browser resumes, and both begin to count anew (N5).
  if (kept.uncounted) return on.close(closing.unavailable);
  held.leaseUntil = kept.leaseUntil;
  const { iceServers } = await mediaFor(house, { tenant, visit }, held, held.state.engine);
  if (on.held !== held) return;
  // Hers from now on: an engine that failed in between would have left her with one that nobody told her.
  held.resume = kept.token;
  on.send({
    type: 'renewed',
    leaseUntil: iso(kept.leaseUntil),
    resume: kept.token,
    iceServers,
    heard: kept.heard,
  });
  if (held.role === 'patient') await heard(house, { tenant, rid: visit });
  if (kept.lapsed) await giveUpLapsed(house, { tenant, visit });
  await refreshRoster(house, on);
  if (kept.sent > held.told) await drain(house, on);
}
