/** How soon somebody should be seen: a red flag first, then what staff said, then by arrival. */
import { Refusal } from '@afar/fhir';
import type { TriageRequest } from '../contract-on-demand.ts';
import { tell, type House } from '../house.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';

/** Of `visit.priority`: lower is sooner. */
export const priorities = { redFlag: 0, urgent: 1, routine: 2, canWait: 3 } as const;

const levels = {
  urgent: priorities.urgent,
  routine: priorities.routine,
  'can-wait': priorities.canWait,
} as const satisfies Record<TriageRequest['level'], number>;

/** A red flag stays first whatever anybody says: it is the patient's own word. */
export function priorityFor(row: Pick<VisitRow, 'red_flag' | 'urgent' | 'triage'>): number {
  if (row.red_flag) return priorities.redFlag;
  return row.triage ?? (row.urgent ? priorities.urgent : priorities.routine);
}

/** @throws Refusal 'invalid' (422) */
export function readTriage(body: unknown): TriageRequest {
  const { level } = (body ?? {}) as Record<string, unknown>;
  if (typeof level !== 'string' || !Object.hasOwn(levels, level))
    refuseFaults([fault('level', Object.keys(levels).join(', '))]);
  return { level: level as TriageRequest['level'] };
}

/** @throws Refusal 'conflict' (409) once she is seen */
export async function triage(
  house: House,
  visit: VisitRow,
  { level }: TriageRequest,
): Promise<void> {
  const { tenant, rid } = visit;
  const row = await house.db.tx(async (sql) => {
    const row = await lockVisit(sql, tenant, rid);
    if (!row || !['booked', 'waiting'].includes(row.state))
      throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const after = { ...row, triage: levels[level] };
    await changeVisit(sql, row, { triage: after.triage, priority: priorityFor(after) });
    return row;
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: row.clinician });
}
