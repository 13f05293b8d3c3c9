/** How a clinic wants results: how long each may wait, and when the patient sees hers. */
import type { Queryable } from '@afar/platform';
import type { ResultLevel, ResultSettings } from '../contract.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * An hour for what may kill, as laboratories are asked to telephone it [Joint Commission NPSG.02.03.01]; two days for what is
 * abnormal, a week for the rest. Patients see results at once: a clinic that wants otherwise says so, and she is told.
 */
export const defaultSettings: ResultSettings = {
  criticalMinutes: 60,
  abnormalHours: 48,
  otherDays: 7,
  release: 'at-once',
};

const limits = {
  criticalMinutes: [5, 1_440],
  abnormalHours: [1, 336],
  otherDays: [1, 60],
  releaseHours: [1, 720],
} as const;

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readSettings(body: unknown): ResultSettings {
  const asked = (body ?? {}) as Record<keyof ResultSettings, unknown>;
  const faults = (Object.keys(limits) as (keyof typeof limits)[]).flatMap((name) => {
    const [least, most] = limits[name];
    const value = asked[name];
    if (name === 'releaseHours' && value === undefined) return [];
    const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    return fits ? [] : [fault(name, `${least} to ${most}`)];
  });
  const releases = asked.release === 'at-once' || asked.release === 'seen';
  refuseFaults([...faults, ...(releases ? [] : [fault('release', 'at-once or seen')])]);
  const { criticalMinutes, abnormalHours, otherDays, release, releaseHours } =
    asked as unknown as ResultSettings;
  return {
    criticalMinutes,
    abnormalHours,
    otherDays,
    release,
    ...(release === 'seen' && releaseHours !== undefined && { releaseHours }),
  };
}

interface Row {
  critical_minutes: number;
  abnormal_hours: number;
  other_days: number;
  release: ResultSettings['release'];
  release_hours: number | null;
}

export async function settingsOf(sql: Queryable, tenant: number): Promise<ResultSettings> {
  const { rows } = await sql.query<Row>({
    name: 'visits.result-settings',
    text: `select critical_minutes, abnormal_hours, other_days, release, release_hours from visits.result_setting
      where tenant = $1`,
    values: [tenant],
  });
  const row = rows[0];
  if (!row) return defaultSettings;
  return {
    criticalMinutes: row.critical_minutes,
    abnormalHours: row.abnormal_hours,
    otherDays: row.other_days,
    release: row.release,
    ...(row.release_hours !== null && { releaseHours: row.release_hours }),
  };
}

/** Holds for results that come from now on: what was shown is not hidden again. */
export async function putSettings(
  sql: Queryable,
  tenant: number,
  settings: ResultSettings,
): Promise<void> {
  const { criticalMinutes, abnormalHours, otherDays, release, releaseHours } = settings;
  await sql.query({
    name: 'visits.put-result-settings',
    text: `insert into visits.result_setting (tenant, critical_minutes, abnormal_hours, other_days, release, release_hours)
      values ($1, $2, $3, $4, $5, $6)
      on conflict (tenant) do update set critical_minutes = excluded.critical_minutes,
        abnormal_hours = excluded.abnormal_hours, other_days = excluded.other_days, release = excluded.release,
        release_hours = excluded.release_hours`,
    values: [tenant, criticalMinutes, abnormalHours, otherDays, release, releaseHours ?? null],
  });
}

/** How long a result of this level may wait for an answer, ms. */
export function patience(settings: ResultSettings, level: ResultLevel): number {
  if (level === 'critical') return settings.criticalMinutes * minute;
  return level === 'abnormal' ? settings.abnormalHours * hour : settings.otherDays * day;
}

/** From when the patient may see what came at `at`; `forever` until somebody has acknowledged it. */
export function visibleFrom(settings: ResultSettings, at: number, forever: number): number {
  if (settings.release === 'at-once') return at;
  return settings.releaseHours === undefined ? forever : at + settings.releaseHours * hour;
}
