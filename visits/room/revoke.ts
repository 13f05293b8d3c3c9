/** Takes seats away: tickets void, seats empty, every browser told through whichever process holds it. */
import { channels, type House, type SeatsRevoked } from '../house.ts';
import { endInvites, sendGuestsBack } from '../invites/end-invites.ts';
import { enginesOf } from '../media/port.ts';
import { settle, stopRunning, tellRecording } from '../recording/consent.ts';
import { closeInboxes } from './inbox.ts';
import { lockRoom, seatsChanged } from './room-state.ts';
import { clearSeats, seatsOf } from './seats.ts';
import { voidTickets } from './tickets.ts';

/**
 * Reaches every end within a second. The rows are changed first: a process that misses the event finds out at the next renewal,
 * and a browser that hears nothing ends by its lease. After `ended` nothing of the room is left, and no invitation opens any more.
 */
export async function revoke(house: House, what: SeatsRevoked): Promise<void> {
  const { tenant, visit, reason, person } = what;
  const at = { tenant, visit };
  const over = reason === 'ended';
  const seats = await seatsOf(house.db, tenant, visit);
  const peer = person && seats.find((one) => one.person === person)?.peer;
  const recording = await house.db.tx(async (tx) => {
    await lockRoom(tx, at);
    // Seats before tickets, as whoever renews takes them: never each waiting for the other.
    await clearSeats(tx, at, person, over);
    await voidTickets(tx, { tenant, visit, person });
    if (!person || peer) await closeInboxes(tx, at, peer);
    if (!person) await stopRunning(tx, at, house.clock.now());
    if (over) {
      await tx.query('delete from visits.room where tenant = $1 and visit = $2', [tenant, visit]);
      await endInvites(tx, at, house.clock.now());
    } else {
      if (!person) await sendGuestsBack(tx, at);
      await seatsChanged(tx, house, at, true);
    }
    return person ? settle(tx, house, at) : undefined;
  });
  tellRecording(house, at, recording);
  house.log.info({ visit, reason }, 'seats revoked');
  // First the browsers: an engine that cannot be reached keeps nobody from hearing that it is over.
  await house.events.publish(channels.revoked, what);
  for (const engine of enginesOf(house.media))
    try {
      if (!person) await engine.close(at);
      else if (peer) await engine.eject(at, peer);
    } catch (error) {
      house.log.warn(
        { err: error, visit },
        'the media engine was not told that seats were revoked',
      );
    }
}
