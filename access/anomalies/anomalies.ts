/** Alerts: raised once by whichever process is first, told to the auditors, in the trail, and looked at by a person. */
import { Refusal } from '@afar/fhir';
import type { Db, Log, Queryable } from '@afar/platform';
import type { Audit } from '../audit/entry.ts';
import { systemId } from '../caller.ts';
import { isUuid, newId } from '../ids.ts';
import type { Notices } from '../notices/notices.ts';
import type { Rule, RuleName } from './rules.ts';
import { keepAnomaly, rulesOf, type AnomalyRow } from './store.ts';
import type { Throttled } from './throttled.ts';

export interface Raised {
  tenant: number;
  rule: RuleName;
  who: string;
  role: string;
  /** Distinct things seen; default 1. */
  count?: number;
}

export interface Anomalies {
  /**
   * Tells what stands out, unless the same was told of this person within the rule's window.
   * @param on a transaction to be part of
   * @returns the alert's id; undefined: told already, or the clinic has switched the rule off
   */
  raise(what: Raised, on?: Queryable): Promise<string | undefined>;
  rules(tenant: number): Promise<Record<RuleName, Rule>>;
  /** A clinic's own threshold; counts from the next look on, within ten seconds. */
  setRule(tenant: number, rule: RuleName, to: Rule, by: string): Promise<void>;
  /** @throws Refusal `not-found` */
  acknowledge(tenant: number, id: string, by: string): Promise<void>;
  /** Ends the throttle, and what was counted until now. @throws Refusal `not-found` */
  lift(tenant: number, id: string, by: string): Promise<void>;
}

export function createAnomalies(deps: {
  db: Db;
  audit: Audit;
  notices: Notices;
  throttled: Throttled;
  names(tenant: number, ids: string[]): Promise<Map<string, string>>;
  clock: { now(): number };
  log: Log;
}): Anomalies {
  const { db, audit, notices, throttled, names, clock, log } = deps;

  async function tell(what: Raised, rule: Rule, tx: Queryable): Promise<string | undefined> {
    const { tenant, who, role, count = 1 } = what;
    const at = clock.now();
    const row: Parameters<typeof keepAnomaly>[2] = {
      id: newId(at),
      rule: what.rule,
      who,
      role,
      at,
      count,
      threshold: rule.threshold,
      window_ms: rule.windowMs,
      throttled_until: rule.throttleMs > 0 ? at + rule.throttleMs : null,
      quiet_until: at + Math.max(rule.windowMs, rule.throttleMs),
    };
    if (!(await keepAnomaly(tx, tenant, row))) return undefined;
    const known = (await names(tenant, [who])).get(who);
    await audit.within(tx, {
      tenant,
      at,
      requestId: `anomaly:${what.rule}:${row.id}`,
      who: systemId,
      role: 'system',
      ip: '',
      verb: 'E',
      action: 'anomaly',
      purpose: 'HCOMPL',
      outcome: 0,
    });
    const about = {
      anomaly: row.id,
      rule: what.rule,
      who,
      role,
      count,
      minutes: Math.round(rule.windowMs / 60_000),
      throttled: rule.throttleMs > 0 ? 1 : 0,
      ...(known && { name: known }),
    };
    await notices.tell({ tenant, to: { role: 'auditor' }, kind: 'anomaly', about }, tx);
    return row.id;
  }

  async function decide(
    tenant: number,
    id: string,
    set: string,
    values: unknown[],
  ): Promise<AnomalyRow> {
    const { rows } = isUuid(id)
      ? await db.query<AnomalyRow>(
          `update access.anomaly set ${set} where tenant = $1 and id = $2 returning *`,
          [tenant, id, ...values],
        )
      : { rows: [] };
    if (!rows[0]) throw new Refusal('not-found');
    return rows[0];
  }

  const anomalies: Anomalies = {
    async raise(what, on) {
      const rule = (await rulesOf(on ?? db, what.tenant))[what.rule];
      if (!rule.enabled) return undefined;
      const id = await (on ? tell(what, rule, on) : db.tx((tx) => tell(what, rule, tx)));
      if (id === undefined) return undefined;
      log.warn({ anomaly: id, rule: what.rule, who: what.who }, 'something stands out');
      if (rule.throttleMs > 0) {
        if (!on) await throttled.refresh();
        await throttled.tell();
      }
      return id;
    },
    rules: (tenant) => rulesOf(db, tenant),
    async setRule(tenant, rule, { enabled, threshold, windowMs, throttleMs }, by) {
      await db.query(
        `insert into access.anomaly_rule
           (tenant, rule, enabled, threshold, window_ms, throttle_ms, changed, changed_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant, rule) do update set enabled = excluded.enabled, threshold = excluded.threshold,
           window_ms = excluded.window_ms, throttle_ms = excluded.throttle_ms, changed = excluded.changed,
           changed_by = excluded.changed_by`,
        [tenant, rule, enabled, threshold, windowMs, throttleMs, clock.now(), by],
      );
    },
    async acknowledge(tenant, id, by) {
      await decide(
        tenant,
        id,
        'acknowledged = coalesce(acknowledged, $3), acknowledged_by = coalesce(acknowledged_by, $4)',
        [clock.now(), by],
      );
    },
    async lift(tenant, id, by) {
      await decide(
        tenant,
        id,
        `lifted = coalesce(lifted, $3), lifted_by = coalesce(lifted_by, $4),
         acknowledged = coalesce(acknowledged, $3), acknowledged_by = coalesce(acknowledged_by, $4)`,
        [clock.now(), by],
      );
      await throttled.refresh();
      await throttled.tell();
    },
  };
  return anomalies;
}
