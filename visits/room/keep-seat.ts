/** A seat kept for another lease, in one statement: three thousand visits renew three hundred times a second, and each way to the database costs as much as what is done there. */
import { randomBytes } from 'node:crypto';
import type { Queryable } from '@afar/platform';
import { leaseMs } from './seats.ts';
import { hashOf } from './tickets.ts';

export interface Kept {
  /** ms since epoch */
  leaseUntil: number;
  /** The next resume token; only its hash is kept. */
  token: string;
  /** The number of the last message that was left for her. */
  sent: number;
  /** The highest number she said that was taken in. */
  heard: number;
  /** What counts her messages is gone: it does not survive a crash of the database (N5). */
  uncounted: boolean;
  /** Somebody else's lease ran out while nobody looked. */
  lapsed: boolean;
}

/**
 * Keeps the seat for another lease, with a new resume token beside the one that her browser has for certain, and forgets what it has read: all of
 * it, or, when another socket holds the seat by now, nothing (signalling.md L1, R5). The seat's row is locked first, as by whoever takes the seat
 * away: what follows is in nobody's way.
 *
 * @param seat.known what she came with, or was told before she renewed
 * @param seat.read the highest number that her browser has
 */
export async function keepSeat(
  sql: Queryable,
  seat: {
    tenant: number;
    visit: string;
    person: string;
    connection: string;
    session: number;
    peer: string;
    account: string;
    known: string | undefined;
    read: number;
    now: number;
  },
): Promise<Kept | undefined> {
  const { tenant, visit, person, connection, session, peer, account, known, read, now } = seat;
  const token = randomBytes(32).toString('base64url');
  const leaseUntil = now + leaseMs;
  const { rows } = await sql.query<Pick<Kept, 'sent' | 'heard' | 'uncounted' | 'lapsed'>>({
    name: 'visits.keep-seat',
    text: `with held as (
        update visits.seat set lease_until = $7
        where tenant = $1 and visit = $2 and person = $3 and connection = $4 and session = $5 and seated returning 1),
      gone as (
        delete from visits.ticket
        where tenant = $1 and visit = $2 and person = $3 and kind = 'resume' and hash is distinct from $9
          and exists (select from held)),
      issued as (
        insert into visits.ticket (hash, tenant, visit, account, person, kind, session, expires)
        select $8, $1, $2, $10, $3, 'resume', $5, $7 from held),
      acked as (
        update visits.room_inbox set acked = least(greatest(acked, $11), sent)
        where tenant = $1 and visit = $2 and receiver = $6 and session = $5 and acked < $11 and exists (select from held)),
      had as (
        delete from visits.room_message
        where tenant = $1 and visit = $2 and receiver = $6 and session = $5 and n <= $11 and exists (select from held))
      select coalesce(i.sent, 0) as sent, coalesce(h.heard, 0) as heard, i.sent is null as uncounted,
        exists (
          select from visits.seat
          where tenant = $1 and visit = $2 and person <> $3 and seated and lease_until <= $12) as lapsed
      from held
      left join visits.room_inbox i on i.tenant = $1 and i.visit = $2 and i.receiver = $6 and i.session = $5
      left join visits.room_heard h on h.tenant = $1 and h.visit = $2 and h.sender = $6 and h.session = $5`,
    values: [
      tenant,
      visit,
      person,
      connection,
      session,
      peer,
      leaseUntil,
      hashOf(token),
      known === undefined ? null : hashOf(known),
      account,
      read,
      now,
    ],
  });
  return rows[0] && { leaseUntil, token, ...rows[0] };
}
