/** Keeps how an ended visit's connection was, beside nothing that tells whose visit it was but its id. */
import type { Queryable } from '@afar/platform';
import type { QualitySummary } from '../contract.ts';
import type { VisitRow } from '../visit-row.ts';

/** Within the transaction that ends the visit. @param held mode it was held in; @param at ms */
export async function keepQuality(
  sql: Queryable,
  visit: Pick<VisitRow, 'tenant' | 'rid' | 'mode'>,
  held: string,
  quality: QualitySummary,
  at: number,
): Promise<void> {
  await sql.query({
    name: 'visits.keep-quality',
    text: `insert into visits.visit_quality (tenant, visit, day, booked, held, rating, audio_only, rtt_ms, loss, concealed)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    values: [
      visit.tenant,
      visit.rid,
      new Date(at).toISOString().slice(0, 10),
      visit.mode,
      held,
      quality.rating,
      quality.audioOnly,
      quality.rttMs ?? null,
      quality.loss ?? null,
      quality.concealed ?? null,
    ],
  });
}
