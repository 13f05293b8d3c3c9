/** Seals a domain room's own values (intake answers, note drafts) under the patient's key: erasing the key erases them too. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { aad, kidOf, open, seal } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import type { NewKeys } from './prepare.ts';

/**
 * @param patient rid of the patient
 * @throws Refusal `not-found` when nothing was ever written for that patient
 */
export async function sealFor(
  ctx: RecordsContext,
  sql: Queryable,
  { tenant }: Caller,
  one: { patient: string; context: string; plain: string; made?: NewKeys },
): Promise<Buffer> {
  const key =
    one.made?.get(one.patient) ??
    (await ctx.ownerKeys.of(sql, tenant, [one.patient])).get(one.patient);
  if (!key)
    throw new Refusal('not-found', { detail: 'no key: nothing was written for the patient' });
  return seal(one.plain, key, placeOf(tenant, one));
}

/** @throws SealBroken when the value was altered, or sealed for another patient or place */
export async function openFor(
  ctx: RecordsContext,
  { tenant }: Caller,
  one: { patient: string; context: string; sealed: Buffer },
): Promise<string> {
  const key = await ctx.keys.byId(tenant, kidOf(one.sealed));
  return open(one.sealed, key, placeOf(tenant, one)).toString();
}

function placeOf(
  tenant: number,
  { patient, context }: { patient: string; context: string },
): Buffer {
  return aad('lent', tenant, patient, context);
}
