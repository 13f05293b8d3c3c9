/** The time that an Appointment takes, whoever wrote it: its clinician's with the buffers, its patient's, its rooms' and interpreters'. */
import type { Appointment } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { participantsOfType } from '../participant.ts';
import type { VisitRow } from '../visit-row.ts';
import { activeResources, typeOfKind } from './resources.ts';
import { scheduleOf } from './schedules.ts';
import type { Claim } from './take-time.ts';

const minute = 60_000;

export async function claimsFor(
  sql: Queryable,
  visit: Pick<VisitRow, 'tenant' | 'clinician' | 'patient' | 'starts' | 'ends'>,
  it: Appointment,
): Promise<Claim[]> {
  const { tenant, clinician, patient, starts: start, ends: end } = visit;
  const rule = (await scheduleOf(sql, tenant, clinician))?.rule;
  const named = Object.values(typeOfKind).flatMap((type) => participantsOfType(it, type));
  const along = named.length
    ? (await activeResources(sql, tenant)).filter((one) => named.includes(one.id))
    : [];
  const span = { start, end };
  const blocked = {
    start: start - (rule?.bufferBefore ?? 0) * minute,
    end: end + (rule?.bufferAfter ?? 0) * minute,
  };
  return [
    { actor: clinician, blocked, capacity: rule?.capacity ?? 1 },
    { actor: patient, blocked: span, capacity: 1 },
    ...along.map((one) => ({ actor: one.id, blocked: span, capacity: one.capacity })),
  ];
}
