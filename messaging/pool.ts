/** The clinic's pool: who reads for everybody is let into a chart while a thread of its patient waits, by the patient's own writing. */
import { systemCaller } from '@afar/access';
import type { House } from './house.ts';
import { settingsOf } from './settings.ts';

const sourceOf = (thread: string): string => `Thread/${thread}`;
/** A thread that nobody closes does not open a chart for ever. */
const openMs = 30 * 86_400_000;

/** After the patient has written; prolonged by each message. Her consents hold all the same. */
export async function letPoolIn(
  house: House,
  { tenant, id, patient }: { tenant: number; id: string; patient: string },
): Promise<void> {
  const { pool } = await settingsOf(house.db, tenant);
  if (pool.length === 0) return;
  const now = house.clock.now();
  await house.records.write(systemCaller(tenant, house.clock, 'messages'), (tx) =>
    tx.grants.give(
      pool.map((principal) => ({
        principal,
        patient,
        class: 'chart',
        purpose: 'TREAT',
        source: sourceOf(id),
        starts: now,
        ends: now + openMs,
        // They pass nothing on.
        ceiling: now + openMs,
      })),
    ),
  );
}

export async function sendPoolAway(
  house: House,
  { tenant, id }: { tenant: number; id: string },
): Promise<void> {
  await house.records.write(systemCaller(tenant, house.clock, 'messages'), (tx) =>
    tx.grants.withdraw(sourceOf(id)),
  );
}
