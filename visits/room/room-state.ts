/** Where a room stands: who sits in it, in which epoch, by which engine; one row a room, and every change of seats passes through its lock. */
import { systemCaller } from '@afar/access';
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { nameContext } from '../invites/invite.ts';
import type { EngineName } from '../media/port.ts';
import type { Peer, RoomState } from '../messages.ts';
import { engineFor } from './engine.ts';
import { peerRoleOf, seatColumns, type Seat } from './seats.ts';

interface At {
  tenant: number;
  visit: string;
}

/** Holds the room until the transaction ends: changes of who is seated take turns, and each sees the one before. */
export async function lockRoom(tx: Queryable, { tenant, visit }: At): Promise<void> {
  await tx.query({
    name: 'visits.make-room',
    text: 'insert into visits.room (tenant, visit) values ($1, $2) on conflict do nothing',
    values: [tenant, visit],
  });
  await tx.query({
    name: 'visits.lock-room',
    text: 'select from visits.room where tenant = $1 and visit = $2 for update',
    values: [tenant, visit],
  });
}

/**
 * Writes down what a change of seats means for the room, in its transaction: the engine that as many people need, and a new epoch when
 * who is seated changed. A guest counts from her admission until she leaves: the others move over before she comes.
 */
export async function seatsChanged(
  tx: Queryable,
  house: House,
  { tenant, visit }: At,
  newEpoch: boolean,
): Promise<EngineName> {
  const { rows } = await tx.query<{ people: number; before: EngineName }>({
    name: 'visits.count-people',
    text: `select (select count(*) from visits.seat s where s.tenant = $1 and s.visit = $2
        and (role <> 'guest' or seated or session = 0)) as people,
      (select engine from visits.room where tenant = $1 and visit = $2) as before`,
    values: [tenant, visit],
  });
  const { people, before } = rows[0]!;
  const engine = engineFor(house.media, Number(people));
  await tx.query({
    name: 'visits.change-room',
    text: `update visits.room set epoch = epoch + $3, engine = $4 where tenant = $1 and visit = $2`,
    values: [tenant, visit, newEpoch ? 1 : 0, engine],
  });
  if (engine !== before) house.log.info({ visit, engine }, 'the room has another engine');
  return engine;
}

interface SeatInRoom extends Seat {
  epoch: number;
  engine: EngineName;
  patient: string;
  name: Buffer | null;
}

/** What a guest is called: as she was invited, or by her own name when she signed in. */
async function nameIn(house: House, tenant: number, seat: SeatInRoom): Promise<string | undefined> {
  if (!seat.name) return undefined;
  const caller = systemCaller(tenant, house.clock, 'roster');
  return house.records.openFor(caller, seat.patient, nameContext(seat.person), seat.name);
}

function peerOf(seat: SeatInRoom, name: string | undefined, now: number): Peer {
  const { peer, role, kind, session, seated, connection, lease_until, media, whispers } = seat;
  return {
    peer,
    role,
    ...(kind && { as: kind }),
    ...(name !== undefined && { name }),
    ...(kind === 'observer' && { hidden: true as const }),
    ...(whispers.length > 0 && { whispersTo: whispers }),
    peerRole: peerRoleOf(role),
    session,
    seated: seated && lease_until > now,
    present: connection !== null && lease_until > now,
    media,
  };
}

/** One look at the room, as `joined` and every `roster` tell it; undefined: there is none. */
export async function roomState(
  house: House,
  { tenant, visit }: At,
): Promise<RoomState | undefined> {
  const { rows } = await house.db.query<SeatInRoom>({
    name: 'visits.room-state',
    text: `select ${seatColumns
      .split(', ')
      .map((name) => `s.${name}`)
      .join(', ')},
        coalesce(r.epoch, 0) as epoch, coalesce(r.engine, 'p2p') as engine, i.name, i.patient
      from visits.seat s
      left join visits.room r on r.tenant = s.tenant and r.visit = s.visit
      left join visits.invite i on s.role = 'guest' and i.tenant = s.tenant and i.id = s.person
      where s.tenant = $1 and s.visit = $2 order by s.role, s.peer`,
    values: [tenant, visit],
  });
  const first = rows[0];
  if (!first) return undefined;
  const now = house.clock.now();
  const roster = await Promise.all(
    rows.map(async (seat) => peerOf(seat, await nameIn(house, tenant, seat), now)),
  );
  return { roster, epoch: first.epoch, engine: first.engine };
}
