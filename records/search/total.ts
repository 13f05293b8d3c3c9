/** How many match: only where the index alone can tell, or the page is all there is. */
import type { SearchQuery } from '@afar/fhir';
import { hasGranularScope } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import type { Directory } from '../directory/index.ts';
import type { Planned } from './choose.ts';
import { fillPage, matchesNothing } from './page.ts';
import { countStatement } from './statement.ts';
import type { Run } from './types.ts';

/** Matches counted one by one where the index cannot count them. */
const mostCounted = 1_000;

/**
 * The exact total when asked for (`_total=accurate`, `_summary=count`, `_count=0`) and affordable, else undefined.
 * [FHIR R4 search.html#total] `estimate` is answered where the index alone counts, and by a page that is the whole answer.
 */
export async function totalOf(
  context: RecordsContext,
  directory: Directory,
  run: Run,
  query: SearchQuery,
  planned: Planned,
  refuse: (why: string) => void,
): Promise<number | undefined> {
  const alone = query.count === 0 || query.summary === 'count';
  if (!alone && query.total !== 'accurate' && query.total !== 'estimate') return undefined;
  const { driver, filters, type, exact } = planned;
  if (matchesNothing(planned)) return 0;
  if (driver && exact && !hasGranularScope(run.caller, type)) {
    const { rows } = await run.sql.query<{ n: number }>(
      countStatement({ caller: run.caller, type, driver, parts: filters }),
    );
    return rows[0]!.n;
  }
  // What is nearly right is what the index can say; nothing that costs more is worth an estimate.
  if (query.total === 'estimate' && !alone) return undefined;
  const { docs, next } = await fillPage(context, directory, run, planned, mostCounted, undefined);
  if (!next) return docs.length;
  refuse('_total: this search cannot be counted without reading every match');
  return undefined;
}
