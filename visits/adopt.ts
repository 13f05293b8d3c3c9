/** Appointments that were not booked here (imported, seeded, written through the FHIR interface) become visits like the rest. */
import { systemCaller } from '@afar/access';
import type { Appointment, Composition, Encounter, Resource } from '@afar/fhir';
import { follow, takeOwnTime } from './adopt-follow.ts';
import type { VisitMode, VisitState } from './contract.ts';
import type { House } from './house.ts';
import { participantOf, participantsOfType } from './participant.ts';
import { readIfSeen } from './people.ts';
import { keepCompanions } from './scheduling/companions.ts';
import { typeOfKind } from './scheduling/resources.ts';
import { isUuid, visitModes } from './scheduling/rule.ts';
import { addVisit, changeVisit, findVisit, type VisitChange, type VisitRow } from './visit-row.ts';
import { noteType, visitModeSystem } from './vocabulary.ts';

/** A visit's first state by what the Appointment says; a proposal is no visit yet. */
const states: Partial<Record<string, VisitState>> = {
  booked: 'booked',
  pending: 'requested',
  arrived: 'booked',
  'checked-in': 'booked',
  fulfilled: 'ended',
  cancelled: 'cancelled',
  noshow: 'no-show',
};

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
  const [patient, clinician] = [participantOf(it, 'Patient'), participantOf(it, 'Practitioner')];
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
    await takeOwnTime(house, sql, visit, it);
    const along = Object.values(typeOfKind).flatMap((type) => participantsOfType(it, type));
    await keepCompanions(sql, tenant, rid, along);
  });
  return findVisit(house.db, tenant, rid);
}

/** Follows the record store: an Appointment that appears gets its visit at once, so that its time is not offered again. */
export function adoptFromChanges(house: House): () => void {
  return house.records.onChange(({ tenant, type, rid, verb }) => {
    if (type !== 'Appointment' || verb === 'DELETE') return;
    const work = async (): Promise<void> => {
      const row = await findVisit(house.db, tenant, rid);
      // Most changes are our own, of visits that run or are over.
      if (row && !['requested', 'booked', 'waiting'].includes(row.state)) return;
      const caller = systemCaller(tenant, house.clock, 'adopt');
      const found = await readIfSeen<Appointment>(house, caller, 'Appointment', rid);
      if (!found) return;
      if (row) await follow(house, row, found);
      else await adopt(house, tenant, found);
    };
    work().catch((error: unknown) =>
      house.log.warn({ err: error, visit: rid }, 'an appointment was not taken over'),
    );
  });
}
