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
function hashOf(token: string): Buffer {
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

/**
 * Uses a ticket up. It must be of this visit and this account and not expired; a token tried elsewhere stays whole for its owner. A resume
 * token stays until its successor is known to have come (`issueResume`): an answer that is lost on the way costs nobody the session.
 * @returns what it opens, or undefined: unknown, used, expired, foreign are the same answer
 */
export async function useTicket(
  sql: Queryable,
  token: string,
  at: { tenant: number; visit: string; account: string; now: number },
): Promise<{ person: string; kind: TicketKind; session: number | null } | undefined> {
  const { rows } = await sql.query<{ person: string; kind: TicketKind; session: number | null }>({
    name: 'visits.use-ticket',
    text: `with found as (
        select hash, person, kind, session from visits.ticket
        where hash = $1 and tenant = $2 and visit = $3 and account = $4 and expires > $5 for update),
      gone as (delete from visits.ticket using found where ticket.hash = found.hash and found.kind = 'ticket')
      select person, kind, session from found`,
    values: [hashOf(token), at.tenant, at.visit, at.account, at.now],
  });
  return rows[0];
}

/**
 * A resume token in place of a person's former ones, but for the one that her browser has for certain.
 * @param known what she came with, or was told before she renewed
 * @returns the token; only its hash is kept
 */
export async function issueResume(
  sql: Queryable,
  seat: Omit<Ticket, 'kind'>,
  known: string | undefined,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const { tenant, visit, account, person, session, expires } = seat;
  await sql.query({
    name: 'visits.issue-resume',
    text: `with gone as (
        delete from visits.ticket
        where tenant = $2 and visit = $3 and person = $5 and kind = 'resume' and hash is distinct from $8)
      insert into visits.ticket (hash, tenant, visit, account, person, kind, session, expires)
      values ($1, $2, $3, $4, $5, 'resume', $6, $7)`,
    values: [
      hashOf(token),
      tenant,
      visit,
      account,
      person,
      session ?? null,
      expires,
      known === undefined ? null : hashOf(known),
    ],
  });
  return token;
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
