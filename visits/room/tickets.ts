/** Join tickets and resume tokens: random, hashed where they lie, one visit, one account, one use (signalling.md J1, J2, L1). */
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
 * Uses a ticket up. It must be of this visit and this account and not expired; a token tried elsewhere stays whole for its owner.
 * @returns what it opens, or undefined: unknown, used, expired, foreign are the same answer
 */
export async function useTicket(
  sql: Queryable,
  token: string,
  at: { tenant: number; visit: string; account: string; now: number },
): Promise<{ person: string; kind: TicketKind; session: number | null } | undefined> {
  const { rows } = await sql.query<{ person: string; kind: TicketKind; session: number | null }>({
    name: 'visits.use-ticket',
    text: `delete from visits.ticket
      where hash = $1 and tenant = $2 and visit = $3 and account = $4 and expires > $5
      returning person, kind, session`,
    values: [hashOf(token), at.tenant, at.visit, at.account, at.now],
  });
  return rows[0];
}

/** Voids every ticket of a visit, or of one person in it, or of one kind. */
export async function voidTickets(
  sql: Queryable,
  of: { tenant: number; visit: string; person?: string; kind?: TicketKind },
): Promise<void> {
  await sql.query({
    name: 'visits.void-tickets',
    text: `delete from visits.ticket where tenant = $1 and visit = $2
      and ($3::uuid is null or person = $3) and ($4::text is null or kind = $4)`,
    values: [of.tenant, of.visit, of.person ?? null, of.kind ?? null],
  });
}
