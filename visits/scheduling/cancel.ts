/** Cancels a visit that has not begun, or the rest of a series, and gives the time back. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { CancelClass, CancelRequest, ScheduleRule } from '../contract.ts';
import { tell, type House } from '../house.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { cancelCoding, lateCancellation } from '../vocabulary.ts';
import { timeFreed } from '../waitlist/freed.ts';
import { isLate } from './policy.ts';
import { fault, refuseFaults } from './rule.ts';
import { scheduleOf } from './schedules.ts';
import { datesFrom } from './series-row.ts';
import { freeTime } from './take-time.ts';
import { tellOther } from './telling.ts';

/** What a patient may give as class; the rest is the clinic's to say. */
const ofPatients: readonly CancelClass[] = [
  'pat',
  'pat-fb',
  'pat-lt',
  'pat-mv',
  'pat-ucp',
  'pat-swl',
  'oth-weath',
  'other',
];
export const cancelClasses: readonly CancelClass[] = [
  ...ofPatients,
  'prov',
  'prov-pers',
  'prov-edu',
  'prov-hosp',
  'oth-err',
  'oth-room',
  'oth-int',
];

/** @throws Refusal 'invalid' (422) */
export function readCancel(body: unknown, staff: boolean): CancelRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { reason, class: code, waive, scope } = asked;
  const known = staff ? cancelClasses : ofPatients;
  refuseFaults([
    ...(reason === undefined || (typeof reason === 'string' && reason.length <= 500)
      ? []
      : [fault('reason', 'at most 500 characters')]),
    ...(code === undefined || known.includes(code as CancelClass)
      ? []
      : [fault('class', known.join(', '))]),
    ...(waive === undefined || (typeof waive === 'boolean' && (staff || !waive))
      ? []
      : [fault('waive', 'for staff: true or false')]),
    ...(scope === undefined || scope === 'this' || scope === 'following'
      ? []
      : [fault('scope', 'this or following')]),
  ]);
  const words = typeof reason === 'string' ? reason.trim() : '';
  return {
    ...(words && { reason: words }),
    ...(code !== undefined && { class: code as CancelClass }),
    ...(waive === true && { waive }),
    ...(scope === 'following' && { scope }),
  };
}

/** One visit of a transaction. @returns the row as it was, undefined when it was cancelled before */
async function cancelOne(
  house: House,
  tx: RecordTx,
  caller: Caller,
  { tenant, rid }: Pick<VisitRow, 'tenant' | 'rid'>,
  ask: CancelRequest,
  rule: ScheduleRule | undefined,
): Promise<VisitRow | undefined> {
  const row = await lockVisit(tx.sql, tenant, rid);
  const next = row && step(row.state, 'cancel');
  if (!row || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
  if (row.state === next) return undefined;
  const by = caller.role === 'patient' ? ('patient' as const) : ('staff' as const);
  // Only who does not come is late; what the clinic calls off is nobody's fault.
  const late = by === 'patient' || ask.class?.startsWith('pat') === true;
  const isMarked = late && !ask.waive && isLate(row, rule, house.clock.now());
  const { resource } = await tx.read<Appointment>('Appointment', rid);
  const why = {
    ...(ask.class && { coding: [cancelCoding(ask.class)] }),
    ...(ask.reason && { text: ask.reason }),
  };
  await tx.update<Appointment>({
    ...resource,
    status: appointmentStatus[next],
    ...(Object.keys(why).length && { cancelationReason: why }),
    ...(isMarked && {
      extension: [...(resource.extension ?? []), { url: lateCancellation, valueBoolean: true }],
    }),
  });
  await changeVisit(tx.sql, row, {
    state: next,
    sequence: row.sequence + 1,
    cancel_class: ask.class ?? null,
    cancel_late: isMarked,
    cancelled_by: by,
  });
  if (await freeTime(tx.sql, tenant, rid)) await timeFreed(house, tx.sql, row);
  await tellOther(house, tx.sql, caller, row, 'visit-cancelled');
  return row;
}

/**
 * Cancels this visit, or this one and the later ones of its series, all or nothing. Again: nothing more happens.
 * @throws Refusal 'conflict' once the patient was admitted
 */
export async function cancel(
  house: House,
  caller: Caller,
  visit: VisitRow,
  ask: CancelRequest,
): Promise<void> {
  const { tenant, rid, series, series_index: index } = visit;
  const rule = (await scheduleOf(house.db, tenant, visit.clinician))?.rule;
  const all = ask.scope === 'following' && series !== null && index !== null;
  const rows = await house.records.write(caller, async (tx) => {
    const later = all ? await datesFrom(tx.sql, tenant, series, index) : [];
    const done: VisitRow[] = [];
    for (const one of new Set([rid, ...later])) {
      const row = await cancelOne(house, tx, caller, { tenant, rid: one }, ask, rule);
      if (row) done.push(row);
    }
    return done;
  });
  for (const row of rows)
    tell(house, 'changed', { tenant, visit: row.rid, clinician: row.clinician });
}
