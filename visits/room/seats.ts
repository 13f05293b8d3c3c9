/** Seats of a visit's room: who may sit where, which connection holds it, until when. */
import { randomUUID } from 'node:crypto';
import type { Queryable } from '@afar/platform';
import type { GuestKind, MediaState, PeerRole, SeatRole } from '../messages.ts';
import type { VisitRow } from '../visit-row.ts';

/** A lease outlives two lost renewals of 20 s (signalling.md L1). */
export const leaseMs = 60_000;

/** The two of the visit and six more: what eight tiles and a phone's processor bear. */
export const mostSeats = 8;

export interface Seat {
  /** Patient's or Practitioner's id; of a guest her invitation's. */
  person: string;
  role: SeatRole;
  kind: GuestKind | null;
  peer: string;
  session: number;
  seated: boolean;
  connection: string | null;
  lease_until: number;
  media: MediaState;
  /** Peers who hear what she says aside. */
  whispers: string[];
}

export const silent: MediaState = {
  camera: false,
  microphone: false,
  screen: false,
  audioOnly: false,
};

/** One end of two offers, the clinician's; guests only ever talk through an engine. */
export const peerRoleOf = (role: SeatRole): PeerRole => (role === 'clinician' ? 'offer' : 'answer');

export const seatColumns =
  'person, role, kind, peer, session, seated, connection, lease_until, media, whispers';

interface At {
  tenant: number;
  visit: string;
}

/** A seat for somebody; one that is there keeps its peer id. */
export async function addSeat(
  sql: Queryable,
  { tenant, visit }: At,
  who: { person: string; role: SeatRole; kind?: GuestKind; whispers?: string[] },
): Promise<void> {
  const { person, role, kind, whispers = [] } = who;
  await sql.query({
    name: 'visits.set-seat',
    text: `insert into visits.seat (tenant, visit, person, role, kind, peer, media, whispers)
      values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    values: [
      tenant,
      visit,
      person,
      role,
      kind ?? null,
      randomUUID(),
      JSON.stringify(silent),
      whispers,
    ],
  });
}

/** The two seats of a visit, from admission on. */
export async function setSeats(
  sql: Queryable,
  { tenant, rid: visit, patient, clinician }: VisitRow,
): Promise<void> {
  await addSeat(sql, { tenant, visit }, { person: clinician, role: 'clinician' });
  await addSeat(sql, { tenant, visit }, { person: patient, role: 'patient' });
}

export async function seatsOf(sql: Queryable, tenant: number, visit: string): Promise<Seat[]> {
  const { rows } = await sql.query<Seat>({
    name: 'visits.seats',
    text: `select ${seatColumns} from visits.seat where tenant = $1 and visit = $2 order by role, peer`,
    values: [tenant, visit],
  });
  return rows;
}

/** Whether some socket holds a person's seat. */
export async function isTaken(
  sql: Queryable,
  { tenant, visit }: At,
  person: string,
): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'visits.is-taken',
    text: 'select from visits.seat where tenant = $1 and visit = $2 and person = $3 and connection is not null',
    values: [tenant, visit, person],
  });
  return rowCount > 0;
}

/** Sits down: a fresh join begins a new session, a resume keeps it. Tells whose connection was there before; undefined = no such seat or session. */
export async function sit(
  sql: Queryable,
  opts: At & {
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
        select connection as old from visits.seat
        where tenant = $1 and visit = $2 and person = $3 and ($6::int is null or (session = $6 and seated)) for update)
      update visits.seat set connection = $4, lease_until = $5, seated = true,
        session = session + case when $6::int is null then 1 else 0 end
      from before where tenant = $1 and visit = $2 and person = $3
      returning ${seatColumns}, before.old as replaced`,
    values: [tenant, visit, person, connection, now + leaseMs, session ?? null],
  });
  const row = rows[0];
  return row && { seat: row, replaced: row.replaced };
}

interface Sitting extends At {
  person: string;
  connection: string;
}

/**
 * Stands up: the connection is gone. Only the connection that holds the seat can give it up. One that was lost keeps the seat, and what
 * it said it sends, for it may resume; one that left or let its lease run out does not.
 */
export async function standUp(sql: Queryable, opts: Sitting & { gone: boolean }): Promise<boolean> {
  const { tenant, visit, person, connection, gone } = opts;
  const { rowCount } = await sql.query({
    name: 'visits.stand-up',
    text: `update visits.seat set connection = null, seated = seated and not $5,
        media = case when $5 then $6::jsonb else media end
      where tenant = $1 and visit = $2 and person = $3 and connection = $4`,
    values: [tenant, visit, person, connection, gone, JSON.stringify(silent)],
  });
  return rowCount > 0;
}

/** Seats whose lease ran out while nobody looked (their process died): empty now. @returns their peers */
export async function lapse(sql: Queryable, { tenant, visit }: At, now: number): Promise<string[]> {
  const { rows } = await sql.query<{ peer: string }>({
    name: 'visits.lapse-seats',
    text: `update visits.seat set connection = null, seated = false, media = $4
      where tenant = $1 and visit = $2 and seated and lease_until <= $3 returning peer`,
    values: [tenant, visit, now, JSON.stringify(silent)],
  });
  return rows.map((row) => row.peer);
}

export async function setMedia(
  sql: Queryable,
  opts: Sitting & { media: MediaState },
): Promise<void> {
  const { tenant, visit, person, connection, media } = opts;
  await sql.query({
    name: 'visits.set-media',
    text: `update visits.seat set media = $5
      where tenant = $1 and visit = $2 and person = $3 and connection = $4`,
    values: [tenant, visit, person, connection, JSON.stringify(media)],
  });
}

/** Takes seats away: all of a visit, or one person's. A guest's goes altogether; `over`: everybody's does. */
export async function clearSeats(
  sql: Queryable,
  { tenant, visit }: At,
  person: string | undefined,
  over: boolean,
): Promise<void> {
  await sql.query({
    name: 'visits.drop-seats',
    text: `delete from visits.seat where tenant = $1 and visit = $2 and ($3::uuid is null or person = $3)
      and ($4 or role = 'guest')`,
    values: [tenant, visit, person ?? null, over],
  });
  await sql.query({
    name: 'visits.clear-seats',
    text: `update visits.seat set connection = null, lease_until = 0, seated = false, media = $4
      where tenant = $1 and visit = $2 and ($3::uuid is null or person = $3)`,
    values: [tenant, visit, person ?? null, JSON.stringify(silent)],
  });
}
