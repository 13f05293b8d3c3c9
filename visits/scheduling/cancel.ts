/** Cancels a visit that has not begun, and gives its time back. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { House } from '../house.ts';
import { tell } from '../house.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { fault, refuseFaults } from './rule.ts';
import { freeTime } from './take-time.ts';

/** @throws Refusal 'invalid' (422) */
export function readCancel(body: unknown): string | undefined {
  const reason = (body as { reason?: unknown } | null | undefined)?.reason;
  if (reason === undefined) return undefined;
  if (typeof reason !== 'string' || reason.length > 500)
    refuseFaults([fault('reason', 'at most 500 characters')]);
  return (reason as string).trim() || undefined;
}

/** @throws Refusal 'conflict' once the patient was admitted */
export async function cancel(
  house: House,
  caller: Caller,
  { tenant, rid }: VisitRow,
  reason: string | undefined,
): Promise<void> {
  const row = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    const next = row && step(row.state, 'cancel');
    if (!row || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    if (row.state === next) return row;
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    await tx.update<Appointment>({
      ...resource,
      status: appointmentStatus[next],
      ...(reason && { cancelationReason: { text: reason } }),
    });
    await changeVisit(tx.sql, row, { state: next });
    await freeTime(tx.sql, tenant, rid);
    return row;
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: row.clinician });
}
