/** Who was in whose chart on which day and hour: a small index behind the trail, so that "who read my record" is a look-up. */
import type { Db, Queryable } from '@afar/platform';
import { systemId } from '../caller.ts';
import type { EventRow } from './row.ts';

export interface PatientDay {
  patient: string;
  /** Days since epoch, UTC. */
  day: number;
  who: string;
  /** Bit n: there in hour n, UTC. */
  hours: number;
}

export type PatientDays = Map<string, PatientDay>;

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** Rows of one statement. */
const atOnce = 5_000;

/** Adds what an event discloses. The house's own work (imports, jobs) is nobody's reading. */
export function noteDays(into: PatientDays, row: EventRow): void {
  if (row.outcome !== 0 || row.who === systemId || !row.patients) return;
  const day = Math.floor(row.at / dayMs);
  const bit = 1 << (Math.floor(row.at / hourMs) % 24);
  for (const patient of row.patients) {
    const name = `${patient} ${day} ${row.who}`;
    const found = into.get(name);
    if (found) found.hours |= bit;
    else into.set(name, { patient, day, who: row.who, hours: bit });
  }
}

/**
 * Writes what is not known to be there. `recent` remembers what this process has written lately: a clinician who stays in a
 * chart for an hour costs one row, not one for each thing she opens.
 */
export async function keepDays(
  db: Queryable,
  tenant: number,
  days: PatientDays,
  recent: Map<string, number>,
): Promise<void> {
  const fresh: PatientDay[] = [];
  for (const [name, one] of days) {
    const known = recent.get(`${tenant} ${name}`) ?? 0;
    if ((known | one.hours) !== known) fresh.push(one);
  }
  for (let at = 0; at < fresh.length; at += atOnce) {
    const part = fresh.slice(at, at + atOnce);
    await db.query({
      name: 'access.patient-days',
      text: `insert into access.patient_day as d (tenant, patient, day, who, hours)
        select $1, n.patient, n.day, n.who, n.hours
        from unnest($2::uuid[], $3::int[], $4::uuid[], $5::int[]) n(patient, day, who, hours)
        order by n.patient, n.day, n.who
        on conflict (tenant, patient, day, who) do update set hours = d.hours | excluded.hours
        where d.hours | excluded.hours <> d.hours`,
      values: [
        tenant,
        part.map((one) => one.patient),
        part.map((one) => one.day),
        part.map((one) => one.who),
        part.map((one) => one.hours),
      ],
    });
    if (recent.size > 100_000) recent.clear();
    for (const one of part) {
      const name = `${tenant} ${one.patient} ${one.day} ${one.who}`;
      recent.set(name, (recent.get(name) ?? 0) | one.hours);
    }
  }
}

/** Days on which others were in a chart, newest first. @param before a day, exclusive */
export async function listDays(
  db: Db,
  tenant: number,
  patient: string,
  before: number,
  limit: number,
): Promise<PatientDay[]> {
  const { rows } = await db.query<PatientDay>(
    `select patient, day, who, hours from access.patient_day
     where tenant = $1 and patient = $2 and day < $3 order by day desc, who limit $4`,
    [tenant, patient, before, limit],
  );
  return rows;
}
