/** The clinician's queue: who waits and who is in a visit, by priority, then by arrival. */
import type { Caller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import { modeOf } from '../adopt.ts';
import { reasonOf } from '../appointment-view.ts';
import type { Checks, Queue, QueueEntry } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { clinicianBrief, patientBrief, readIfSeen } from '../people.ts';
import { listQueue, type VisitRow } from '../visit-row.ts';
import { presentMs } from './place.ts';

const unchecked: Checks = {
  camera: 'skipped',
  microphone: 'skipped',
  speaker: 'skipped',
  network: 'skipped',
};

async function entryOf(
  house: House,
  caller: Caller,
  row: VisitRow,
  now: number,
): Promise<QueueEntry | undefined> {
  const appointment = await readIfSeen<Appointment>(house, caller, 'Appointment', row.rid);
  if (!appointment) return undefined;
  const [patient, clinician] = await Promise.all([
    patientBrief(house, caller, row.patient),
    clinicianBrief(house, caller, row.clinician),
  ]);
  if (!patient) return undefined;
  const since = row.arrived_at ?? row.starts;
  return {
    id: row.rid,
    state: row.state as QueueEntry['state'],
    patient,
    reason: reasonOf(appointment),
    mode: modeOf(appointment),
    start: iso(row.starts),
    waitingSince: iso(since),
    waitedSeconds: Math.max(0, Math.round(((row.admitted_at ?? now) - since) / 1000)),
    priority: row.priority,
    redFlag: row.red_flag,
    checks: row.checks ?? unchecked,
    present: row.seen_at !== null && now - row.seen_at <= presentMs,
    clinician: { id: clinician.id, name: clinician.name },
    ...(row.encounter && { encounter: row.encounter }),
  };
}

/** A practitioner sees her own visits; a nurse those whose chart is open to her. Hidden ones are not counted either. */
export async function queue(
  house: House,
  caller: Caller,
): Promise<{ queue: Queue; patients: string[] }> {
  const now = house.clock.now();
  const own = caller.role === 'practitioner' ? caller.fhirUser?.id : undefined;
  if (caller.role === 'practitioner' && !own)
    return { queue: { asOf: iso(now), entries: [] }, patients: [] };
  const rows = await listQueue(house.db, caller.tenant, own);
  const all = await Promise.all(rows.map((row) => entryOf(house, caller, row, now)));
  const entries = all.filter((one) => one !== undefined);
  return {
    queue: { asOf: iso(now), entries },
    patients: [...new Set(entries.map((one) => one.patient.id))],
  };
}
