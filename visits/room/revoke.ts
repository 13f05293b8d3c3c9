/** Takes seats away: tickets void, seats empty, both browsers told through whichever process holds them. */
import { channels, type House, type SeatsRevoked } from '../house.ts';
import { enginesOf } from '../media/port.ts';
import { clearSeats, seatsOf } from './seats.ts';
import { voidTickets } from './tickets.ts';

/**
 * Reaches both ends within a second. The rows are changed first: a process that misses the event finds out at the next renewal,
 * and a browser that hears nothing ends by its lease.
 */
export async function revoke(house: House, what: SeatsRevoked): Promise<void> {
  const { tenant, visit, reason, person } = what;
  const seats = await seatsOf(house.db, tenant, visit);
  await house.db.tx(async (tx) => {
    await voidTickets(tx, { tenant, visit, person });
    await clearSeats(tx, tenant, visit, person);
    await tx.query('delete from visits.room_message where tenant = $1 and visit = $2', [
      tenant,
      visit,
    ]);
  });
  const room = { tenant, visit };
  const peer = person && seats.find((one) => one.person === person)?.peer;
  for (const engine of enginesOf(house.media)) {
    if (!person) await engine.close(room);
    else if (peer) await engine.eject(room, peer);
  }
  house.log.info({ visit, reason }, 'seats revoked');
  await house.events.publish(channels.revoked, what);
}
