/** New index keys: both are searched while the rows move from the old tokens to the new ones, and then the new ones alone. */
import { dropAliases, dropOrphans } from './orphans.ts';
import type { Progress } from './progress.ts';
import { inTurn } from './turn.ts';
import type { Turning } from './turn.ts';

export interface IndexRotation {
  progress: Progress;
  /** Tokens that no row names, taken out. */
  orphans: number;
}

/**
 * Steps: every process searches with both keys and writes with the old one; then writes with the new one; every row is indexed
 * anew; then the new one is searched alone. Each row has the tokens of one key at any time, so nothing is found twice.
 */
export async function rotateIndex(on: Turning): Promise<IndexRotation> {
  const { keys, tenant } = on;
  let orphans = 0;
  const progress = await inTurn(on, 'index', 'search both', async (turn) => {
    if (turn.at('search both')) {
      await keys.admin.prepareIndex(tenant);
      await turn.heard();
      await turn.goOn('write new');
    }
    if (turn.at('write new')) {
      keys.admin.moveIndex(tenant, 'writing');
      await turn.settled();
      await turn.goOn('rows');
    }
    if (turn.at('rows')) {
      await turn.rounds();
      await turn.goOn('search new');
    }
    if (turn.at('search new')) {
      keys.admin.moveIndex(tenant, 'settled');
      await turn.settled();
      await turn.goOn('clean up');
    }
    // Index keys of patients that are searched no more; the clinic's stay a day, for requests that are repeated.
    await keys.admin.dropIndexes(tenant, false);
    await dropAliases(on);
    orphans = await dropOrphans(on);
  });
  return { progress, orphans };
}
