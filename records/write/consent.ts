/** What a Consent brings with it: the grants and denials it compiles to, on the word of somebody who may give it. */
import type { Caller, Compiled } from '@afar/access';
import { compileConsent, consents, decides, speakersOf } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Consent, Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';

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
    const speaks = await speaksFor(sql, caller, patient, now);
    if (!consents(caller, patient, speaks))
      throw new Refusal('forbidden', { detail: 'consent is the patient’s word' });
  }
  return compileConsent(consent, caller, now);
}

/** To be let in by the patient is not to speak for her: a proxy holds the chart by what made her one. */
async function speaksFor(
  sql: Queryable,
  caller: Caller,
  patient: string,
  now: number,
): Promise<boolean> {
  const speakers = speakersOf(caller, patient);
  if (speakers.length === 0) return false;
  const { rowCount } = await sql.query({
    name: 'records.speaks-for',
    text: `select from records."grant" g where g.tenant = $1 and g.principal = any($2::uuid[]) and g.patient = $3
             and g.source = 'RelatedPerson/' || g.principal and g.class = 'chart' and g.starts <= $4 and g.ends > $4`,
    values: [caller.tenant, speakers, patient, now],
  });
  return rowCount > 0;
}
