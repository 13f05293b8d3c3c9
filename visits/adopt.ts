/** Appointments that were not booked here (imported, seeded, written through the FHIR interface) become visits like the rest. */
import { systemCaller } from '@afar/access';
import type { Appointment, Composition, Encounter, Resource } from '@afar/fhir';
import type { VisitMode, VisitState } from './contract.ts';
import { tell, type House } from './house.ts';
import { readIfSeen } from './people.ts';
import { isUuid, visitModes } from './scheduling/rule.ts';
import { scheduleOf } from './scheduling/schedules.ts';
import { freeTime, takeTime } from './scheduling/take-time.ts';
import { step } from './state.ts';
import {
  addVisit,
  changeVisit,
  findVisit,
  lockVisit,
  type VisitChange,
  type VisitRow,
} from './visit-row.ts';
import { noteType, visitModeSystem } from './vocabulary.ts';

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

async function findAll<T extends Resource>(
  house: House,
  tenant: number,
  type: T['resourceType'],
  params: [string, string][],
): Promise<T[]> {
  const caller = systemCaller(tenant, house.clock, 'adopt');
  const { entry = [] } = await house.records.search(caller, type, params);
  return entry.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as T] : []));
}

/** What a visit that is over left in the chart: its Encounter, and the signed note that its summary is read from. */
async function leftBy(
  house: House,
  tenant: number,
  rid: string,
  patient: string,
): Promise<VisitChange> {
  const subject: [string, string] = ['patient', `Patient/${patient}`];
  const [encounter] = await findAll<Encounter>(house, tenant, 'Encounter', [
    subject,
    ['appointment', `Appointment/${rid}`],
  ]);
  if (!encounter?.id) return {};
  const notes = await findAll<Composition>(house, tenant, 'Composition', [
    subject,
    ['encounter', `Encounter/${encounter.id}`],
    ['type', `${noteType.system}|${noteType.code}`],
  ]);
  // Only what somebody answers for is a signed note; an addendum is a document beside it.
  const note = notes.find(
    (one) => one.status === 'final' && one.attester?.length && !one.relatesTo?.length,
  );
  const signed = Date.parse(note?.attester?.[0]?.time ?? note?.date ?? '');
  return {
    encounter: encounter.id,
    ...(note?.id && { composition: note.id, ...(signed > 0 && { signed_at: signed }) }),
  };
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
  const left = state === 'ended' ? await leftBy(house, tenant, rid, patient) : {};
  await house.db.tx(async (sql) => {
    const mode = modeOf(it);
    const visit = { tenant, rid, patient, clinician, mode, state, starts, ends };
    const added = await addVisit(sql, visit);
    if (added && left.encounter) await changeVisit(sql, { tenant, rid }, left);
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

/** Cancelled past our own routes, a visit that has not begun is cancelled here too, and its time is free. */
async function followCancel(house: House, row: VisitRow, it: Appointment): Promise<void> {
  const gone = it.status === 'cancelled' || it.status === 'entered-in-error';
  if (!gone || !step(row.state, 'cancel') || row.state === 'cancelled') return;
  await house.db.tx(async (sql) => {
    const locked = await lockVisit(sql, row.tenant, row.rid);
    const next = locked && step(locked.state, 'cancel');
    if (!next) return;
    await changeVisit(sql, row, { state: next });
    await freeTime(sql, row.tenant, row.rid);
  });
  tell(house, 'changed', { tenant: row.tenant, visit: row.rid, clinician: row.clinician });
}

/** Follows the record store: an Appointment that appears gets its visit at once, so that its time is not offered again. */
export function adoptFromChanges(house: House): () => void {
  return house.records.onChange(({ tenant, type, rid, verb }) => {
    if (type !== 'Appointment' || verb === 'DELETE') return;
    const work = async (): Promise<void> => {
      const row = await findVisit(house.db, tenant, rid);
      // Most changes are our own, of visits that run or are over.
      if (row && row.state !== 'booked' && row.state !== 'waiting') return;
      const caller = systemCaller(tenant, house.clock, 'adopt');
      const found = await readIfSeen<Appointment>(house, caller, 'Appointment', rid);
      if (!found) return;
      if (row) await followCancel(house, row, found);
      else await adopt(house, tenant, found);
    };
    work().catch((error: unknown) =>
      house.log.warn({ err: error, visit: rid }, 'an appointment was not taken over'),
    );
  });
}
