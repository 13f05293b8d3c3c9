/** Billing codes of a visit: a small code system of our own, chosen by how it was held and for how many minutes. */
import type { BillingCodes } from '../contract.ts';
import { billingSystem } from '../vocabulary.ts';

/**
 * Bands of face-to-face time. CPT and national fee schedules are licensed or local: these neutral codes say only mode and length,
 * and billing maps them.
 */
const bands = [
  { upTo: 10, code: 'brief', display: 'up to 10 minutes', from: 0 },
  { upTo: 20, code: 'short', display: '11 to 20 minutes', from: 11 },
  { upTo: 40, code: 'standard', display: '21 to 40 minutes', from: 21 },
  { upTo: Infinity, code: 'long', display: 'over 40 minutes', from: 41 },
] as const;

const families = [
  { code: 'tele', display: 'Remote visit', modes: ['video', 'audio', 'phone'] },
  { code: 'text', display: 'Written visit', modes: ['chat'] },
  { code: 'clinic', display: 'Clinic visit', modes: ['in-person'] },
] as const;

export const billingCodes: BillingCodes = {
  system: billingSystem,
  codes: families.flatMap((family) =>
    bands.map((band) => ({
      code: `${family.code}-${band.code}`,
      display: `${family.display}, ${band.display}`,
      minMinutes: band.from,
    })),
  ),
};

/** The code that fits a visit of `minutes` held in `mode`. */
export function billingCodeFor(mode: string, minutes: number): string {
  const family =
    families.find((one) => (one.modes as readonly string[]).includes(mode)) ?? families[0];
  const band = bands.find((one) => minutes <= one.upTo)!;
  return `${family.code}-${band.code}`;
}

export function billingCoding(
  code: string,
): { system: string; code: string; display: string } | undefined {
  const found = billingCodes.codes.find((one) => one.code === code);
  return found && { system: billingSystem, code, display: found.display };
}
