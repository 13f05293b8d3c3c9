/** What staff say of a visit that has not begun: confirmed, urgent, nobody came. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import { tell, type House } from '../house.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { alongIn, needsOf } from './along.ts';
import { companionsOf, keepCompanions } from './companions.ts';
import { lostRace, participantsOf, priorityOf, slotTaken, takeAll } from './make-visit.ts';
import { scheduleOf } from './schedules.ts';
import { actorsOf } from './book.ts';
import { lockActors } from './take-time.ts';
import { tellPatient } from './telling.ts';

const fresh = async ({ sql }: RecordTx, { tenant, rid }: VisitRow): Promise<VisitRow> => {
  const row = await lockVisit(sql, tenant, rid);
  if (!row) throw new Refusal('not-found');
  return row;
};

/**
 * The clinic says yes: only now is the time taken. Of two requests for one time the second is told that it is gone.
 * @param along other rooms and interpreters than were asked for
 * @throws Refusal 'slot-taken' (409), 'conflict' (409) for what is no request
 */
export async function confirm(
  house: House,
  caller: Caller,
  visit: VisitRow,
  along: readonly string[] | undefined,
): Promise<void> {
  const { tenant, rid } = visit;
  const now = house.clock.now();
  const schedule = await scheduleOf(house.db, tenant, visit.clinician);
  if (!schedule) throw new Refusal('not-found');
  const asked = along ?? (await companionsOf(house.db, tenant, rid)).map((one) => one.id);
  const needs = await needsOf(house.db, tenant, schedule.rule, { with: asked });
  const work = house.records.write(caller, async (tx) => {
    const row = await fresh(tx, visit);
    const next = step(row.state, 'confirm');
    if (!next) throw new Refusal('conflict', { detail: `state ${row.state}` });
    if (row.state === next) return;
    if (row.ends <= now) throw new Refusal('conflict', { diagnostics: 'this time is over' });
    const span = { start: row.starts, end: row.ends };
    await lockActors(tx.sql, tenant, actorsOf(row.clinician, row.patient, needs));
    const found = (await alongIn(tx.sql, { tenant, needs, span, now }))(span);
    if (found.missing) throw slotTaken(found.missing);
    const plan = { schedule, span, patient: row.patient, along: found.chosen };
    await takeAll(tx, { tenant, source: rid, now }, plan);
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    await tx.update<Appointment>({
      ...resource,
      status: appointmentStatus[next],
      participant: participantsOf(plan, 'booked'),
    });
    await changeVisit(tx.sql, row, { state: next, sequence: row.sequence + 1 });
    const chosen = found.chosen.map((one) => one.id);
    await keepCompanions(tx.sql, tenant, rid, chosen);
    await tellPatient(house, tx.sql, row, 'visit-confirmed');
  });
  await work.catch((error: unknown) => {
    throw lostRace(error);
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
}

/** Staff set the mark, or take it away. */
export async function markUrgent(
  house: House,
  caller: Caller,
  visit: VisitRow,
  urgent: boolean,
): Promise<void> {
  const { tenant, rid } = visit;
  await house.records.write(caller, async (tx) => {
    const row = await fresh(tx, visit);
    if (row.urgent === urgent) return;
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    const { priority: _before, ...rest } = resource;
    await tx.update<Appointment>({ ...rest, ...priorityOf(urgent) });
    await changeVisit(tx.sql, row, { urgent });
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
}

/**
 * Staff say that nobody came, without waiting for the clock to say so.
 * @throws Refusal 'conflict' before it began, and for what was held or called off
 */
export async function missed(house: House, caller: Caller, visit: VisitRow): Promise<void> {
  const { tenant, rid } = visit;
  await house.records.write(caller, async (tx) => {
    const row = await fresh(tx, visit);
    const next = step(row.state, 'miss');
    if (!next) throw new Refusal('conflict', { detail: `state ${row.state}` });
    if (house.clock.now() < row.starts)
      throw new Refusal('conflict', { diagnostics: 'it has not begun' });
    if (row.state === next) return;
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    await tx.update<Appointment>({ ...resource, status: appointmentStatus[next] });
    await changeVisit(tx.sql, row, { state: next });
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
}
