/** Who may see a patient's chart now, and because of what: for her own eyes. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { RecordsContext } from './context.ts';
import { proxyOf } from './speaking.ts';

/** A live grant of her chart, or of a part of it. */
export interface Holder {
  principal: string;
  /** `chart`, a type, or `Type/rid`. */
  class: string;
  purpose: string;
  /** `Appointment/<rid>`: what it was given with. */
  source: string;
  /** ms since epoch, end exclusive. */
  starts: number;
  ends: number;
}

/** More than these nobody reads; the longest come first. */
const most = 500;

/**
 * The live grants of one patient.
 * @throws Refusal `forbidden` for everybody but her, who holds the chart as her proxy, and the house
 */
export async function holdersOf(
  { db }: RecordsContext,
  caller: Caller,
  patient: string,
): Promise<Holder[]> {
  const own = caller.fhirUser?.type === 'Patient' && caller.fhirUser.id === patient;
  if (!own && !caller.wildcard && !(await proxyOf(db, caller, patient, caller.at)))
    throw new Refusal('forbidden');
  const { rows } = await db.query<Holder>({
    name: 'records.holders',
    text: `select g.principal, g.class, g.purpose, g.source, g.starts, g.ends from records."grant" g
      where g.tenant = $1 and g.patient = $2 and g.ends > $3 order by g.ends desc, g.source limit ${most}`,
    values: [caller.tenant, patient, caller.at],
  });
  return rows;
}
