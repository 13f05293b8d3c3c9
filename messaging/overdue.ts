/** A promise that was not kept: told to everybody who cares for the patient, once; to the office where nobody does. */
import { within } from '@afar/platform';
import type { House } from './house.ts';
import { threadColumns, type ThreadRow } from './store.ts';
import { carersOf, readersAmong } from './telling.ts';

const atOnce = 100;

async function tellOverdue(house: House, row: ThreadRow): Promise<void> {
  const { access, clock, db } = house;
  const { tenant, id, patient, assignee } = row;
  const carers = await carersOf(house, tenant, patient);
  const all = [...new Set([...(assignee === null ? [] : [assignee]), ...carers])];
  const to = await readersAmong(house, row, all);
  await db.tx(async (tx) => {
    const { rowCount } = await tx.query(
      `update messaging.thread set escalated = $3, assignee = null
       where tenant = $1 and id = $2 and state = 'open' and due <= $3 and escalated is null`,
      [tenant, id, clock.now()],
    );
    // Answered, closed, or told by another process meanwhile.
    if (!rowCount) return;
    const about = { thread: id };
    const notice = { tenant, kind: 'message-overdue', about } as const;
    for (const account of to) await access.notices.tell({ ...notice, to: { account } }, tx);
    // The office reads no messages: it sees to it that somebody does.
    if (to.length === 0)
      await access.notices.tell({ ...notice, to: { role: 'administrator' } }, tx);
  });
}

/** It is the team's again, too: whoever had it may be away. @returns how many were looked at */
export async function escalate(house: House): Promise<number> {
  const { rows } = await house.db.query<ThreadRow>({
    name: 'messaging.overdue',
    text: `select ${threadColumns} from messaging.thread t
      where t.state = 'open' and t.due <= $1 and t.escalated is null order by t.due limit ${atOnce}`,
    values: [house.clock.now()],
  });
  for (const row of rows) await within(row.tenant, () => tellOverdue(house, row));
  return rows.length;
}
