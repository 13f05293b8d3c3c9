/** How a subscription changes state: activated, stopped by an error, switched off; each time under a new version. */
import type { House } from './house.ts';
import { tell } from './house.ts';
import {
  bumpGeneration,
  columns,
  openRow,
  saveKept,
  type Kept,
  type Row,
  type Status,
} from './rows.ts';

/** Why it stopped, in words that hold nothing of a patient, an address or an answer. */
export type Reason =
  | 'the account or client that made it may no longer do this'
  | 'the endpoint could not be reached'
  | 'the endpoint is not on the public network'
  | 'the endpoint refused'
  | 'more events wait than are kept for one endpoint'
  | 'its time has ended';

export async function loadOne(
  house: Pick<House, 'db' | 'keys'>,
  tenant: number,
  id: string,
): Promise<Kept | undefined> {
  const { rows } = await house.db.query<Row>({
    name: 'exchange.subscription',
    text: `select ${columns} from exchange.subscription where tenant = $1 and id = $2`,
    values: [tenant, id],
  });
  return rows[0] && openRow(house.keys, rows[0]);
}

/**
 * Gives it another state, if it still is as it was looked at.
 * @returns the row as it is now, or undefined when somebody was faster
 */
export async function become(
  house: House,
  one: Kept,
  status: Status,
  reason?: Reason,
): Promise<Kept | undefined> {
  const { error: _error, ...resource } = one.resource;
  const next: Kept = {
    ...one,
    status,
    updated: house.clock.now(),
    resource: { ...resource, ...(reason && { error: reason }) },
  };
  const saved = await house.db.tx(async (tx) => {
    if (!(await saveKept(tx, house.keys, next))) return false;
    await tx.query(
      // From here on: what is committed now is older than the wish [one snapshot with the change of state].
      `update exchange.subscription set failures = 0, told_at = $4,
         since = case when $3 = 'active' then pg_current_snapshot()::text else since end,
         next_at = case when channel <> 'rest-hook' then null when $3 in ('active', 'requested') then $4::bigint end
       where tenant = $1 and id = $2`,
      [one.tenant, one.id, status, next.updated],
    );
    await bumpGeneration(tx);
    return true;
  });
  if (!saved) return undefined;
  house.log.info({ subscription: one.id, status, reason }, 'a subscription changed its state');
  tell(house);
  return { ...next, version: next.version + 1 };
}
