/** Appointments that were not booked here (imported, seeded, written through the FHIR interface) become visits like the rest. */
import { systemCaller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import type { VisitMode, VisitState } from './contract.ts';
import type { House } from './house.ts';
import { readIfSeen } from './people.ts';
import { isUuid, visitModes } from './scheduling/rule.ts';
import { scheduleOf } from './scheduling/schedules.ts';
import { takeTime } from './scheduling/take-time.ts';
import { addVisit, findVisit, type VisitRow } from './visit-row.ts';
import { visitModeSystem } from './vocabulary.ts';

/** A visit's first state by what the Appointment says; a proposal is no visit yet. */
const states: Partial<Record<string, VisitState>> = {
  booked: 'booked',
  pending: 'booked',
  arrived: 'booked',
  'checked-in': 'booked',
  fulfilled: 'ended',
  cancelled: 'cancelled',
  noshow: 'no-show',
};

function actor(it: Appointment, type: string): string | undefined {
  const prefix = `${type}/`;
  const found = it.participant.find((one) => one.actor?.reference?.startsWith(prefix));
  const id = found?.actor?.reference?.slice(prefix.length);
  return isUuid(id) ? id : undefined;
}

export function modeOf(it: Appointment): VisitMode {
  const code = it.appointmentType?.coding?.find((one) => one.system === visitModeSystem)?.code;
  return visitModes.find((one) => one === code) ?? 'video';
}

/**
 * Makes the row of an Appointment that has none and takes its time where that is still free; time that is taken stays taken, and
 * the clash is the clinic's to settle. Safe to repeat from any process.
 */
export async function adopt(
  house: House,
  tenant: number,
  it: Appointment,
): Promise<VisitRow | undefined> {
  const rid = it.id;
  const state = states[it.status ?? ''];
  const [patient, clinician] = [actor(it, 'Patient'), actor(it, 'Practitioner')];
  const starts = Date.parse(it.start ?? '');
  const ends = Date.parse(it.end ?? '');
  if (!isUuid(rid) || !state || !patient || !clinician || !(starts < ends)) return undefined;
  await house.db.tx(async (sql) => {
    const mode = modeOf(it);
    await addVisit(sql, { tenant, rid, patient, clinician, mode, state, starts, ends });
    if (state !== 'booked' || ends < house.clock.now()) return;
    const { rowCount } = await sql.query(
      'select from visits.busy where tenant = $1 and source = $2 limit 1',
      [tenant, rid],
    );
    if (rowCount) return;
    const schedule = await scheduleOf(sql, tenant, clinician);
    const blocked = { start: starts, end: ends };
    const clash = await takeTime(sql, tenant, rid, [
      { actor: clinician, blocked, capacity: schedule?.rule.capacity ?? 1 },
    ]);
    if (clash) house.log.warn({ visit: rid }, 'an appointment overlaps another one');
  });
  return findVisit(house.db, tenant, rid);
}

/** Follows the record store: an Appointment that appears gets its visit at once, so that its time is not offered again. */
export function adoptFromChanges(house: House): () => void {
  return house.records.onChange(({ tenant, type, rid, verb }) => {
    if (type !== 'Appointment' || verb === 'DELETE') return;
    const work = async (): Promise<void> => {
      if (await findVisit(house.db, tenant, rid)) return;
      const caller = systemCaller(tenant, house.clock, 'adopt');
      const found = await readIfSeen<Appointment>(house, caller, 'Appointment', rid);
      if (found) await adopt(house, tenant, found);
    };
    work().catch((error: unknown) =>
      house.log.warn({ err: error, visit: rid }, 'an appointment was not taken over'),
    );
  });
}
