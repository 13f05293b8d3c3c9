/** The schedules of a clinic: rules as rows, the FHIR Schedule beside each, and who may change them. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Schedule } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { ScheduleRule } from '../contract.ts';
import type { House } from '../house.ts';
import { timeFreed } from '../waitlist/freed.ts';
import { widenBlocks } from './blocks.ts';
import { readRule } from './rule.ts';
import { scheduleTail } from './slot-id.ts';

export interface StoredSchedule {
  /** Id of the FHIR Schedule. */
  rid: string;
  /** As it holds now: closures of the whole clinic are among its own. */
  rule: ScheduleRule;
  /** As it was set. */
  own: ScheduleRule;
  /** ms since epoch, exclusive: when the clinician's last licence ends. Nothing is offered from then on. */
  until?: number;
}

interface Row {
  rid: string;
  rule: ScheduleRule;
  closed: { from: string; to: string }[];
}

const closed = `(select coalesce(json_agg(json_build_object('from', c.first::text, 'to', c.last::text)), '[]'::json)
  from visits.closure c where c.tenant = $1) as closed`;

const stored = ({ rid, rule, closed: days }: Row): StoredSchedule => ({
  rid,
  own: rule,
  rule: days.length ? { ...rule, closures: [...rule.closures, ...days] } : rule,
});

/**
 * Active schedules of a tenant.
 * @param slot its own schedule alone, and another whose id ends alike
 */
export async function activeSchedules(
  sql: Queryable,
  tenant: number,
  slot?: string,
): Promise<StoredSchedule[]> {
  const { rows } = await sql.query<Row>({
    name: 'visits.schedules',
    text: `select rid, rule, ${closed} from visits.schedule
      where tenant = $1 and active and ($2::text is null or right(rid::text, 16) = $2) order by actor`,
    values: [tenant, slot === undefined ? null : scheduleTail(slot)],
  });
  return rows.map(stored);
}

export async function scheduleOf(
  sql: Queryable,
  tenant: number,
  actor: string,
): Promise<StoredSchedule | undefined> {
  const { rows } = await sql.query<Row>({
    name: 'visits.schedule-of',
    text: `select rid, rule, ${closed} from visits.schedule where tenant = $1 and actor = $2`,
    values: [tenant, actor],
  });
  return rows[0] && stored(rows[0]);
}

function mayKeep(caller: Caller, clinician: string): boolean {
  if (caller.wildcard || caller.role === 'administrator') return true;
  return caller.role === 'practitioner' && caller.fhirUser?.id === clinician;
}

function fhirSchedule(rule: ScheduleRule, id: string | undefined): Schedule {
  return {
    resourceType: 'Schedule',
    ...(id && { id }),
    active: rule.active,
    actor: [{ reference: `Practitioner/${rule.clinician}` }],
  };
}

/**
 * Sets when a clinician can be booked. The Schedule is the house's own resource: the caller's right is asked here, once.
 * @throws Refusal 'invalid' (422) with every fault, 'forbidden', 'not-found' when there is no such Practitioner
 */
export async function putSchedule(
  house: House,
  caller: Caller,
  input: unknown,
): Promise<ScheduleRule> {
  const rule = readRule(input);
  if (!mayKeep(caller, rule.clinician)) throw new Refusal('forbidden');
  const author = {
    ...systemCaller(caller.tenant, house.clock, 'schedule'),
    requestId: caller.requestId,
  };
  await house.records.read(author, 'Practitioner', rule.clinician);
  const { tenant } = caller;
  await house.records.write(author, async (tx) => {
    // One writer a clinician: two first writes would otherwise each create a Schedule.
    await tx.sql.query('select pg_advisory_xact_lock(4197101, hashtext($1))', [
      `${tenant}|${rule.clinician}`,
    ]);
    const before = await scheduleOf(tx.sql, tenant, rule.clinician);
    const resource = fhirSchedule(rule, before?.rid);
    const unchanged = before && before.rule.active === rule.active;
    const rid = unchanged
      ? before.rid
      : before
        ? (await tx.update(resource)).rid
        : (await tx.create(resource)).rid;
    await tx.sql.query({
      name: 'visits.put-schedule',
      text: `insert into visits.schedule (tenant, actor, rid, rule, active, updated) values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant, actor) do update set rule = excluded.rule, active = excluded.active, updated = excluded.updated`,
      values: [tenant, rule.clinician, rid, JSON.stringify(rule), rule.active, house.clock.now()],
    });
    const lanes = { from: before?.rule.capacity ?? rule.capacity, to: rule.capacity };
    await widenBlocks(tx.sql, tenant, rule.clinician, lanes, house.clock.now());
    // Hours may have opened for those who wait.
    await timeFreed(house, tx.sql, { tenant, clinician: rule.clinician });
  });
  return rule;
}
