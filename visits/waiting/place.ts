/** The waiting room's order: who is next, how long it may take, who is still there. */
import type { Queryable } from '@afar/platform';
import type { WaitingStatus } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { expectedWait, usualServiceMinutes } from '../on-demand/service.ts';
import { onDuty } from '../presence/presence.ts';
import { isUntaken, type VisitRow } from '../visit-row.ts';

/** 45 s: two missed heartbeats of 20 s and a slow network. */
export const presentMs = 45_000;
/** The last visits that say how long the next one takes: enough for a median, few enough to follow the day. */
const recentVisits = 15;

/** Patients of the same clinician who wait before this one. */
export async function ahead(sql: Queryable, row: VisitRow): Promise<number> {
  const { rows } = await sql.query<{ ahead: number }>({
    name: 'visits.ahead',
    text: `select count(*) as ahead from visits.visit
      where tenant = $1 and clinician = $2 and state = 'waiting'
        and (priority, arrived_at, rid) < ($3, $4, $5)`,
    values: [row.tenant, row.clinician, row.priority, row.arrived_at, row.rid],
  });
  return rows[0]!.ahead;
}

/** Median minutes of the clinician's recent visits; undefined while fewer than three are known: no number is better than a guess. */
export async function usualMinutes(
  sql: Queryable,
  tenant: number,
  clinician: string,
  now: number,
): Promise<number | undefined> {
  const { rows } = await sql.query<{ median: number | null; known: number }>({
    name: 'visits.usual-minutes',
    text: `select percentile_cont(0.5) within group (order by ended_at - admitted_at) as median, count(*) as known
      from (select admitted_at, ended_at from visits.visit
        where tenant = $1 and clinician = $2 and state = 'ended' and admitted_at is not null and ended_at > $3
        order by ended_at desc limit ${recentVisits}) as recent`,
    values: [tenant, clinician, now - 90 * 86_400_000],
  });
  const { median, known } = rows[0]!;
  return median === null || known < 3 ? undefined : median / 60_000;
}

async function clinicianNow(
  sql: Queryable,
  row: VisitRow,
  now: number,
): Promise<{ present: boolean; busy: boolean }> {
  const { rows } = await sql.query<{ present: boolean; busy: boolean }>({
    name: 'visits.clinician-now',
    text: `select
      exists (select from visits.seat where tenant = $1 and visit = $2 and role = 'clinician'
        and connection is not null and lease_until > $4) as present,
      exists (select from visits.visit where tenant = $1 and clinician = $3 and rid <> $2
        and state in ('admitted', 'in-progress')) as busy`,
    values: [row.tenant, row.rid, row.clinician, now],
  });
  return rows[0]!;
}

/** Of one who waits for whoever is free. */
async function untakenStatus(house: House, row: VisitRow): Promise<WaitingStatus> {
  const staff = await onDuty(house, house.db, row.tenant);
  const status: WaitingStatus = {
    visit: row.rid,
    state: row.state,
    clinicianPresent: staff.length > 0,
  };
  if (row.state !== 'waiting' || row.arrived_at === null) return status;
  const before = await ahead(house.db, row);
  const usual = await usualServiceMinutes(house.db, row.tenant, row.clinician, house.clock.now());
  const waitMinutes = expectedWait(before, staff.length, usual);
  return {
    ...status,
    position: before + 1,
    waitingSince: iso(row.arrived_at),
    ...(waitMinutes !== undefined && { waitMinutes }),
  };
}

export async function waitingStatus(house: House, row: VisitRow): Promise<WaitingStatus> {
  const now = house.clock.now();
  if (isUntaken(row)) return untakenStatus(house, row);
  const { present, busy } = await clinicianNow(house.db, row, now);
  const status: WaitingStatus = { visit: row.rid, state: row.state, clinicianPresent: present };
  if (row.state !== 'waiting' || row.arrived_at === null) return status;
  const before = await ahead(house.db, row);
  const usual = await usualMinutes(house.db, row.tenant, row.clinician, now);
  return {
    ...status,
    position: before + 1,
    waitingSince: iso(row.arrived_at),
    ...(usual !== undefined && { waitMinutes: Math.ceil((before + (busy ? 1 : 0)) * usual) }),
  };
}

/** The patient's browser was heard. */
export async function heard(
  house: House,
  { tenant, rid }: Pick<VisitRow, 'tenant' | 'rid'>,
): Promise<void> {
  await house.db.query({
    name: 'visits.heard',
    text: `update visits.visit set seen_at = $3 where tenant = $1 and rid = $2`,
    values: [tenant, rid, house.clock.now()],
  });
}
