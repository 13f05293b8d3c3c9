/** Carries messages from one seat to another through the database, sealed, in order, exactly once (signalling.md R1, R5). */
import { aad, open, seal, type Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import type { ServerMessage } from '../messages.ts';

/** 60 s, as long as a lease: an absent receiver who comes back later starts anew. */
export const keptMs = 60_000;

export interface Address {
  tenant: number;
  visit: string;
  /** The receiver's peer id. */
  receiver: string;
}

const place = ({ tenant, visit, receiver }: Address): Buffer =>
  aad('visits.room_message', tenant, visit, receiver);

/** Leaves a message for a peer; `session` is the receiver's at this time. */
export async function leave(
  house: House,
  to: Address,
  session: number,
  message: ServerMessage,
): Promise<void> {
  const key = await house.keys.tenant(to.tenant);
  const body = seal(JSON.stringify(message), key, place(to));
  await house.db.query({
    name: 'visits.leave-message',
    text: `insert into visits.room_message (tenant, visit, receiver, session, at, body) values ($1, $2, $3, $4, $5, $6)`,
    values: [to.tenant, to.visit, to.receiver, session, house.clock.now(), body],
  });
}

/** Takes what waits for a peer, oldest first. What was meant for an earlier session, or is too old, is thrown away. */
export async function take(house: House, at: Address, session: number): Promise<ServerMessage[]> {
  const { rows } = await house.db.query<{ id: number; session: number; at: number; body: Buffer }>({
    name: 'visits.take-messages',
    text: `delete from visits.room_message where tenant = $1 and visit = $2 and receiver = $3
      returning id, session, at, body`,
    values: [at.tenant, at.visit, at.receiver],
  });
  const since = house.clock.now() - keptMs;
  const key = rows.length ? await house.keys.tenant(at.tenant) : undefined;
  return rows
    .toSorted((a, b) => a.id - b.id)
    .filter((row) => row.session === session && row.at >= since)
    .map((row) => JSON.parse(open(row.body, key!, place(at)).toString('utf8')) as ServerMessage);
}

/** Throws away what nobody fetched. */
export async function sweepMessages(sql: Queryable, now: number): Promise<void> {
  await sql.query({
    name: 'visits.sweep-messages',
    text: 'delete from visits.room_message where at < $1',
    values: [now - keptMs],
  });
}
