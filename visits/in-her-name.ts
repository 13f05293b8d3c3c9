/** Writes that a clinician asked for and the patient's browser brings about: done in the clinician's name. */
import { systemCaller, type Caller } from '@afar/access';
import type { House } from './house.ts';

/**
 * The clinician who asked, with what she may do now. Where staff sign in without a second factor (a demo), nobody can stand in for her: then the
 * house writes, as long as her account is active.
 * @param why one or two words for the trail
 */
export async function inHerName(
  house: House,
  tenant: number,
  account: string,
  why: string,
): Promise<Caller | undefined> {
  const herself = await house.access.standIn({ tenant, kind: 'user', id: account }, why);
  if (herself) return herself;
  const found = await house.access.accounts.get(tenant, account);
  return found?.status === 'active' ? systemCaller(tenant, house.clock, why) : undefined;
}
