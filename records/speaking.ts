/** Who speaks for a patient: she herself, and whoever holds her chart by being her proxy; not one she merely lets see. */
import { speakersOf, type Caller } from '@afar/access';
import type { Queryable } from '@afar/platform';

/**
 * The proxy of a patient, by the grant that made her one. `whole` is false for one who is shut out of something by name: she
 * speaks for the patient, but hands on no more than she sees herself, and does not lift what shuts her out.
 */
export interface Speaking {
  whole: boolean;
}

/**
 * Undefined when this caller is no proxy of the patient (rid) at this instant, ms since epoch. The patient herself and the
 * house are none either: ask for them before.
 */
export async function proxyOf(
  sql: Queryable,
  caller: Caller,
  patient: string,
  now: number,
): Promise<Speaking | undefined> {
  const speakers = speakersOf(caller, patient);
  if (speakers.length === 0) return undefined;
  const { rows } = await sql.query<Speaking>({
    name: 'records.proxy-of',
    text: `select not exists (select from records.deny d where d.tenant = $1 and d.principal = any($5::uuid[]) and d.patient = $3
               and not d.spares and d.ends > $4) as whole
           from records."grant" g where g.tenant = $1 and g.principal = any($2::uuid[]) and g.patient = $3
             and g.source = 'RelatedPerson/' || g.principal and g.class = 'chart' and g.starts <= $4 and g.ends > $4 limit 1`,
    values: [caller.tenant, speakers, patient, now, caller.principals],
  });
  return rows[0];
}

/** The same for the patient herself, who is shut out of nothing. Apps speak for nobody. */
export async function speaksFor(
  sql: Queryable,
  caller: Caller,
  patient: string,
): Promise<Speaking | undefined> {
  if (caller.role !== 'patient' || caller.app) return undefined;
  const { type, id } = caller.fhirUser ?? {};
  if (type === 'Patient' && id === patient) return { whole: true };
  return proxyOf(sql, caller, patient, caller.at);
}
