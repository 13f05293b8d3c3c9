/** A socket stops holding its seat: dropped, it may be resumed; left or run out, the others get new keys (signalling.md E2, L3, L5). */
import { tell, type House } from '../house.ts';
import { settle, tellRecording } from '../recording/consent.ts';
import type { Connection } from './connection.ts';
import { endLink } from './engine.ts';
import { closeInboxes, noteTold } from './inbox.ts';
import { lockRoom, seatsChanged } from './room-state.ts';
import { isTaken, lapse, standUp } from './seats.ts';
import { voidTickets } from './tickets.ts';

/** `dropped`: the way was cut. `left`: on purpose, or shut out. `lapsed`: the lease ran out. */
export type Going = 'dropped' | 'left' | 'lapsed';

export async function giveUp(house: House, on: Connection, how: Going): Promise<void> {
  const { held, tenant, visit } = on;
  if (!held) return;
  delete on.held;
  const { person, peer } = held;
  const gone = how !== 'dropped';
  void endLink(house, held, !gone);
  const stood = await house.db.tx(async (tx) => {
    if (gone) await lockRoom(tx, on);
    const stood = await standUp(tx, { tenant, visit, person, connection: on.id, gone });
    // Not those of another page of hers that has taken the seat meanwhile.
    if (how === 'left' && (stood || !(await isTaken(tx, on, person))))
      await voidTickets(tx, { tenant, visit, person });
    if (stood && gone) {
      await closeInboxes(tx, on, peer);
      await seatsChanged(tx, house, on, true);
    } else if (stood) await noteTold(tx, on, held);
    return stood && { recording: gone ? await settle(tx, house, on) : undefined };
  });
  if (!stood) return;
  tellRecording(house, { tenant, visit }, stood.recording);
  tell(house, 'stirred', { tenant, visit });
  if (on.seen) tell(house, 'changed', { tenant, visit, clinician: on.seen.row.clinician });
}

/** Seats that ran out while their process was dead are given up by whoever looks next. */
export async function giveUpLapsed(
  house: House,
  room: { tenant: number; visit: string },
): Promise<void> {
  const { tenant, visit } = room;
  const now = house.clock.now();
  const { rowCount } = await house.db.query({
    name: 'visits.lapsed-seats',
    text: `select from visits.seat where tenant = $1 and visit = $2 and seated and lease_until <= $3 limit 1`,
    values: [tenant, visit, now],
  });
  if (!rowCount) return;
  const lapsed = await house.db.tx(async (tx) => {
    await lockRoom(tx, room);
    const peers = await lapse(tx, room, now);
    for (const peer of peers) await closeInboxes(tx, room, peer);
    if (!peers.length) return undefined;
    await seatsChanged(tx, house, room, true);
    return { recording: await settle(tx, house, room) };
  });
  if (!lapsed) return;
  tellRecording(house, room, lapsed.recording);
  tell(house, 'stirred', { tenant, visit });
}
