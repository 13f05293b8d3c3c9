/** Connections of the clinic's visits, counted by day and by kind of visit. */
import type { QualityByDay, QualityCell } from '../contract-quality.ts';
import type { House } from '../house.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

const dayMs = 86_400_000;
const mostDays = 366;
const usualDays = 30;

/** @throws Refusal 'invalid' (422) when it is no whole number of days from 1 to 366 */
export function readDays(query: unknown): number {
  const { days } = (query ?? {}) as { days?: unknown };
  if (days === undefined) return usualDays;
  const count = typeof days === 'string' && /^\d{1,3}$/.test(days) ? Number(days) : 0;
  if (count < 1 || count > mostDays) refuseFaults([fault('days', `1 to ${mostDays}`)]);
  return count;
}

interface Counted extends Record<keyof Omit<QualityCell, 'rttMs' | 'loss' | 'concealed'>, number> {
  day: string | null;
  mode: string | null;
  rtt: number | null;
  loss: number | null;
  concealed: number | null;
}

/** One pass over the days: by day, by mode, and together. Booked video and held by phone counts as the phone's. */
const counted = `
  select to_char(day, 'YYYY-MM-DD') as day, held as mode, count(*)::int as visits,
    count(*) filter (where rating = 'good')::int as good,
    count(*) filter (where rating = 'fair')::int as fair,
    count(*) filter (where rating = 'poor')::int as poor,
    count(*) filter (where rating = 'unknown')::int as unknown,
    count(*) filter (where booked = 'video' and held <> 'phone' and (audio_only or held = 'audio'))::int as "toAudio",
    count(*) filter (where held = 'phone' and booked <> 'phone')::int as "toPhone",
    avg(rtt_ms)::float8 as rtt, avg(loss)::float8 as loss, avg(concealed)::float8 as concealed
  from visits.visit_quality where tenant = $1 and day >= $2::date and day <= $3::date
  group by grouping sets ((day), (held), ())
  order by day, mode`;

const cellOf = ({
  day: _day,
  mode: _mode,
  rtt,
  loss,
  concealed,
  ...counts
}: Counted): QualityCell => ({
  ...counts,
  ...(rtt !== null && { rttMs: Math.round(rtt) }),
  ...(loss !== null && { loss: Math.round(loss * 10_000) / 10_000 }),
  ...(concealed !== null && { concealed: Math.round(concealed * 10_000) / 10_000 }),
});

export async function qualityByDay(
  house: House,
  tenant: number,
  days: number,
): Promise<QualityByDay> {
  const now = house.clock.now();
  const iso = (at: number): string => new Date(at).toISOString().slice(0, 10);
  const [from, to] = [iso(now - days * dayMs), iso(now)];
  const { rows } = await house.db.query<Counted>(counted, [tenant, from, to]);
  return {
    from,
    to,
    total: cellOf(rows.find((row) => row.day === null && row.mode === null)!),
    days: rows.flatMap((row) => (row.day === null ? [] : { day: row.day, ...cellOf(row) })),
    modes: rows.flatMap((row) => (row.mode === null ? [] : { mode: row.mode, ...cellOf(row) })),
  };
}
