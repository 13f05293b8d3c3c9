/** The waitlist as it is kept: wishes and offers; what somebody said of herself is sealed under the patient's key. */
import { systemCaller } from '@afar/access';
import type { Queryable } from '@afar/platform';
import type { VisitMode } from '../contract.ts';
import type { House } from '../house.ts';

export interface EntryRow {
  tenant: number;
  id: string;
  patient: string;
  /** Who joined. */
  account: string;
  clinicians: string[];
  mode: VisitMode;
  first: string;
  last: string;
  days: number[] | null;
  times: { start: string; end: string }[] | null;
  notice_minutes: number;
  urgent: boolean;
  instead: string | null;
  state: 'waiting' | 'booked' | 'left' | 'over';
  made: number;
  missed: number;
  appointment: string | null;
  body: Buffer;
}

export interface OfferRow {
  id: string;
  entry: string;
  clinician: string;
  starts: number;
  ends: number;
  state: 'open' | 'accepted' | 'declined' | 'expired';
  expires: number;
}

/** What is sealed of an entry. */
export interface Said {
  reason: string;
  place?: string;
}

export const waitlistContext = (id: string): string => `visits.waitlist ${id}`;

const columns = `tenant, id, patient, account, clinicians, mode, first::text as first, last::text as last, days, times,
  notice_minutes, urgent, instead, state, made, missed, appointment, body`;

export async function entryOf(
  sql: Queryable,
  tenant: number,
  id: string,
  lock = false,
): Promise<EntryRow | undefined> {
  const { rows } = await sql.query<EntryRow>({
    name: lock ? 'visits.waitlist-lock' : 'visits.waitlist-entry',
    text: `select ${columns} from visits.waitlist where tenant = $1 and id = $2${lock ? ' for update' : ''}`,
    values: [tenant, id],
  });
  return rows[0];
}

/** Who waits for this clinician and has no offer open: urgent first, then in turn. */
export async function inTurn(
  sql: Queryable,
  tenant: number,
  clinician: string,
): Promise<EntryRow[]> {
  const { rows } = await sql.query<EntryRow>({
    name: 'visits.waitlist-turn',
    text: `select ${columns} from visits.waitlist w
      where tenant = $1 and state = 'waiting' and $2 = any(clinicians) and not exists (
        select from visits.offer o where o.tenant = $1 and o.entry = w.id and o.state = 'open')
      order by urgent desc, made, id limit 200`,
    values: [tenant, clinician],
  });
  return rows;
}

/** A patient's entries, or everybody's who waits for a clinician: urgent first, then in turn. */
export async function entriesOf(
  sql: Queryable,
  tenant: number,
  of: { patient: string } | { clinician: string },
  since: number,
): Promise<EntryRow[]> {
  const mine = 'patient' in of;
  const { rows } = await sql.query<EntryRow>({
    name: mine ? 'visits.waitlist-mine' : 'visits.waitlist-of',
    text: `select ${columns} from visits.waitlist
      where tenant = $1 and ${mine ? 'patient = $2' : '$2 = any(clinicians)'}
        and (state = 'waiting' or (state in ('booked', 'over') and made > $3))
      order by (state = 'waiting') desc, urgent desc, made, id limit 100`,
    values: [tenant, mine ? of.patient : of.clinician, since],
  });
  return rows;
}

const offerColumns = 'id, entry, clinician, starts, ends, state, expires';

export async function offerOf(
  sql: Queryable,
  tenant: number,
  id: string,
  lock = false,
): Promise<OfferRow | undefined> {
  const { rows } = await sql.query<OfferRow>({
    name: lock ? 'visits.offer-lock' : 'visits.offer',
    text: `select ${offerColumns} from visits.offer where tenant = $1 and id = $2${lock ? ' for update' : ''}`,
    values: [tenant, id],
  });
  return rows[0];
}

export async function offersOf(
  sql: Queryable,
  tenant: number,
  entry: string,
  lock = false,
): Promise<OfferRow[]> {
  const { rows } = await sql.query<OfferRow>({
    name: lock ? 'visits.offers-lock' : 'visits.offers-of',
    text: `select ${offerColumns} from visits.offer where tenant = $1 and entry = $2
      order by id${lock ? ' for update' : ''}`,
    values: [tenant, entry],
  });
  return rows;
}

export async function settleOffer(
  sql: Queryable,
  tenant: number,
  id: string,
  state: OfferRow['state'],
): Promise<void> {
  await sql.query({
    name: 'visits.settle-offer',
    text: 'update visits.offer set state = $3 where tenant = $1 and id = $2',
    values: [tenant, id, state],
  });
}

/** What she said when she joined; the caller was let into the chart before, or is the house. */
export async function saidOf(house: House, { tenant, id, patient, body }: EntryRow): Promise<Said> {
  const caller = systemCaller(tenant, house.clock, 'waitlist');
  const plain = await house.records.openFor(caller, patient, waitlistContext(id), body);
  return JSON.parse(plain) as Said;
}
