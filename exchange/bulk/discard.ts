/** Takes a job away: its row first, so that no worker goes on, then its files, then the key that sealed them. */
import type { Bulk } from './deps.ts';
import { filesOf, objectId } from './store.ts';
import type { JobRow } from './types.ts';

/** Whole or again: what is left of a discard that broke off is found by the sweep, because the row goes last. */
export async function discard(
  bulk: Bulk,
  job: Pick<JobRow, 'tenant' | 'id' | 'kid'> & { place: { file: number } },
): Promise<void> {
  const { tenant, id, kid } = job;
  await bulk.db.query(
    `update exchange.bulk_job set state = 'failed', fault = 'cancelled', expires = 0, holder = null where tenant = $1 and id = $2`,
    [tenant, id],
  );
  const numbers = new Set((await filesOf(bulk, job)).map((file) => file.number));
  // The file that was being written when its worker died has no row yet.
  numbers.add(job.place.file);
  for (const number of numbers) await bulk.objects.remove({ tenant, id: objectId(job, number) });
  await bulk.keys.erase(tenant, kid);
  await bulk.db.query('delete from exchange.bulk_job where tenant = $1 and id = $2', [tenant, id]);
}
