/** What time does to visits: nobody came, tickets and kept answers grow old. */
import { systemCaller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import { tell, type House } from './house.ts';
import { idempotencyMs } from './idempotency.ts';
import { sweepHolds } from './scheduling/holds.ts';
import { appointmentStatus, step } from './state.ts';
import { sweepWaitlist } from './waitlist/answer.ts';
import { changeVisit, lockVisit } from './visit-row.ts';

/** Once a minute: nothing here is waited for. */
const everyMs = 60_000;

/**
 * Marks visits to which nobody came. A patient who arrived and was never seen stays in the queue: that is the clinic's fault, not hers.
 * Several processes may look at once: the row's lock and state let one of them write.
 */
export async function markMissed(house: House): Promise<number> {
  const now = house.clock.now();
  const { rows } = await house.db.query<{ tenant: number; rid: string; clinician: string }>({
    name: 'visits.overdue',
    text: `select tenant, rid, clinician from visits.visit where state = 'booked' and ends < $1 order by ends limit 100`,
    values: [now - house.config.arriveLateMinutes * 60_000],
  });
  for (const { tenant, rid, clinician } of rows) {
    await house.records.write(systemCaller(tenant, house.clock, 'no-show'), async (tx) => {
      const row = await lockVisit(tx.sql, tenant, rid);
      const next = row?.state === 'booked' ? step(row.state, 'miss') : undefined;
      if (!row || !next) return;
      const { resource } = await tx.read<Appointment>('Appointment', rid);
      await tx.update<Appointment>({ ...resource, status: appointmentStatus[next] });
      await changeVisit(tx.sql, row, { state: next });
    });
    tell(house, 'changed', { tenant, visit: rid, clinician });
  }
  return rows.length;
}

export async function sweep(house: House): Promise<void> {
  const now = house.clock.now();
  await house.db.query('delete from visits.ticket where expires < $1', [now]);
  await house.db.query('delete from visits.guest_session where expires < $1', [now]);
  await house.db.query('delete from visits.idempotency where at < $1', [now - idempotencyMs]);
  await sweepHolds(house.db, now);
}

/** Runs the upkeep each minute until stopped. */
export function startUpkeep(house: House): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(async () => {
        await markMissed(house);
        await sweep(house);
        await sweepWaitlist(house);
      })
      .catch((error: unknown) => house.log.warn({ err: error }, 'the upkeep of visits failed'));
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
