/** Visits that repeat: booked all together or as far as they can be had, moved and looked at as one. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import { appointmentView } from '../appointment-view.ts';
import type {
  Repeat,
  RescheduleRequest,
  SeriesReport,
  SeriesRequest,
  SeriesView,
} from '../contract.ts';
import { tell, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { offeredSchedules, requireReach } from '../licensing/licensed.ts';
import { bookedPlace, placeOfVisit } from '../licensing/place.ts';
import { readIfSeen } from '../people.ts';
import { findVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { timeFreed } from '../waitlist/freed.ts';
import { needsOf } from './along.ts';
import { actorsOf, authorOf, requireChart, roomFor } from './book.ts';
import { bookedFor, readBooking, requireMayChoose } from './book-request.ts';
import { companionsOf } from './companions.ts';
import { lostRace, makeVisit } from './make-visit.ts';
import { offered } from './offered.ts';
import { moveOne, needsLike } from './reschedule.ts';
import { fault, refuseFaults } from './rule.ts';
import { datesOf, movedLike } from './series-dates.ts';
import { planDates, reported, type SeriesPlan } from './series-plan.ts';
import { addSeries, datesFrom, findSeries, visitsOfSeries } from './series-row.ts';
import { freeTime, lockActors } from './take-time.ts';
import { tellClinician } from './telling.ts';

const everies: readonly Repeat['every'][] = ['week', 'two-weeks', 'monthly', 'monthly-weekday'];

/** @throws Refusal 'invalid' (422) */
export function readSeries(body: unknown): SeriesRequest {
  const booking = readBooking(body);
  const { repeat, book, preview } = body as Record<string, unknown>;
  const { every, times } = (repeat ?? {}) as Record<string, unknown>;
  refuseFaults([
    ...(everies.includes(every as Repeat['every'])
      ? []
      : [fault('repeat.every', everies.join(', '))]),
    ...(Number.isInteger(times) && Number(times) >= 2 && Number(times) <= 52
      ? []
      : [fault('repeat.times', 'a whole number from 2 to 52')]),
    ...(book === 'all' || book === 'possible' ? [] : [fault('book', 'all or possible')]),
    ...(preview === undefined || typeof preview === 'boolean'
      ? []
      : [fault('preview', 'true or false')]),
  ]);
  const { hold: _hold, urgent: _urgent, ...asked } = booking;
  return {
    ...asked,
    repeat: { every: every as Repeat['every'], times: times as number },
    book: book as 'all' | 'possible',
    preview: preview === true,
  };
}

/** Rolls back what was begun, and says what stood in the way. */
class NotAll extends Error {
  readonly report: SeriesReport;
  constructor(report: SeriesReport) {
    super('not every date can be had');
    this.report = report;
  }
}

const orReport = (error: unknown): SeriesReport => {
  if (error instanceof NotAll) return error.report;
  throw lostRace(error);
};

/**
 * Books a series in one transaction: every date is booked, or named with what stands in its way.
 * @throws Refusal 'licence-required' (403), 'invalid' (422), 'slot-taken' (409) when somebody was faster by a moment
 */
export async function bookSeries(
  house: House,
  caller: Caller,
  ask: SeriesRequest,
  deed: Deed,
): Promise<SeriesReport> {
  const { tenant } = caller;
  const now = house.clock.now();
  const own = caller.role === 'patient';
  const patient = bookedFor(caller, ask.patient);
  requireMayChoose(caller, ask.with);
  await requireChart(house, caller, patient);
  const { schedule, span } = offered(
    await offeredSchedules(house, tenant, ask.slotId),
    ask,
    now,
    !own,
  );
  const { rule } = schedule;
  const { clinician } = rule;
  const place = await bookedPlace(house, caller, patient, ask.place);
  await requireReach(house, tenant, { clinician, mode: ask.type, place, at: span.start });
  const needs = await needsOf(house.db, tenant, rule, ask);
  const dates = datesOf(span.start, rule.zone, ask.repeat).map((one, index) => ({ ...one, index }));
  const plan: Omit<SeriesPlan, 'room'> = {
    tenant,
    schedule,
    patient,
    needs,
    dates,
    now,
    staff: !own,
  };
  const state = own && rule.confirm ? ('requested' as const) : ('booked' as const);
  const work = house.records.write(authorOf(house, caller, 'book'), async (tx) => {
    const room = own ? await roomFor(house, tx.sql, tenant, patient, now) : Infinity;
    await lockActors(tx.sql, tenant, actorsOf(clinician, patient, needs));
    const planned = await planDates(tx.sql, { ...plan, room });
    const free = planned.filter((one) => !one.conflict);
    const isAll = free.length === planned.length;
    if (ask.preview || free.length === 0 || (ask.book === 'all' && !isAll))
      throw new NotAll({ done: false, dates: planned.map((one) => reported(one)) });
    const id = randomUUID();
    await addSeries(tx.sql, tenant, { id, ...ask.repeat }, now);
    const made = new Map<number, string>();
    for (const { index, span: when, along } of free) {
      const visit = { schedule, span: when, patient, along, mode: ask.type, reason: ask.reason };
      const bookedBy = own ? caller.id : undefined;
      const more = { state, place, bookedBy, series: { id, index } };
      made.set(index, await makeVisit(tx, tenant, { ...visit, ...more }, now));
    }
    const first = { tenant, rid: [...made.values()][0]!, clinician, starts: free[0]!.span.start };
    const kind = state === 'booked' ? 'visit-booked' : 'visit-requested';
    if (own) await tellClinician(house, tx.sql, first, kind);
    const report: SeriesReport = {
      id,
      done: true,
      dates: planned.map((one) => reported(one, made.get(one.index))),
    };
    await keepAnswer(tx, deed, patient, report, now);
    return report;
  });
  const report = await work.catch(orReport);
  for (const { appointment } of report.dates)
    if (appointment) tell(house, 'changed', { tenant, visit: appointment, clinician });
  return report;
}

/**
 * Moves this date and every later one by the same days and to the same wall-clock time, all or nothing.
 * @throws Refusal 'invalid' (422) for another clinician's time, 'conflict' (409) for what is no series
 */
export async function moveFollowing(
  house: House,
  caller: Caller,
  visit: VisitRow,
  ask: RescheduleRequest,
  deed: Deed,
): Promise<SeriesReport> {
  const { tenant, rid, mode, patient, clinician, series, series_index: from } = visit;
  if (series === null || from === null) throw new Refusal('conflict', { detail: 'no series' });
  requireMayChoose(caller, ask.with);
  const now = house.clock.now();
  const own = caller.role === 'patient';
  const want = { slotId: ask.slotId, type: mode };
  const { schedule, span } = offered(
    await offeredSchedules(house, tenant, want.slotId),
    want,
    now,
    !own,
  );
  if (schedule.rule.clinician !== clinician)
    refuseFaults([fault('slotId', 'a time of the same clinician')]);
  const place = await placeOfVisit(house, visit);
  await requireReach(house, tenant, { clinician, mode, place, at: span.start });
  const needs = ask.with
    ? await needsOf(house.db, tenant, schedule.rule, { with: ask.with })
    : await needsLike(house, tenant, schedule, await companionsOf(house.db, tenant, rid));
  const asks = own && schedule.rule.confirm === true;
  const work = house.records.write(authorOf(house, caller, 'reschedule'), async (tx) => {
    const rows: VisitRow[] = [];
    for (const one of await datesFrom(tx.sql, tenant, series, from)) {
      const row = await lockVisit(tx.sql, tenant, one);
      if (row) rows.push(row);
    }
    const anchor = rows.find((row) => row.rid === rid);
    if (!anchor) throw new Refusal('conflict', { detail: `state ${visit.state}` });
    await lockActors(tx.sql, tenant, actorsOf(clinician, patient, needs));
    // All of them give their time back first: a date may move to where the next one stood.
    for (const row of rows) await freeTime(tx.sql, tenant, row.rid);
    const dates = rows.map((row) => ({
      ...(row.rid === rid
        ? { start: span.start, exists: true }
        : movedLike(anchor.starts, span.start, row.starts, schedule.rule.zone)),
      index: row.series_index ?? 0,
    }));
    const plan = { tenant, schedule, patient, needs, dates, now, staff: !own, room: Infinity };
    const planned = await planDates(tx.sql, plan);
    if (planned.some((one) => one.conflict))
      throw new NotAll({ id: series, done: false, dates: planned.map((one) => reported(one)) });
    for (const [at, row] of rows.entries())
      await moveOne(house, tx, caller, row, { schedule, span: planned[at]!.span, needs, asks });
    await timeFreed(house, tx.sql, visit);
    const report: SeriesReport = {
      id: series,
      done: true,
      dates: planned.map((one, at) => reported(one, rows[at]!.rid)),
    };
    await keepAnswer(tx, deed, patient, report, now);
    return report;
  });
  const report = await work.catch(orReport);
  for (const { appointment } of report.dates)
    if (appointment) tell(house, 'changed', { tenant, visit: appointment, clinician });
  return report;
}

/** What of a series this caller may see. @throws Refusal 'not-found' when that is nothing */
export async function seriesView(
  house: House,
  caller: Caller,
  id: string,
): Promise<{ view: SeriesView; patients: string[] }> {
  const found = await findSeries(house.db, caller.tenant, id);
  const rids = found ? await visitsOfSeries(house.db, caller.tenant, id) : [];
  const views: { view: SeriesView['appointments'][number]; patient: string }[] = [];
  for (const rid of rids) {
    const appointment = await readIfSeen<Appointment>(house, caller, 'Appointment', rid);
    const row = appointment && (await findVisit(house.db, caller.tenant, rid));
    if (!appointment || !row) continue;
    const view = await appointmentView(house, caller, row, appointment);
    views.push({ view, patient: row.patient });
  }
  if (!found || views.length === 0) throw new Refusal('not-found');
  const { every, times } = found;
  const appointments = views.map((one) => one.view);
  return {
    view: { id, repeat: { every, times }, appointments },
    patients: [...new Set(views.map((one) => one.patient))],
  };
}
