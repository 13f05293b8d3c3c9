/** What the office sees of results: that some wait, for how long and with whom; no patient, no content. */
import type { Caller } from '@afar/access';
import type { Unanswered } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { clinicianBrief } from '../people.ts';
import { levels } from './level.ts';
import { resultColumns, type ResultRow } from './rows.ts';

export async function unanswered(house: House, caller: Caller): Promise<Unanswered> {
  const { rows } = await house.db.query<ResultRow>({
    name: 'visits.unanswered',
    text: `select ${resultColumns} from visits.result where tenant = $1 and state = 'waiting' and rung >= 1
      order by level, arrived limit 200`,
    values: [caller.tenant],
  });
  const results = await Promise.all(
    rows.map(async ({ id, arrived, level, assignee, clinician, reason }) => {
      const owner = assignee ?? clinician;
      const who = owner ? await clinicianBrief(house, caller, owner) : undefined;
      return {
        id,
        since: iso(arrived),
        level: levels[level]!,
        ...(who && { responsible: { id: who.id, name: who.name } }),
        reason: reason ?? ('silent' as const),
      };
    }),
  );
  return { results };
}
