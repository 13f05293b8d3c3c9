/**
 * Join tickets and resume tokens: random, hashed where they lie, one visit, one account. A ticket has one use, a resume token lives until its
 * successor is known to have come (signalling.md J1, J2, L1, L5).
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '@afar/platform';

/** 60 s: from the answer of `join` to the first message of a socket, on a slow phone. */
export const ticketMs = 60_000;

export type TicketKind = 'ticket' | 'resume';

export interface Ticket {
  tenant: number;
  visit: string;
  account: string;
  /** The seat it leads to: a Patient's or Practitioner's id. */
  person: string;
  kind: TicketKind;
  /** Of a resume token: the session it continues. */
  session?: number;
  /** ms since epoch */
  expires: number;
}

/** 256 random bits need no slow hash: nobody guesses them, and a stolen table opens nothing. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** @returns the token; only its hash is kept */
export async function issueTicket(sql: Queryable, ticket: Ticket): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const { tenant, visit, account, person, kind, session, expires } = ticket;
  await sql.query({
    name: 'visits.issue-ticket',
    text: `insert into visits.ticket (hash, tenant, visit, account, person, kind, session, expires)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [hashOf(token), tenant, visit, account, person, kind, session ?? null, expires],
  });
  return token;
}

interface TicketAt {
  tenant: number;
  visit: string;
  account: string;
  now: number;
}

/** Whether a ticket is worth asking the room for. */
export async function isTicket(sql: Queryable, token: string, at: TicketAt): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'visits.is-ticket',
    text: `select from visits.ticket
      where hash = $1 and tenant = $2 and visit = $3 and account = $4 and expires > $5`,
    values: [hashOf(token), at.tenant, at.visit, at.account, at.now],
  });
  return rowCount > 0;
}

/**
 * Uses a ticket up, in the transaction that seats its owner and under the room's lock. It must be of this visit and this account and not
 * expired; a token tried elsewhere stays whole for its owner. A resume token stays until its successor is known to have come
 * (`keepSeat`, `forgetResume`): an answer that is lost on the way costs nobody the session.
 * @returns what it opens, or undefined: unknown, used, expired, foreign are the same answer
 */
export async function useTicket(
  tx: Queryable,
  token: string,
  at: TicketAt,
): Promise<{ person: string; kind: TicketKind; session: number | null } | undefined> {
  const { rows } = await tx.query<{ person: string; kind: TicketKind; session: number | null }>({
    name: 'visits.use-ticket',
    text: `with found as (
        select hash, person, kind, session from visits.ticket
        where hash = $1 and tenant = $2 and visit = $3 and account = $4 and expires > $5),
      gone as (
        delete from visits.ticket using found
        where ticket.hash = found.hash and found.kind = 'ticket' returning ticket.hash)
      select person, kind, session from found
      where kind = 'resume' or exists (select from gone where gone.hash = found.hash)`,
    values: [hashOf(token), at.tenant, at.visit, at.account, at.now],
  });
  return rows[0];
}

/** The successor came: whoever still tries the former one, on a socket that its browser has left, is refused. */
export async function forgetResume(sql: Queryable, token: string): Promise<void> {
  await sql.query({
    name: 'visits.forget-resume',
    text: `delete from visits.ticket where hash = $1 and kind = 'resume'`,
    values: [hashOf(token)],
  });
}

/** Voids every ticket of a visit, or of one person in it. */
export async function voidTickets(
  sql: Queryable,
  of: { tenant: number; visit: string; person?: string },
): Promise<void> {
  await sql.query({
    name: 'visits.void-tickets',
    text: 'delete from visits.ticket where tenant = $1 and visit = $2 and ($3::uuid is null or person = $3)',
    values: [of.tenant, of.visit, of.person ?? null],
  });
}
