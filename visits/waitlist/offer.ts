/** Offers free times to those who wait: one person at a time, who has it held for her until she answers or the offer runs out. */
import { randomUUID } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { tell, type House } from '../house.ts';
import { alongIn, needsOf } from '../scheduling/along.ts';
import { slotTaken } from '../scheduling/make-visit.ts';
import { freeSlots } from '../scheduling/free-slots.ts';
import { blockedSpan, type Span } from '../scheduling/open-hours.ts';
import { scheduleOf, type StoredSchedule } from '../scheduling/schedules.ts';
import { lockActors, takeTime } from '../scheduling/take-time.ts';
import { isFree, takenSpans } from '../scheduling/taken.ts';
import { tellPatient } from '../scheduling/telling.ts';
import { findVisit } from '../visit-row.ts';
import { inTurn, offersOf, saidOf, type EntryRow } from './rows.ts';
import { isWished } from './wishes.ts';

const minute = 60_000;
/** An hour lost to people who do not look is long for whoever would come: half of it. */
const usualMinutes = 30;
/** Nobody comes to a visit that begins sooner than this after she said yes. */
const leastMs = 5 * minute;
/** Offers of one run: the next job goes on. */
const mostAtOnce = 50;

export const expireTask = 'visits.offer-expired';

/**
 * Holds the time for her and tells her, in the caller's transaction.
 * @throws Refusal 'slot-taken', 'conflict' when an offer is open
 */
export async function makeOffer(
  house: House,
  sql: Queryable,
  entry: EntryRow,
  schedule: StoredSchedule,
  span: Span,
): Promise<string> {
  const { tenant, patient, mode } = entry;
  const { rule } = schedule;
  const now = house.clock.now();
  const needs = await needsOf(sql, tenant, rule, { type: mode });
  const resources = needs.flatMap(({ of }) => of.map((one) => one.id));
  await lockActors(sql, tenant, [rule.clinician, ...resources]);
  const found = (await alongIn(sql, { tenant, needs, span, now }))(span);
  if (found.missing) throw slotTaken(found.missing);
  const before = (await offersOf(sql, tenant, entry.id)).find(
    (one) => one.clinician === rule.clinician && one.starts === span.start,
  );
  const id = before?.id ?? randomUUID();
  const expires = Math.min(
    now + (rule.offerMinutes ?? usualMinutes) * minute,
    span.start - leastMs,
  );
  const lost = await takeTime(sql, { tenant, source: id, now, expires }, [
    { actor: rule.clinician, blocked: blockedSpan(rule, span.start), capacity: rule.capacity },
    ...found.chosen.map((one) => ({ actor: one.id, blocked: span, capacity: one.capacity })),
  ]);
  if (lost) throw slotTaken();
  const { rowCount } = await sql.query({
    name: 'visits.offer-time',
    text: `insert into visits.offer as o (tenant, id, entry, clinician, starts, ends, state, made, expires)
      select $1, $2, $3, $4, $5, $6, 'open', $7, $8
      where not exists (select from visits.offer where tenant = $1 and entry = $3 and state = 'open')
      on conflict (tenant, entry, clinician, starts) do update
        set state = 'open', made = excluded.made, expires = excluded.expires
        where o.state in ('declined', 'expired')`,
    values: [tenant, id, entry.id, rule.clinician, span.start, span.end, now, expires],
  });
  if (!rowCount) throw new Refusal('conflict', { diagnostics: 'an offer is open already' });
  await house.jobs.add(sql, expireTask, { tenant, offer: id }, { runAt: new Date(expires) });
  const told = { tenant, rid: id, clinician: rule.clinician, starts: span.start };
  await tellPatient(house, sql, { ...told, patient, booked_by: entry.account }, 'waitlist-offer');
  return id;
}

/** Times this entry could be offered, soonest first. */
async function timesFor(
  house: House,
  sql: Queryable,
  entry: EntryRow,
  schedule: StoredSchedule,
  free: readonly Span[],
): Promise<Span[]> {
  const { tenant, patient } = entry;
  const { rule } = schedule;
  const now = house.clock.now();
  const wished = free.filter(
    (span) => span.start >= now + 2 * leastMs && isWished(entry, span, rule.zone, now),
  );
  const [first, last] = [wished[0], wished.at(-1)];
  if (!first || !last || !rule.modes.includes(entry.mode)) return [];
  const { place } = await saidOf(house, entry);
  const border = entry.mode === 'in-person' ? undefined : place;
  const until = await house.access.licences.until(tenant, rule.clinician, border);
  const given = await offersOf(sql, tenant, entry.id);
  const before = new Set(
    given.filter((one) => one.clinician === rule.clinician).map((one) => one.starts),
  );
  const instead = entry.instead ? await findVisit(sql, tenant, entry.instead) : undefined;
  const held = instead && (instead.state === 'booked' || instead.state === 'requested');
  const except = held ? [instead.rid] : [];
  const whole = { start: first.start, end: last.end };
  const taken = await takenSpans(sql, { tenant, actors: [patient], span: whole, now, except });
  return wished.filter(
    (span) =>
      span.start < until &&
      !before.has(span.start) &&
      (!held || span.start < instead.starts) &&
      isFree(span, 1, taken.get(patient) ?? []),
  );
}

/** One offer, in a transaction of its own. @returns whether one was made */
async function offerOne(house: House, tenant: number, clinician: string): Promise<boolean> {
  const now = house.clock.now();
  const found = await scheduleOf(house.db, tenant, clinician);
  const until = await house.access.licences.until(tenant, clinician);
  if (!found?.rule.active || until <= now) return false;
  const schedule = { ...found, until };
  return house.db.tx(async (sql) => {
    // One giver at a time a clinician: whoever is first in turn chooses first.
    await sql.query('select pg_advisory_xact_lock(4197105, hashtext($1))', [
      `${tenant}|${clinician}`,
    ]);
    const entries = await inTurn(sql, tenant, clinician);
    if (entries.length === 0) return false;
    const horizon = { start: now, end: now + schedule.rule.horizonDays * 86_400_000 };
    const free = (await freeSlots(sql, tenant, schedule, horizon, now)).map((one) => ({
      start: Date.parse(one.start),
      end: Date.parse(one.end),
    }));
    for (const entry of entries)
      for (const span of await timesFor(house, sql, entry, schedule, free)) {
        if (await canHave(sql, entry, schedule, span, now)) {
          await makeOffer(house, sql, entry, schedule, span);
          return true;
        }
      }
    return false;
  });
}

/** A room for a visit in person is a wish of its own. */
async function canHave(
  sql: Queryable,
  { tenant, mode }: EntryRow,
  { rule }: StoredSchedule,
  span: Span,
  now: number,
): Promise<boolean> {
  const needs = await needsOf(sql, tenant, rule, { type: mode });
  return !(await alongIn(sql, { tenant, needs, span, now }))(span).missing;
}

/** Gives what is free of this clinician's time to those in turn. Safe to run at any time, from any process. */
export async function offerFreed(house: House, tenant: number, clinician: string): Promise<number> {
  let made = 0;
  while (made < mostAtOnce && (await offerOne(house, tenant, clinician))) made++;
  if (made) tell(house, 'changed', { tenant, visit: clinician, clinician });
  return made;
}
