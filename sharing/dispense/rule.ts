/** Whether a prescription may be handed out now, as its prescriber wrote it. Pure. */
import { instant, lastInstant } from '@afar/access';
import type { MedicationDispense, MedicationRequest, Quantity } from '@afar/fhir';
import type { DispenseBar } from './contract.ts';

/** States of a dispense in which nothing was handed out [FHIR R4 valueset-medicationdispense-status]. */
const undone = new Set(['cancelled', 'declined', 'entered-in-error', 'stopped']);

export const handedOut = (found: readonly MedicationDispense[]): MedicationDispense[] =>
  found.filter((one) => !undone.has(one.status));

/** Once, and each repeat [FHIR R4 MedicationRequest.dispenseRequest.numberOfRepeatsAllowed]. */
export const allowedTimes = ({ dispenseRequest }: MedicationRequest): number =>
  1 + Math.max(0, dispenseRequest?.numberOfRepeatsAllowed ?? 0);

/** ms since epoch, end exclusive. */
export const validUntil = ({ dispenseRequest }: MedicationRequest): number | undefined =>
  lastInstant(dispenseRequest?.validityPeriod?.end);

/** @param done how often it was handed out @param now ms since epoch */
export function barOf(
  prescription: MedicationRequest,
  done: number,
  now: number,
): DispenseBar | undefined {
  // A prohibition and a plan are no prescriptions; drafts nobody at a pharmacy sees.
  if (prescription.status !== 'active' || prescription.doNotPerform) return 'not-active';
  const start = instant(prescription.dispenseRequest?.validityPeriod?.start);
  if (start !== undefined && now < start) return 'not-begun';
  const until = validUntil(prescription);
  if (until !== undefined && now >= until) return 'expired';
  return done >= allowedTimes(prescription) ? 'used-up' : undefined;
}

export const shortQuantity = (
  quantity: Quantity | undefined,
): { value: number; unit?: string } | undefined => {
  const unit = quantity?.unit ?? quantity?.code;
  return quantity?.value === undefined
    ? undefined
    : { value: quantity.value, ...(unit && { unit }) };
};

/**
 * What is handed out: as asked for each time unless she says otherwise, and never more of it.
 * @returns what is wrong instead
 */
export function quantityOf(
  { dispenseRequest }: MedicationRequest,
  asked: { value: number; unit?: string } | undefined,
): { quantity?: Quantity } | { fault: string } {
  const ordered = dispenseRequest?.quantity;
  const most = shortQuantity(ordered);
  if (!asked) return ordered ? { quantity: ordered } : { fault: 'say how much' };
  if (!most) return { quantity: asked };
  if (asked.unit !== undefined && asked.unit !== most.unit)
    return { fault: 'counted as it was prescribed' };
  if (asked.value > most.value) return { fault: 'more than was prescribed for one time' };
  return { quantity: { ...ordered, value: asked.value } };
}
