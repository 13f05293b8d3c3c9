/** Reading the trail: newest first, paged by the last event seen, and counts by hour, action and person. */
import type { Db } from '@afar/platform';
import type { AuditSearchRequest } from '../contract.ts';
import { instantOf } from '../ids.ts';
import { signsIn } from './fhir-event.ts';
import { columns, type EventRow } from './row.ts';

export interface AuditFilter extends Omit<AuditSearchRequest, 'cursor' | 'limit'> {
  /** Id of the last event of the page before. */
  after?: string;
  /** One event. */
  id?: string;
  rid?: string;
  /** Signing in and out only, or everything else only. */
  signIn?: boolean;
}

/** Events newest first, `limit` at most. */
export async function searchEvents(
  db: Db,
  tenant: number,
  filter: AuditFilter,
  limit: number,
): Promise<EventRow[]> {
  const values: unknown[] = [tenant];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const where = ['tenant = $1'];
  if (filter.from !== undefined) where.push(`at >= ${bind(filter.from)}`);
  if (filter.to !== undefined) where.push(`at < ${bind(filter.to)}`);
  if (filter.who !== undefined) where.push(`who = ${bind(filter.who)}::uuid`);
  if (filter.action !== undefined) where.push(`action = ${bind(filter.action)}`);
  if (filter.type !== undefined) where.push(`type = ${bind(filter.type)}`);
  if (filter.signIn !== undefined)
    where.push(`(action = any(${bind([...signsIn])})) = ${bind(filter.signIn)}`);
  if (filter.rid !== undefined) where.push(`rid = ${bind(filter.rid)}`);
  if (filter.verb !== undefined) where.push(`verb = ${bind(filter.verb)}`);
  if (filter.role !== undefined) where.push(`role = ${bind(filter.role)}`);
  if (filter.purpose !== undefined) where.push(`purpose = ${bind(filter.purpose)}`);
  if (filter.outcome !== undefined) where.push(`outcome = ${bind(filter.outcome)}`);
  if (filter.patient !== undefined) where.push(`${bind(filter.patient)}::uuid = any(patients)`);
  if (filter.id !== undefined)
    where.push(`at = ${bind(instantOf(filter.id))}`, `id = ${bind(filter.id)}::uuid`);
  if (filter.after !== undefined) {
    const at = bind(instantOf(filter.after));
    where.push(`(at, id) < (${at}, ${bind(filter.after)}::uuid)`);
  }
  const { rows } = await db.query<EventRow>(
    `select ${columns} from access.audit_event where ${where.join(' and ')}
     order by at desc, id desc limit ${bind(limit)}`,
    values,
  );
  return rows;
}

export interface Counts {
  hours: { hour: number; count: number; refused: number }[];
  actions: { action: string; count: number }[];
  outcomes: { outcome: 0 | 4 | 8; count: number }[];
  who: { id: string; role: string; count: number; patients: number; refused: number }[];
  emergency: number;
}

/** One pass over the span, grouped four ways. */
export async function countEvents(
  db: Db,
  tenant: number,
  from: number,
  to: number,
): Promise<Counts> {
  const span = [tenant, from, to];
  const inSpan = 'from access.audit_event where tenant = $1 and at >= $2 and at < $3';
  const [hours, actions, outcomes, who, emergency] = await Promise.all([
    db.query<Counts['hours'][number]>(
      `select at / 3600000 * 3600000 as hour, count(*) as count,
         count(*) filter (where outcome = 4) as refused ${inSpan} group by 1 order by 1`,
      span,
    ),
    db.query<Counts['actions'][number]>(
      `select action, count(*) as count ${inSpan} group by 1 order by 2 desc, 1 limit 50`,
      span,
    ),
    db.query<Counts['outcomes'][number]>(
      `select outcome, count(*) as count ${inSpan} group by 1 order by 1`,
      span,
    ),
    // One group per person and role; the distinct patients are counted on her disclosed ones only.
    db.query<Counts['who'][number]>(
      `with mine as (select who, role, patients, outcome ${inSpan})
       select w.who as id, w.role, w.count, w.refused, coalesce(p.patients, 0) as patients
       from (select who, role, count(*) as count, count(*) filter (where outcome = 4) as refused from mine group by 1, 2
             order by 3 desc, 1 limit 50) w
       left join (select who, role, count(distinct patient) as patients
                  from mine cross join unnest(patients) as patient group by 1, 2) p
         on p.who = w.who and p.role = w.role
       order by w.count desc, w.who`,
      span,
    ),
    db.query<{ n: number }>(`select count(*)::int as n ${inSpan} and purpose = 'ETREAT'`, span),
  ]);
  return {
    hours: hours.rows,
    actions: actions.rows,
    outcomes: outcomes.rows,
    who: who.rows,
    emergency: emergency.rows[0]!.n,
  };
}
