/** The answer to an offer: yes, which books or moves; no; or none in time, and the next in turn is asked. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { tell, type House } from '../house.ts';
import { offeredSchedules, requireReach } from '../licensing/licensed.ts';
import { alongIn, needsOf } from '../scheduling/along.ts';
import { actorsOf, authorOf, requireChart, requireRoom } from '../scheduling/book.ts';
import { bookedFor } from '../scheduling/book-request.ts';
import { lostRace, makeVisit, slotTaken } from '../scheduling/make-visit.ts';
import { canMove } from '../scheduling/policy.ts';
import { moveOne } from '../scheduling/reschedule.ts';
import { isUuid } from '../scheduling/rule.ts';
import { freeTime, lockActors } from '../scheduling/take-time.ts';
import { tellClinician } from '../scheduling/telling.ts';
import { lockVisit } from '../visit-row.ts';
import { timeFreed } from './freed.ts';
import { entryOf, offerOf, saidOf, settleOffer, type EntryRow, type OfferRow } from './rows.ts';

/** After so many offers that ran out unanswered she is asked no more. */
const mostMissed = 3;

/**
 * The offer and its entry, for whoever may speak for the patient, and staff who care for her.
 * @throws Refusal 'not-found' for anybody else's
 */
export async function requireOffer(
  house: House,
  caller: Caller,
  id: unknown,
): Promise<{ offer: OfferRow; entry: EntryRow }> {
  const offer = isUuid(id) ? await offerOf(house.db, caller.tenant, id) : undefined;
  const entry = offer && (await entryOf(house.db, caller.tenant, offer.entry));
  if (!offer || !entry) throw new Refusal('not-found');
  await requireEntry(house, caller, entry);
  return { offer, entry };
}

/** The same of an entry. @throws Refusal 'not-found' */
export async function requireEntry(
  house: House,
  caller: Caller,
  { patient }: EntryRow,
): Promise<void> {
  try {
    bookedFor(caller, patient);
    await requireChart(house, caller, patient);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'forbidden')
      throw new Refusal('not-found', { cause: error });
    throw error;
  }
  if (caller.role !== 'patient') await house.records.read(caller, 'Patient', patient);
}

const isOver = (): Refusal => new Refusal('conflict', { diagnostics: 'this offer is over' });

/**
 * Takes the offered time. Twice, or by two who may both answer: one appointment, the same answer.
 * @returns the appointment's id
 * @throws Refusal 'conflict' (409) when the offer is over, 'licence-required' (403)
 */
export async function accept(
  house: House,
  caller: Caller,
  seen: { offer: OfferRow; entry: EntryRow },
): Promise<string> {
  const { offer, entry } = seen;
  const { tenant } = caller;
  const { patient, mode } = entry;
  const { clinician } = offer;
  const own = caller.role === 'patient';
  const span = { start: offer.starts, end: offer.ends };
  const schedules = await offeredSchedules(house, tenant);
  const schedule = schedules.find((one) => one.rule.clinician === clinician);
  if (!schedule) throw isOver();
  const { reason, place } = await saidOf(house, entry);
  await requireReach(house, tenant, { clinician, mode, place, at: span.start });
  const needs = await needsOf(house.db, tenant, schedule.rule, { type: mode });
  const work = house.records.write(authorOf(house, caller, 'waitlist'), async (tx) => {
    const now = house.clock.now();
    const locked = await offerOf(tx.sql, tenant, offer.id, true);
    const mine = await entryOf(tx.sql, tenant, entry.id, true);
    if (locked?.state === 'accepted' && mine?.appointment) return mine.appointment;
    if (locked?.state !== 'open' || locked.expires <= now || mine?.state !== 'waiting')
      throw isOver();
    const before = entry.instead ? await lockVisit(tx.sql, tenant, entry.instead) : undefined;
    const moves = before !== undefined && canMove(before, now);
    if (own && !moves) await requireRoom(house, tx.sql, tenant, patient, now);
    await lockActors(tx.sql, tenant, actorsOf(clinician, patient, needs));
    await freeTime(tx.sql, tenant, offer.id);
    let rid: string;
    if (moves) {
      const move = { schedule, span, needs, asks: false };
      ({ rid } = await moveOne(house, tx, caller, before, move));
    } else {
      const found = (await alongIn(tx.sql, { tenant, needs, span, now }))(span);
      if (found.missing) throw slotTaken(found.missing);
      const plan = { schedule, span, patient, along: found.chosen };
      const more = { state: 'booked' as const, place, urgent: entry.urgent };
      const bookedBy = own ? caller.id : undefined;
      rid = await makeVisit(tx, tenant, { ...plan, mode, reason, ...more, bookedBy }, now);
      const told = { tenant, rid, clinician, starts: span.start };
      if (own) await tellClinician(house, tx.sql, told, 'visit-booked');
    }
    await settleOffer(tx.sql, tenant, offer.id, 'accepted');
    await tx.sql.query({
      name: 'visits.waitlist-booked',
      text: `update visits.waitlist set state = 'booked', appointment = $3 where tenant = $1 and id = $2`,
      values: [tenant, entry.id, rid],
    });
    return rid;
  });
  const rid = await work.catch((error: unknown) => {
    throw lostRace(error);
  });
  tell(house, 'changed', { tenant, visit: rid, clinician });
  return rid;
}

async function giveBack(house: House, sql: Queryable, tenant: number, offer: OfferRow) {
  await freeTime(sql, tenant, offer.id);
  await timeFreed(house, sql, { tenant, clinician: offer.clinician });
}

/** Says no: the next in turn is asked. Again: nothing. @throws Refusal 'conflict' once it was accepted */
export async function decline(house: House, tenant: number, id: string): Promise<void> {
  await house.db.tx(async (sql) => {
    const offer = await offerOf(sql, tenant, id, true);
    if (offer?.state === 'accepted') throw isOver();
    if (offer?.state !== 'open') return;
    await settleOffer(sql, tenant, id, 'declined');
    await giveBack(house, sql, tenant, offer);
  });
}

/** The offer ran out: the next in turn is asked. Nothing while it has not, or after it was answered. */
export async function expireOffer(house: House, tenant: number, id: string): Promise<boolean> {
  return house.db.tx(async (sql) => {
    const offer = await offerOf(sql, tenant, id, true);
    if (offer?.state !== 'open' || offer.expires > house.clock.now()) return false;
    await settleOffer(sql, tenant, id, 'expired');
    await sql.query({
      name: 'visits.waitlist-missed',
      text: `update visits.waitlist
        set missed = missed + 1, state = case when missed + 1 >= $3 and state = 'waiting' then 'over' else state end
        where tenant = $1 and id = $2`,
      values: [tenant, offer.entry, mostMissed],
    });
    await giveBack(house, sql, tenant, offer);
    return true;
  });
}

/** What a lost job left: offers that ran out, and wishes whose last day is over. Over every tenant. */
export async function sweepWaitlist(house: House): Promise<void> {
  const now = house.clock.now();
  const { rows } = await house.db.query<{ tenant: number; id: string }>({
    name: 'visits.offers-due',
    text: `select tenant, id from visits.offer where state = 'open' and expires <= $1 order by expires limit 100`,
    values: [now],
  });
  for (const { tenant, id } of rows) await expireOffer(house, tenant, id);
  // West of Greenwich yesterday lasts up to twelve hours longer.
  const yesterday = new Date(now - 36 * 3_600_000).toISOString().slice(0, 10);
  await house.db.query({
    name: 'visits.waitlist-over',
    text: `update visits.waitlist set state = 'over' where state = 'waiting' and last < $1::date`,
    values: [yesterday],
  });
}
