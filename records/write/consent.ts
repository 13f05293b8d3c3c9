/** What a Consent brings with it: the grants and denials it compiles to, on the word of somebody who may give it. */
import type { Caller, Compiled } from '@afar/access';
import { compileConsent, consents, decides } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Consent, Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { proxyOf } from '../speaking.ts';

export interface ConsentWritten {
  /** With rids for ids. */
  consent: Consent;
  before: Resource | undefined;
  /** Rids of the patients of this version and of the one before. */
  patients: readonly string[];
  /** ms since epoch */
  now: number;
}

/**
 * Only the patient, who speaks for her, and the house say who may see her record, and only they take it back. Anybody whose
 * role lets her write a Consent may propose one.
 *
 * @throws Refusal `forbidden`; `business-rule` (422) for what cannot be followed as it is written
 */
export async function consentRules(
  sql: Queryable,
  caller: Caller,
  { consent, before, patients, now }: ConsentWritten,
): Promise<Compiled> {
  const decided = before?.resourceType === 'Consent' && decides(before);
  if (!decided && !decides(consent)) return { grants: [], denials: [] };
  for (const patient of patients) {
    const proxy = await proxyOf(sql, caller, patient, now);
    if (!consents(caller, patient, proxy !== undefined))
      throw new Refusal('forbidden', { detail: 'consent is the patient’s word' });
    if (proxy && !proxy.whole && decided && (await isAgainst(sql, caller, consent.id)))
      throw new Refusal('forbidden', { detail: 'a consent that shuts her out' });
  }
  return compileConsent(consent, caller, now);
}

/** Whoever this very consent shuts out does not take it back: only the patient and the house do. */
async function isAgainst(
  sql: Queryable,
  { tenant, principals }: Caller,
  id: string | undefined,
): Promise<boolean> {
  const { rowCount } = await sql.query({
    name: 'records.consent-against',
    text: `select from records.deny d where d.tenant = $1 and d.source = $2 and d.principal = any($3::uuid[]) and not d.spares`,
    values: [tenant, `Consent/${id}`, principals],
  });
  return rowCount > 0;
}
