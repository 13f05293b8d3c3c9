/** Who a caller is to a thread: on the patient's side, or caring for her. Everything else is a 404. */
import { actsFor, isUuid, type Caller, type FhirUser } from '@afar/access';
import { Refusal, type Communication } from '@afar/fhir';
import type { Side } from './contract.ts';
import type { House } from './house.ts';
import { findThread, type ThreadRow } from './store.ts';

export interface Seen {
  row: ThreadRow;
  root: Communication;
  side: Side;
  /** In whose name she writes. */
  self: FhirUser;
}

/** Roles of those who treat people. */
export const carers: readonly string[] = ['practitioner', 'nurse', 'trainee'];

export const isStaff = ({ role }: Caller): boolean => carers.includes(role);

/** A person of her own: apps, guests, clients and the office write no messages here. */
export function requireWriter(caller: Caller): FhirUser {
  const { fhirUser } = caller;
  if (caller.kind !== 'user' || caller.app || !fhirUser) throw new Refusal('forbidden');
  if (caller.role !== 'patient' && !isStaff(caller)) throw new Refusal('forbidden');
  return fhirUser;
}

/** @throws Refusal 'not-found' for a patient of the patient's side who does not speak for her */
export async function sideOf(
  house: House,
  caller: Caller,
  patient: string,
): Promise<{ side: Side; self: FhirUser }> {
  const own = requireWriter(caller);
  if (isStaff(caller)) return { side: 'staff', self: own };
  const speaks = await house.records.speaks(caller, patient);
  if (!speaks) throw new Refusal('not-found');
  return { side: 'patient', self: actsFor(caller, patient) ?? own };
}

/**
 * The thread, its first message read through the record store as this caller: no care relation, another tenant, a withdrawn
 * consent and an id that never was all end in the same 404.
 */
export async function seeThread(house: House, caller: Caller, id: unknown): Promise<Seen> {
  requireWriter(caller);
  if (typeof id !== 'string' || !isUuid(id)) throw new Refusal('not-found');
  const { resource } = await house.records.read<Communication>(caller, 'Communication', id);
  const row = await findThread(house.db, caller.tenant, id);
  if (!row) throw new Refusal('not-found');
  return { row, root: resource, ...(await sideOf(house, caller, row.patient)) };
}

/** @throws Refusal 'forbidden' */
export function requireStaffSide({ side }: Seen): void {
  if (side !== 'staff') throw new Refusal('forbidden');
}
