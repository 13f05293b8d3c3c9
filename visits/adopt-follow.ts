/** What becomes of a visit when its Appointment is written past our own routes: called off, missed, confirmed, moved. */
import { systemCaller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { VisitState } from './contract.ts';
import { tell, type House } from './house.ts';
import { participantOf } from './participant.ts';
import { claimsFor } from './scheduling/claims.ts';
import { isLate } from './scheduling/policy.ts';
import { scheduleOf } from './scheduling/schedules.ts';
import { freeTime, lockActors, takeTime } from './scheduling/take-time.ts';
import { step } from './state.ts';
import { changeVisit, lockVisit, type VisitChange, type VisitRow } from './visit-row.ts';
import { timeFreed } from './waitlist/freed.ts';

/** Ends that are told through the FHIR interface. A request that is withdrawn (`proposed`) has no time either. */
const ends: Partial<Record<string, 'cancel' | 'miss'>> = {
  cancelled: 'cancel',
  'entered-in-error': 'cancel',
  noshow: 'miss',
};

/** Takes an appointment's time where it is free; time that is taken stays taken, and the clash is the clinic's to settle. */
export async function takeOwnTime(
  house: House,
  sql: Queryable,
  visit: Pick<VisitRow, 'tenant' | 'rid' | 'clinician' | 'patient' | 'starts' | 'ends'>,
  it: Appointment,
): Promise<void> {
  const { tenant, rid } = visit;
  const claims = await claimsFor(sql, visit, it);
  await lockActors(
    sql,
    tenant,
    claims.map((one) => one.actor),
  );
  for (const claim of claims) {
    const taking = { tenant, source: rid, now: house.clock.now() };
    if (await takeTime(sql, taking, [claim]))
      house.log.warn({ visit: rid }, 'an appointment overlaps another one');
  }
}

async function over(
  house: House,
  sql: Queryable,
  row: VisitRow,
  event: 'cancel' | 'miss',
): Promise<VisitChange | undefined> {
  const next = step(row.state, event);
  if (!next || next === row.state) return undefined;
  const rule = (await scheduleOf(sql, row.tenant, row.clinician))?.rule;
  if (event === 'cancel' && (await freeTime(sql, row.tenant, row.rid)))
    await timeFreed(house, sql, row);
  return {
    state: next,
    sequence: row.sequence + 1,
    ...(event === 'cancel' && { cancel_late: isLate(row, rule, house.clock.now()) }),
  };
}

/** Where an Appointment moves a visit to which nobody has come, or what it confirms; undefined: it says what the row says. */
function saidAnew(row: VisitRow, it: Appointment): VisitChange | undefined {
  if (row.state !== 'booked' && row.state !== 'requested') return undefined;
  const [starts, finish] = [Date.parse(it.start ?? ''), Date.parse(it.end ?? '')];
  if (!(starts < finish)) return undefined;
  const clinician = participantOf(it, 'Practitioner') ?? row.clinician;
  const state: VisitState =
    it.status === 'pending' ? 'requested' : it.status === 'booked' ? 'booked' : row.state;
  const after = { clinician, starts, ends: finish, state };
  const isSame = Object.entries(after).every(([name, value]) => row[name as 'state'] === value);
  return isSame ? undefined : after;
}

async function moved(
  house: House,
  sql: Queryable,
  row: VisitRow,
  it: Appointment,
): Promise<VisitChange | undefined> {
  const change = saidAnew(row, it);
  if (!change) return undefined;
  const after = { ...row, ...change };
  if (await freeTime(sql, row.tenant, row.rid)) await timeFreed(house, sql, row);
  if (after.state === 'booked') await takeOwnTime(house, sql, after, it);
  return { ...change, sequence: row.sequence + 1 };
}

/**
 * Makes the visit what its Appointment says it is. Safe to repeat from any process: what stands already is left alone.
 * @param it as it was read before: most changes are our own, and say nothing new
 */
export async function follow(house: House, seen: VisitRow, it: Appointment): Promise<void> {
  if (!ends[it.status ?? ''] && !saidAnew(seen, it)) return;
  const { tenant, rid } = seen;
  const done = await house.records.write(systemCaller(tenant, house.clock, 'adopt'), async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row) return undefined;
    // Read once more under the lock: what was read before may be what our own move has just replaced.
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    const event = ends[resource.status ?? ''];
    const change = event
      ? await over(house, tx.sql, row, event)
      : await moved(house, tx.sql, row, resource);
    if (change) await changeVisit(tx.sql, row, change);
    return change && row;
  });
  if (done) tell(house, 'changed', { tenant, visit: rid, clinician: done.clinician });
}
