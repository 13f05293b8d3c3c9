/** Signals and alerts in their tables: distinct things counted over a sliding window, exact across processes. */
import type { Db, Queryable } from '@afar/platform';
import { isUuid } from '../ids.ts';
import { ruleNames, standardRules, type Rule, type RuleName } from './rules.ts';

export interface KeptSignal {
  who: string;
  role: string;
  rule: RuleName;
  item: string;
  at: number;
}

export interface Counted {
  who: string;
  rule: RuleName;
  count: number;
}

export interface AnomalyRow {
  id: string;
  rule: RuleName;
  who: string;
  role: string;
  at: number;
  count: number;
  threshold: number;
  window_ms: number;
  throttled_until: number | null;
  quiet_until: number;
  acknowledged: number | null;
  acknowledged_by: string | null;
  lifted: number | null;
  lifted_by: string | null;
}

/** What is said twice counts once, and what comes late moves nothing back. */
export async function keepSignals(
  db: Queryable,
  tenant: number,
  signals: readonly KeptSignal[],
): Promise<void> {
  await db.query({
    name: 'access.signals',
    text: `insert into access.signal as s (tenant, who, rule, item, at)
      select $1, n.who, n.rule, n.item, n.at
      from unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[]) n(who, rule, item, at)
      order by n.who, n.rule, n.item
      on conflict (tenant, who, rule, item) do update set at = excluded.at where s.at < excluded.at`,
    values: [
      tenant,
      signals.map((one) => one.who),
      signals.map((one) => one.rule),
      signals.map((one) => one.item),
      signals.map((one) => one.at),
    ],
  });
}

/** Distinct items of each (who, rule) after `since`; what an auditor has lifted is behind us. */
export async function countSignals(
  db: Queryable,
  tenant: number,
  asked: readonly { who: string; rule: RuleName; since: number }[],
): Promise<Counted[]> {
  const { rows } = await db.query<Counted>({
    name: 'access.signals-count',
    text: `select w.who, w.rule, count(*)::int as count
      from unnest($2::uuid[], $3::text[], $4::bigint[]) w(who, rule, since)
      cross join lateral (
        select greatest(w.since, max(a.lifted) - 1) as since from access.anomaly a
        where a.tenant = $1 and a.who = w.who and a.rule = w.rule and a.lifted is not null
      ) f
      join access.signal s on s.tenant = $1 and s.who = w.who and s.rule = w.rule and s.at > f.since
      group by 1, 2`,
    values: [
      tenant,
      asked.map((one) => one.who),
      asked.map((one) => one.rule),
      asked.map((one) => one.since),
    ],
  });
  return rows;
}

/** The alert, unless the same was told within its window: whichever process is first tells it. */
export async function keepAnomaly(
  tx: Queryable,
  tenant: number,
  row: Omit<AnomalyRow, 'acknowledged' | 'acknowledged_by' | 'lifted' | 'lifted_by'>,
): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7346201))', [
    `${tenant} ${row.rule} ${row.who}`,
  ]);
  const { rowCount } = await tx.query(
    `insert into access.anomaly
       (tenant, id, rule, who, role, at, count, threshold, window_ms, throttled_until, quiet_until)
     select $1, $2, $3, $4, $5, $6::bigint, $7, $8, $9, $10, $11
     where not exists (
       select from access.anomaly a where a.tenant = $1 and a.who = $4::uuid and a.rule = $3::text
         and a.quiet_until > $6 and a.lifted is null
     )`,
    [
      tenant,
      row.id,
      row.rule,
      row.who,
      row.role,
      row.at,
      row.count,
      row.threshold,
      row.window_ms,
      row.throttled_until,
      row.quiet_until,
    ],
  );
  return rowCount === 1;
}

/** Newest first. @param before id of the last one seen */
export async function listAnomalies(
  db: Queryable,
  tenant: number,
  limit: number,
  before?: string,
): Promise<AnomalyRow[]> {
  const { rows } = await db.query<AnomalyRow>(
    `select id, rule, who, role, at, count, threshold, window_ms, throttled_until, quiet_until,
       acknowledged, acknowledged_by, lifted, lifted_by
     from access.anomaly where tenant = $1 and ($3::uuid is null or (at, id) <
       (select a.at, a.id from access.anomaly a where a.tenant = $1 and a.id = $3))
     order by at desc, id desc limit $2`,
    [tenant, limit, before && isUuid(before) ? before : null],
  );
  return rows;
}

/** Who is held up now, in every clinic. */
export async function listThrottled(
  db: Queryable,
  now: number,
): Promise<{ tenant: number; who: string; until: number }[]> {
  const { rows } = await db.query<{ tenant: number; who: string; until: number }>({
    name: 'access.throttled',
    text: `select tenant, who, max(throttled_until) as until from access.anomaly
      where throttled_until > $1 and lifted is null group by 1, 2`,
    values: [now],
  });
  return rows;
}

interface RuleRow {
  rule: string;
  enabled: boolean;
  threshold: number;
  window_ms: number;
  throttle_ms: number;
}

/** A clinic's rules: the standard ones, and what it has set otherwise. */
export async function rulesOf(db: Queryable, tenant: number): Promise<Record<RuleName, Rule>> {
  const { rows } = await db.query<RuleRow>(
    'select rule, enabled, threshold, window_ms, throttle_ms from access.anomaly_rule where tenant = $1',
    [tenant],
  );
  const rules = { ...standardRules };
  for (const row of rows) {
    const name = ruleNames.find((one) => one === row.rule);
    if (name)
      rules[name] = {
        enabled: row.enabled,
        threshold: row.threshold,
        windowMs: row.window_ms,
        throttleMs: row.throttle_ms,
      };
  }
  return rules;
}

/** Longer than the longest window there may be. */
export const longestWindowMs = 24 * 3_600_000;

/** What no window reaches any more. */
export async function sweepSignals(db: Db, now: number): Promise<void> {
  await db.query('delete from access.signal where at < $1', [now - longestWindowMs - 3_600_000]);
  await db.query('delete from access.audit_feed where at < $1', [now - 7 * 24 * 3_600_000]);
}
