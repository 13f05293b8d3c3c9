/** Moves a visit in one step: the old time is freed and the new one taken together; id, intake and history stay. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { RescheduleRequest, ResourceBrief } from '../contract.ts';
import { tell, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { offeredSchedules, requireReach } from '../licensing/licensed.ts';
import { placeOfVisit } from '../licensing/place.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { timeFreed } from '../waitlist/freed.ts';
import { alongIn, needsOf, readWish, type Need } from './along.ts';
import { actorsOf, authorOf } from './book.ts';
import { requireMayChoose } from './book-request.ts';
import { companionsOf, keepCompanions } from './companions.ts';
import { consumeHolds } from './holds.ts';
import { lostRace, participantsOf, slotTaken, takeAll, whenOf, type Plan } from './make-visit.ts';
import { offered } from './offered.ts';
import type { Span } from './open-hours.ts';
import { canMove } from './policy.ts';
import { activeResources } from './resources.ts';
import { fault, isUuid, refuseFaults } from './rule.ts';
import type { StoredSchedule } from './schedules.ts';
import { freeTime, lockActors } from './take-time.ts';
import { tellClinician, tellOther } from './telling.ts';

/** @throws Refusal 'invalid' (422) */
export function readReschedule(body: unknown): RescheduleRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { slotId, hold, scope } = asked;
  refuseFaults([
    ...(isUuid(slotId) ? [] : [fault('slotId', 'the id of a free time')]),
    ...(hold === undefined || isUuid(hold) ? [] : [fault('hold', 'the id of a hold')]),
    ...(scope === undefined || scope === 'this' || scope === 'following'
      ? []
      : [fault('scope', 'this or following')]),
  ]);
  const { with: along } = readWish({ with: asked.with });
  return {
    slotId: slotId as string,
    ...(hold !== undefined && { hold: hold as string }),
    ...(along && { with: along }),
    ...(scope === 'following' && { scope }),
  };
}

/** The same rooms and interpreters, or what may stand for them: another room of the clinician, another interpreter of that language. */
export async function needsLike(
  house: House,
  tenant: number,
  schedule: StoredSchedule,
  along: readonly ResourceBrief[],
): Promise<Need[]> {
  if (along.length === 0) return [];
  const all = await activeResources(house.db, tenant);
  return along.map((brief) => {
    const same = all.filter((one) => one.id === brief.id);
    const languages = new Set(same.flatMap((one) => one.languages));
    const others = all.filter(
      (one) =>
        one.id !== brief.id &&
        one.kind === brief.kind &&
        (brief.kind === 'room'
          ? schedule.rule.rooms?.includes(one.id)
          : one.languages.some((language) => languages.has(language))),
    );
    return { field: brief.kind, of: [...same, ...others] };
  });
}

export interface Move {
  schedule: StoredSchedule;
  span: Span;
  needs: readonly Need[];
  /** Moved by whoever may not settle it: the clinic confirms anew. */
  asks: boolean;
}

/**
 * One visit of a transaction, whose actors are locked.
 * @throws Refusal 'conflict' once the patient has come, 'slot-taken'
 */
export async function moveOne(
  house: House,
  tx: RecordTx,
  caller: Caller,
  { tenant, rid }: Pick<VisitRow, 'tenant' | 'rid'>,
  { schedule, span, needs, asks }: Move,
): Promise<VisitRow> {
  const now = house.clock.now();
  const row = await lockVisit(tx.sql, tenant, rid);
  if (!row || !canMove(row, now)) throw new Refusal('conflict', { detail: `state ${row?.state}` });
  const state = (asks ? step(row.state, 'ask') : row.state) as 'requested' | 'booked';
  const freed = await freeTime(tx.sql, tenant, rid);
  const found = (await alongIn(tx.sql, { tenant, needs, span, now }))(span);
  if (found.missing) throw slotTaken(found.missing);
  const plan: Plan = { schedule, span, patient: row.patient, along: found.chosen };
  if (state === 'booked') await takeAll(tx, { tenant, source: rid, now }, plan);
  const { resource } = await tx.read<Appointment>('Appointment', rid);
  await tx.update<Appointment>({
    ...resource,
    status: appointmentStatus[state],
    ...whenOf(plan),
    participant: participantsOf(plan, state),
  });
  const moved = {
    clinician: schedule.rule.clinician,
    starts: span.start,
    ends: span.end,
    state,
    sequence: row.sequence + 1,
  };
  await changeVisit(tx.sql, row, moved);
  await keepCompanions(
    tx.sql,
    tenant,
    rid,
    found.chosen.map((one) => one.id),
  );
  if (freed) await timeFreed(house, tx.sql, row);
  const after = { ...row, ...moved };
  // Whoever has her no longer is told as well.
  if (row.clinician !== after.clinician && caller.fhirUser?.id !== row.clinician)
    await tellClinician(house, tx.sql, row, 'visit-cancelled');
  await tellOther(house, tx.sql, caller, after, asks ? 'visit-requested' : 'visit-moved');
  return after;
}

/**
 * Moves one visit. Where the clinic confirms, a patient's move is a request again.
 * @throws Refusal 'slot-taken' (409): nothing was moved; 'conflict' (409), 'invalid' (422), 'licence-required' (403)
 */
export async function reschedule(
  house: House,
  caller: Caller,
  visit: VisitRow,
  ask: RescheduleRequest,
  deed: Deed,
): Promise<{ id: string }> {
  const { tenant, rid, mode, patient } = visit;
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
  const { clinician, confirm } = schedule.rule;
  const place = await placeOfVisit(house, visit);
  await requireReach(house, tenant, { clinician, mode, place, at: span.start });
  const needs = ask.with
    ? await needsOf(house.db, tenant, schedule.rule, { with: ask.with })
    : await needsLike(house, tenant, schedule, await companionsOf(house.db, tenant, rid));
  const work = house.records.write(authorOf(house, caller, 'reschedule'), async (tx) => {
    // The visit first, then the actors: the order of everybody who changes a visit that there is.
    await lockVisit(tx.sql, tenant, rid);
    await lockActors(tx.sql, tenant, actorsOf(clinician, patient, needs));
    await consumeHolds(tx.sql, caller, ask);
    await moveOne(house, tx, caller, visit, { schedule, span, needs, asks: own && !!confirm });
    await keepAnswer(tx, deed, patient, { id: rid }, now);
    return { id: rid };
  });
  const answer = await work.catch((error: unknown) => {
    throw lostRace(error);
  });
  for (const one of new Set([visit.clinician, clinician]))
    tell(house, 'changed', { tenant, visit: rid, clinician: one });
  return answer;
}
