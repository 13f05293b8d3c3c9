/** Whether anybody on duty may see a patient where she is. */
import { Refusal } from '@afar/fhir';
import type { House } from '../house.ts';
import { onDuty } from '../presence/presence.ts';
import { cannotNow } from './service.ts';

/** @throws Refusal 'licence-required', 'conflict' when nobody is on duty */
export async function requireSomebody(
  house: House,
  tenant: number,
  place: string | undefined,
): Promise<void> {
  const staff = await onDuty(house, house.db, tenant);
  if (!staff.length) throw cannotNow('nobody is on duty now');
  const now = house.clock.now();
  for (const one of staff)
    if ((await house.access.licences.until(tenant, one, place)) > now) return;
  throw new Refusal('licence-required', {
    diagnostics: 'nobody who is on duty now may see you where you are',
    expression: ['place'],
  });
}
