/** Carries messages from one seat to the others: sealed, numbered for each receiver, kept until her browser says it has them (signalling.md R1, R5, N1 to N4). */
import { aad, open, seal, type Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import type { Relayed, SealedOut } from '../messages.ts';

/** 60 s, as long as a lease: an absent receiver who comes back later starts anew. */
export const keptMs = 60_000;

/** Messages that wait unread for one receiver: seven others at 40 a second for 15 s. What comes beyond is lost to her, not to the house. */
const mostWaiting = 4_000;

export interface Address {
  tenant: number;
  visit: string;
}

/** What the server hands on, as the receiver will read it but for its number. */
export type Handed = { from: string; session: number } & (Relayed | Omit<SealedOut, 'to'>);
export type Numbered = Handed & { n: number };

/** Where a message lies now: who is to read it, as the how manieth. */
export interface Left {
  receiver: string;
  session: number;
  n: number;
}

const place = ({ tenant, visit }: Address, receiver: string): Buffer =>
  aad('visits.room_message', tenant, visit, receiver);

/**
 * Leaves a message for some peers, or nothing when this `seq` was taken in before: one statement, so that a process that dies here has
 * done all of it or nothing. Receivers who are not seated have no inbox and get nothing. Their rows are locked in one order:
 * two who speak to everybody at once wait for each other, and never in a ring.
 */
export async function leave(
  house: House,
  room: Address,
  message: Handed,
  to: readonly string[],
  seq: number | undefined,
): Promise<Left[]> {
  const key = await house.keys.tenant(room.tenant);
  const text = JSON.stringify(message);
  const bodies = to.map((receiver) => seal(text, key, place(room, receiver)).toString('hex'));
  const { rows } = await house.db.query<Left>({
    name: 'visits.leave-message',
    text: `with fresh as (
        update visits.room_heard set heard = $9
        where tenant = $1 and visit = $2 and sender = $3 and session = $4 and heard < $9 returning 1),
      meant as (
        select receiver from visits.room_inbox
        where tenant = $1 and visit = $2 and receiver = any($5::uuid[]) and sent - acked < $8
          and ($9::int is null or exists (select from fresh))
        order by receiver for update),
      counted as (
        update visits.room_inbox i set sent = i.sent + 1 from meant
        where i.tenant = $1 and i.visit = $2 and i.receiver = meant.receiver
        returning i.receiver, i.session, i.sent)
      insert into visits.room_message (tenant, visit, receiver, session, n, at, body)
      select $1, $2, c.receiver, c.session, c.sent, $7, decode(b.body, 'hex')
      from counted c join unnest($5::uuid[], $6::text[]) b(receiver, body) on b.receiver = c.receiver
      returning receiver, session, n`,
    values: [
      room.tenant,
      room.visit,
      message.from,
      message.session,
      to,
      bodies,
      house.clock.now(),
      mostWaiting,
      seq ?? null,
    ],
  });
  return rows;
}

/** What came for a seat after the number `after`, in order. Nothing is taken away: its browser may not get it. */
export async function waiting(
  house: House,
  room: Address,
  seat: { peer: string; session: number },
  after: number,
): Promise<Numbered[]> {
  const { rows } = await house.db.query<{ n: number; body: Buffer }>({
    name: 'visits.waiting-messages',
    text: `select n, body from visits.room_message
      where tenant = $1 and visit = $2 and receiver = $3 and n > $4 and session = $5 and at >= $6 order by n`,
    values: [room.tenant, room.visit, seat.peer, after, seat.session, house.clock.now() - keptMs],
  });
  if (!rows.length) return [];
  const key = await house.keys.tenant(room.tenant);
  return rows.map(({ n, body }) => ({
    ...(JSON.parse(open(body, key, place(room, seat.peer)).toString('utf8')) as Handed),
    n,
  }));
}

/** A new session reads from 1, and what it says is counted from 1. In the transaction that seats it. */
export async function openInbox(
  tx: Queryable,
  { tenant, visit }: Address,
  { peer, session }: { peer: string; session: number },
): Promise<void> {
  const values = [tenant, visit, peer, session];
  await tx.query({
    name: 'visits.open-inbox',
    text: `insert into visits.room_inbox (tenant, visit, receiver, session) values ($1, $2, $3, $4)
      on conflict (tenant, visit, receiver) do update set session = excluded.session, sent = 0, told = 0, acked = 0`,
    values,
  });
  await tx.query({
    name: 'visits.open-heard',
    text: `insert into visits.room_heard (tenant, visit, sender, session) values ($1, $2, $3, $4)
      on conflict (tenant, visit, sender) do update set session = excluded.session, heard = 0`,
    values,
  });
  await tx.query({
    name: 'visits.drop-messages',
    text: `delete from visits.room_message where tenant = $1 and visit = $2 and receiver = $3`,
    values: values.slice(0, 3),
  });
}

/** Of a session that goes on: made again where a crash of the database took it (N5). In the transaction that seats it. */
export async function reopenInbox(
  tx: Queryable,
  { tenant, visit }: Address,
  { peer, session }: { peer: string; session: number },
): Promise<void> {
  await tx.query({
    name: 'visits.reopen-inbox',
    text: `with inbox as (
        insert into visits.room_inbox (tenant, visit, receiver, session) values ($1, $2, $3, $4) on conflict do nothing)
      insert into visits.room_heard (tenant, visit, sender, session) values ($1, $2, $3, $4) on conflict do nothing`,
    values: [tenant, visit, peer, session],
  });
}

/** Who is not seated any more has no inbox: all of a visit's, or one peer's. */
export async function closeInboxes(
  tx: Queryable,
  { tenant, visit }: Address,
  peer?: string,
): Promise<void> {
  for (const [table, column] of [
    ['room_message', 'receiver'],
    ['room_inbox', 'receiver'],
    ['room_heard', 'sender'],
  ] as const)
    await tx.query({
      name: `visits.close-${table}`,
      text: `delete from visits.${table} where tenant = $1 and visit = $2 and ($3::uuid is null or ${column} = $3)`,
      values: [tenant, visit, peer ?? null],
    });
}

/** Where a session stands: the highest number it may have seen, and the highest it said that was taken in. */
export async function cursorOf(
  sql: Queryable,
  { tenant, visit }: Address,
  { peer, session }: { peer: string; session: number },
): Promise<{ sent: number; told: number; heard: number }> {
  const { rows } = await sql.query<{ sent: number; told: number; heard: number }>({
    name: 'visits.room-cursor',
    text: `select i.sent, i.told, coalesce(h.heard, 0) as heard from visits.room_inbox i
      left join visits.room_heard h on h.tenant = i.tenant and h.visit = i.visit and h.sender = i.receiver and h.session = i.session
      where i.tenant = $1 and i.visit = $2 and i.receiver = $3 and i.session = $4`,
    values: [tenant, visit, peer, session],
  });
  return rows[0] ?? { sent: 0, told: 0, heard: 0 };
}

/** A socket went: what it was told last, for a browser that does not count itself. */
export async function noteTold(
  sql: Queryable,
  { tenant, visit }: Address,
  { peer, session, told }: { peer: string; session: number; told: number },
): Promise<void> {
  await sql.query({
    name: 'visits.note-told',
    text: `update visits.room_inbox set told = greatest(told, $5)
      where tenant = $1 and visit = $2 and receiver = $3 and session = $4`,
    values: [tenant, visit, peer, session, told],
  });
}

/** Throws away what nobody fetched. */
export async function sweepMessages(sql: Queryable, now: number): Promise<void> {
  await sql.query({
    name: 'visits.sweep-messages',
    text: 'delete from visits.room_message where at < $1',
    values: [now - keptMs],
  });
}
