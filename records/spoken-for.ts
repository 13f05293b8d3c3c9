/** The accounts of a patient and of whoever speaks for her: for telling them that something waits. */
import { systemCaller, type Access } from '@afar/access';
import type { RelatedPerson } from '@afar/fhir';
import type { Clock } from '@afar/platform';
import type { Records } from './types.ts';

/** On a RelatedPerson: the account that acts by it (enrolment/charts.ts). */
const accountSystem = 'urn:afar:account';
/** More people than speak for anybody. */
const most = '20';

/**
 * Her own account first. Whether one of them may see a given thing is asked of the store as that person: who speaks for her
 * may be shut out of it.
 */
export async function accountsSpeakingFor(
  deps: { records: Records; access: Access; clock: Clock },
  tenant: number,
  patient: string,
): Promise<string[]> {
  const { accounts } = deps.access;
  const caller = systemCaller(tenant, deps.clock, 'tell');
  const [own, found] = await Promise.all([
    accounts.byFhirUser(tenant, { type: 'Patient', id: patient }),
    deps.records.search(caller, 'RelatedPerson', [
      ['patient', `Patient/${patient}`],
      ['active', 'true'],
      ['_count', most],
    ]),
  ]);
  const proxies = await Promise.all(
    (found.entry ?? []).map(async ({ resource }) => {
      const related = resource as RelatedPerson;
      const acts = related.identifier?.find((one) => one.system === accountSystem)?.value;
      const account = acts === undefined ? undefined : await accounts.get(tenant, acts);
      // The resource names an account; whether it acts is the account's own word.
      if (account?.personal.proxies?.some((one) => one.related === related.id)) return account.id;
      return (await accounts.byFhirUser(tenant, { type: 'RelatedPerson', id: related.id! }))?.id;
    }),
  );
  return [...new Set([own?.id, ...proxies].filter((one) => one !== undefined))];
}
