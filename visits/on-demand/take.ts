/** A clinician on duty takes one who waits for anybody, or gives her back; of two at the same moment one is told that she was late. */
import { may, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import { tell, type House } from '../house.ts';
import { requireReach } from '../licensing/licensed.ts';
import { placeOfVisit } from '../licensing/place.ts';
import { onDuty, practitionerOf } from '../presence/presence.ts';
import { isUuid } from '../scheduling/rule.ts';
import { changeVisit, findVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { onBehalf } from '../waiting/arrive.ts';
import { cannotNow } from './service.ts';

/** @throws Refusal 'forbidden' to who is not on duty */
export async function requireOnDuty(house: House, caller: Caller): Promise<string> {
  const own = practitionerOf(caller);
  if (!(await onDuty(house, house.db, caller.tenant)).includes(own)) throw new Refusal('forbidden');
  return own;
}

/**
 * Those who look after whoever waits: nurses, and clinicians on duty. The house reads for them, so that what keeps them from a chart
 * (no second factor, no verified licence) is asked here.
 * @returns the clinician
 * @throws Refusal 'forbidden'
 */
export async function requirePool(house: House, caller: Caller): Promise<string | undefined> {
  if (!may(caller, 'read', 'Appointment')) throw new Refusal('forbidden');
  return caller.role === 'nurse' ? undefined : requireOnDuty(house, caller);
}

/** A visit that was asked of anybody. @throws Refusal 'not-found' for every other */
export async function poolVisit(house: House, tenant: number, id: unknown): Promise<VisitRow> {
  const row = isUuid(id) ? await findVisit(house.db, tenant, id) : undefined;
  if (!row?.pool) throw new Refusal('not-found');
  return row;
}

const changed = (house: House, { tenant, rid, clinician }: VisitRow, other: string): void => {
  for (const one of new Set([clinician, other]))
    tell(house, 'changed', { tenant, visit: rid, clinician: one });
};

/**
 * From here on the visit is hers: the record is open to her as with a booking. Safe to repeat.
 * @throws Refusal 'conflict' (409) when a colleague was faster or nobody waits, 'licence-required', 'forbidden', 'not-found'
 */
export async function take(house: House, caller: Caller, visit: VisitRow): Promise<VisitRow> {
  const own = await requireOnDuty(house, caller);
  const { tenant, rid, mode } = visit;
  if (visit.clinician === own) return visit;
  const place = await placeOfVisit(house, visit);
  await requireReach(house, tenant, { clinician: own, mode, place, at: house.clock.now() });
  const row = await house.records.write(onBehalf(house, caller, 'take'), async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row || (row.clinician !== row.pool && row.clinician !== own))
      throw cannotNow('a colleague has taken this visit');
    if (row.clinician === own) return row;
    if (row.state !== 'waiting') throw cannotNow('nobody waits here any more');
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    const doctor = {
      actor: { reference: `Practitioner/${own}` },
      required: 'required',
      status: 'accepted',
    } as const;
    await tx.update<Appointment>({ ...resource, participant: [...resource.participant, doctor] });
    await changeVisit(tx.sql, row, { clinician: own });
    return { ...row, clinician: own };
  });
  changed(house, row, row.pool!);
  return row;
}

/** Gives her back to all, in her old place; only before anything was done. @throws Refusal 'conflict' (409), 'forbidden' */
export async function release(house: House, caller: Caller, visit: VisitRow): Promise<VisitRow> {
  const own = practitionerOf(caller);
  const { tenant, rid } = visit;
  if (visit.clinician !== own) throw new Refusal('not-found');
  const row = await house.records.write(onBehalf(house, caller, 'release'), async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (row?.clinician !== own || row.state !== 'waiting' || row.encounter !== null)
      throw cannotNow('this visit has begun: it cannot be given back');
    const { rowCount } = await tx.sql.query({
      name: 'visits.has-draft-yet',
      text: 'select from visits.draft where tenant = $1 and visit = $2',
      values: [tenant, rid],
    });
    if (rowCount) throw cannotNow('a note has been begun: it cannot be given back');
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    const participant = resource.participant.filter(
      ({ actor }) => actor?.reference !== `Practitioner/${own}`,
    );
    await tx.update<Appointment>({ ...resource, participant });
    await changeVisit(tx.sql, row, { clinician: row.pool! });
    return { ...row, clinician: row.pool! };
  });
  changed(house, row, own);
  return row;
}
