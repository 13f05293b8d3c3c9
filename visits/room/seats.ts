/** Seats of a visit's room: who may sit where, which connection holds it, until when. */
import { randomUUID } from 'node:crypto';
import type { Queryable } from '@afar/platform';
import type { MediaState, Peer, PeerRole, RoomState } from '../messages.ts';
import type { VisitRow } from '../visit-row.ts';

/** A lease outlives two lost renewals of 20 s (signalling.md L1). */
export const leaseMs = 60_000;

export type SeatRole = 'clinician' | 'patient';

export interface Seat {
  person: string;
  role: SeatRole;
  peer: string;
  session: number;
  connection: string | null;
  lease_until: number;
  media: MediaState;
}

export const silent: MediaState = {
  camera: false,
  microphone: false,
  screen: false,
  audioOnly: false,
};

export const peerRoleOf = (role: SeatRole): PeerRole => (role === 'clinician' ? 'offer' : 'answer');

const columns = 'person, role, peer, session, connection, lease_until, media';

/** Both seats, from admission on; peers that were there before keep their ids. */
export async function setSeats(
  sql: Queryable,
  { tenant, rid, patient, clinician }: VisitRow,
): Promise<void> {
  for (const [person, role] of [
    [clinician, 'clinician'],
    [patient, 'patient'],
  ] as const)
    await sql.query({
      name: 'visits.set-seat',
      text: `insert into visits.seat (tenant, visit, person, role, peer, media) values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing`,
      values: [tenant, rid, person, role, randomUUID(), JSON.stringify(silent)],
    });
}

export async function seatsOf(sql: Queryable, tenant: number, visit: string): Promise<Seat[]> {
  const { rows } = await sql.query<Seat>({
    name: 'visits.seats',
    text: `select ${columns} from visits.seat where tenant = $1 and visit = $2 order by role`,
    values: [tenant, visit],
  });
  return rows;
}

export function rosterOf(seats: readonly Seat[], now: number): Peer[] {
  return seats.map(({ peer, role, session, connection, lease_until, media }) => ({
    peer,
    role,
    peerRole: peerRoleOf(role),
    session,
    seated: session > 0 && lease_until > now,
    present: connection !== null && lease_until > now,
    media,
  }));
}

/** Roster, epoch and engine as every `joined` and `roster` tells them. */
export function roomStateOf(roster: Peer[]): RoomState {
  return { roster, epoch: roster.reduce((sum, peer) => sum + peer.session, 0), engine: 'p2p' };
}

/** Sits down: a fresh join begins a new session, a resume keeps it. Tells whose connection was there before; undefined = no such seat or session. */
export async function sit(
  sql: Queryable,
  opts: {
    tenant: number;
    visit: string;
    person: string;
    connection: string;
    /** Of a resume token: the session it may continue; absent = a fresh join. */
    session: number | undefined;
    now: number;
  },
): Promise<{ seat: Seat; replaced: string | null } | undefined> {
  const { tenant, visit, person, connection, session, now } = opts;
  const { rows } = await sql.query<Seat & { replaced: string | null }>({
    name: 'visits.sit',
    text: `with before as (
        select connection as old, lease_until as until from visits.seat
        where tenant = $1 and visit = $2 and person = $3 and ($6::int is null or session = $6) for update)
      update visits.seat set connection = $4, lease_until = $5, session = session + case when $6::int is null then 1 else 0 end
      from before where tenant = $1 and visit = $2 and person = $3
      returning ${columns}, before.old as replaced`,
    values: [tenant, visit, person, connection, now + leaseMs, session ?? null],
  });
  const row = rows[0];
  return row && { seat: row, replaced: row.replaced };
}

/** Keeps the seat for another lease. False when somebody else holds it by now. */
export async function renewSeat(
  sql: Queryable,
  opts: { tenant: number; visit: string; person: string; connection: string; now: number },
): Promise<boolean> {
  const { tenant, visit, person, connection, now } = opts;
  const { rowCount } = await sql.query({
    name: 'visits.renew-seat',
    text: `update visits.seat set lease_until = $5
      where tenant = $1 and visit = $2 and person = $3 and connection = $4`,
    values: [tenant, visit, person, connection, now + leaseMs],
  });
  return rowCount > 0;
}

/**
 * Stands up: the connection is gone. Only the connection that holds the seat can give it up. A lost one keeps what it said it sends, for it
 * may resume; one that left does not.
 */
export async function standUp(
  sql: Queryable,
  opts: { tenant: number; visit: string; person: string; connection: string; left: boolean },
): Promise<boolean> {
  const { tenant, visit, person, connection, left } = opts;
  const { rowCount } = await sql.query({
    name: 'visits.stand-up',
    text: `update visits.seat set connection = null, media = case when $5 then $6::jsonb else media end
      where tenant = $1 and visit = $2 and person = $3 and connection = $4`,
    values: [tenant, visit, person, connection, left, JSON.stringify(silent)],
  });
  return rowCount > 0;
}

export async function setMedia(
  sql: Queryable,
  opts: { tenant: number; visit: string; person: string; connection: string; media: MediaState },
): Promise<void> {
  const { tenant, visit, person, connection, media } = opts;
  await sql.query({
    name: 'visits.set-media',
    text: `update visits.seat set media = $5
      where tenant = $1 and visit = $2 and person = $3 and connection = $4`,
    values: [tenant, visit, person, connection, JSON.stringify(media)],
  });
}

/** Takes seats away: all of a visit, or one person's. */
export async function clearSeats(
  sql: Queryable,
  tenant: number,
  visit: string,
  person: string | undefined,
): Promise<void> {
  await sql.query({
    name: 'visits.clear-seats',
    text: `update visits.seat set connection = null, lease_until = 0, media = $4
      where tenant = $1 and visit = $2 and ($3::uuid is null or person = $3)`,
    values: [tenant, visit, person ?? null, JSON.stringify(silent)],
  });
}
