/** Holds: a time kept for whoever is filling in the form, for some minutes. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Hold, HoldRequest, VisitMode } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { offeredSchedules } from '../licensing/licensed.ts';
import { alongIn, needsOf, readWish } from './along.ts';
import { requireBooker, requireMayChoose } from './book-request.ts';
import { lostRace, slotTaken } from './make-visit.ts';
import { offered } from './offered.ts';
import { blockedSpan } from './open-hours.ts';
import { fault, isUuid, refuseFaults, visitModes } from './rule.ts';
import { freeTime, lockActors, takeTime } from './take-time.ts';

const minute = 60_000;
/** Long enough for a form on a slow phone; longer keeps others from a time that nobody takes. */
const usual = 5;
const longest = 15;
/** A receptionist with several people on the telephone. */
const mostOfStaff = 10;

/** @throws Refusal 'invalid' (422) */
export function readHold(body: unknown): HoldRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { slotId, minutes, type } = asked;
  refuseFaults([
    ...(isUuid(slotId) ? [] : [fault('slotId', 'the id of a free time')]),
    ...(minutes === undefined ||
    (Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= longest)
      ? []
      : [fault('minutes', `a whole number from 1 to ${longest}`)]),
    ...(type === undefined || visitModes.includes(type as VisitMode)
      ? []
      : [fault('type', visitModes.join(', '))]),
  ]);
  return {
    slotId: slotId as string,
    ...(minutes !== undefined && { minutes: minutes as number }),
    ...(type !== undefined && { type: type as VisitMode }),
    ...readWish(asked),
  };
}

interface Row {
  id: string;
  slot: string;
  starts: number;
  ends: number;
  expires: number;
}

const view = ({ id, slot, starts, ends, expires }: Row): Hold => ({
  id,
  slotId: slot,
  start: iso(starts),
  end: iso(ends),
  expires: iso(expires),
});

/** The caller's holds that have not run out; nobody makes another meanwhile. */
async function mine(sql: Queryable, caller: Caller, now: number): Promise<Row[]> {
  await sql.query('select pg_advisory_xact_lock(4197104, hashtext($1))', [
    `${caller.tenant}|${caller.id}`,
  ]);
  const { rows } = await sql.query<Row>({
    name: 'visits.holds-of',
    text: `select id, slot, starts, ends, expires from visits.hold
      where tenant = $1 and account = $2 and expires > $3`,
    values: [caller.tenant, caller.id, now],
  });
  return rows;
}

/**
 * Keeps a time. The same time again is the same hold, for longer; a patient's other hold is let go.
 * @throws Refusal 'forbidden' to who books nothing, 'invalid' (422), 'slot-taken' (409), 'conflict' (409) for more than staff need
 */
export async function hold(house: House, caller: Caller, ask: HoldRequest): Promise<Hold> {
  requireBooker(caller);
  requireMayChoose(caller, ask.with);
  const { tenant } = caller;
  const now = house.clock.now();
  const own = caller.role === 'patient';
  const { schedule, span } = offered(
    await offeredSchedules(house, tenant, ask.slotId),
    ask,
    now,
    !own,
  );
  const { rule } = schedule;
  const needs = await needsOf(house.db, tenant, rule, ask);
  const expires = now + (ask.minutes ?? usual) * minute;
  const work = async (sql: Queryable): Promise<Hold> => {
    const before = await mine(sql, caller, now);
    const same = before.find((one) => one.slot === ask.slotId);
    const others = before.filter((one) => one !== same);
    if (own) for (const one of others) await release(sql, caller, one.id);
    else if (others.length >= mostOfStaff)
      throw new Refusal('conflict', { diagnostics: `${mostOfStaff} times are held already` });
    const resources = needs.flatMap(({ of }) => of.map((one) => one.id));
    await lockActors(sql, tenant, [rule.clinician, ...resources]);
    if (same) await release(sql, caller, same.id);
    const along = (await alongIn(sql, { tenant, needs, span, now }))(span);
    if (along.missing) throw slotTaken(along.missing);
    const id = same?.id ?? randomUUID();
    const lost = await takeTime(sql, { tenant, source: id, now, expires }, [
      {
        actor: rule.clinician,
        blocked: blockedSpan(rule, span.start),
        capacity: rule.capacity,
      },
      ...along.chosen.map((one) => ({ actor: one.id, blocked: span, capacity: one.capacity })),
    ]);
    if (lost) throw slotTaken();
    const row = { id, slot: ask.slotId, starts: span.start, ends: span.end, expires };
    await sql.query({
      name: 'visits.hold',
      text: `insert into visits.hold (tenant, id, account, slot, starts, ends, expires)
        values ($1, $2, $3, $4, $5, $6, $7)`,
      values: [tenant, id, caller.id, row.slot, row.starts, row.ends, expires],
    });
    return view(row);
  };
  return house.db.tx(work).catch((error: unknown) => {
    throw lostRace(error);
  });
}

async function release(
  sql: Queryable,
  { tenant, id: account }: Pick<Caller, 'tenant' | 'id'>,
  id: string,
): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'visits.let-go',
    text: 'delete from visits.hold where tenant = $1 and account = $2 and id = $3',
    values: [tenant, account, id],
  });
  if (rowCount) await freeTime(sql, tenant, id);
  return rowCount > 0;
}

/** Lets go of a hold of one's own. @throws Refusal 'not-found' */
export async function letGo(house: House, caller: Caller, id: unknown): Promise<void> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const done = await house.db.tx((sql) => release(sql, caller, id));
  if (!done) throw new Refusal('not-found');
}

/**
 * Gives held time back to the transaction that books it: the hold she names, and any of hers of the same free time, whose answer
 * may be on its way to her still. One that ran out, or is somebody else's, gives nothing.
 */
export async function consumeHolds(
  sql: Queryable,
  { tenant, id: account }: Pick<Caller, 'tenant' | 'id'>,
  { slotId, hold }: { slotId: string; hold?: string },
): Promise<void> {
  const { rows } = await sql.query<{ id: string }>({
    name: 'visits.use-holds',
    text: `delete from visits.hold where tenant = $1 and account = $2 and (slot = $3 or id = $4)
      returning id`,
    values: [tenant, account, slotId, hold ?? null],
  });
  for (const { id } of rows) await freeTime(sql, tenant, id);
}

/** What ran out long ago: bookings drop what is in their way themselves. */
export async function sweepHolds(sql: Queryable, now: number): Promise<void> {
  await sql.query('delete from visits.busy where expires <= $1', [now]);
  await sql.query('delete from visits.hold where expires <= $1', [now]);
}
