/** Those who wait for whoever is free, for those on duty: what triage needs, without a name until one of them is taken. */
import { systemCaller, type Caller } from '@afar/access';
import type { Appointment, Patient } from '@afar/fhir';
import { modeOf } from '../adopt.ts';
import { reasonOf } from '../appointment-view.ts';
import type { PoolEntry, PoolQueue } from '../contract-on-demand.ts';
import { iso, type House } from '../house.ts';
import { placeOfVisit } from '../licensing/place.ts';
import { readIfSeen } from '../people.ts';
import { listQueue, type VisitRow } from '../visit-row.ts';
import { presentMs } from '../waiting/place.ts';
import { serviceOf } from './service.ts';
import { requirePool } from './take.ts';

/** Full years on that day. */
export function ageOn(birthDate: string | undefined, now: number): number | undefined {
  if (!birthDate) return undefined;
  const [year, month = 1, day = 1] = birthDate.split('-').map(Number);
  const today = new Date(now);
  const before =
    today.getUTCMonth() + 1 < month ||
    (today.getUTCMonth() + 1 === month && today.getUTCDate() < day);
  return today.getUTCFullYear() - year! - (before ? 1 : 0);
}

async function entryOf(
  house: House,
  row: VisitRow,
  reader: string | undefined,
  now: number,
): Promise<PoolEntry | undefined> {
  // She asked to be seen by anybody on duty: the house reads this much for them, and the trail names her.
  const system = systemCaller(row.tenant, house.clock, 'on-demand');
  const [appointment, patient] = await Promise.all([
    readIfSeen<Appointment>(house, system, 'Appointment', row.rid),
    readIfSeen<Patient>(house, system, 'Patient', row.patient),
  ]);
  if (!appointment || !patient) return undefined;
  const since = row.arrived_at ?? row.starts;
  const age = ageOn(patient.birthDate, now);
  const place = reader === undefined ? undefined : await placeOfVisit(house, row);
  return {
    id: row.rid,
    waitingSince: iso(since),
    waitedSeconds: Math.max(0, Math.round((now - since) / 1000)),
    priority: row.priority,
    redFlag: row.red_flag,
    mode: modeOf(appointment),
    reason: reasonOf(appointment),
    ...(age !== undefined && { age }),
    ...(patient.gender && { gender: patient.gender }),
    present: row.seen_at !== null && now - row.seen_at <= presentMs,
    mayTake:
      reader !== undefined && (await house.access.licences.until(row.tenant, reader, place)) > now,
  };
}

/** @throws Refusal 'forbidden' to who is neither a nurse nor on duty, or may see no chart */
export async function poolQueue(
  house: House,
  caller: Caller,
): Promise<{ queue: PoolQueue; patients: string[] }> {
  const { tenant } = caller;
  const reader = await requirePool(house, caller);
  const now = house.clock.now();
  const service = await serviceOf(house.db, tenant);
  const rows = service
    ? (await listQueue(house.db, tenant, service.rid)).filter((row) => row.state === 'waiting')
    : [];
  const all = await Promise.all(rows.map((row) => entryOf(house, row, reader, now)));
  return {
    queue: { asOf: iso(now), entries: all.filter((one) => one !== undefined) },
    patients: [...new Set(rows.map((row) => row.patient))],
  };
}
