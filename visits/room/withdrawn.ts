/** Ends the calls of who lost sight of the patient: consent withdrawn, care relation over, break-glass ended (signalling.md L5). */
import { reachChannel, type ReachChanged } from '@afar/records';
import { within } from '@afar/platform';
import type { House } from '../house.ts';
import { isOpen } from '../state.ts';
import { findVisit, openVisitsOf } from '../visit-row.ts';
import { closing, type Connection } from './connection.ts';
import { giveUp } from './give-up.ts';
import { revoke } from './revoke.ts';

/**
 * Of somebody who may not see the visit any more, whoever found out first: a change of reach, a renewal, a look at the state. The call goes down
 * for both ends; from the clinician's page it does so though her seat was not held at that moment, or the other would wait for her for good.
 */
export async function hide(house: House, on: Connection, code: number): Promise<void> {
  const { tenant, visit, held, seen } = on;
  if (!held) {
    on.close(code);
    if (code === closing.refused || seen?.standing !== 'clinician') return;
    const row = await findVisit(house.db, tenant, visit);
    if (!row || !isOpen(row.state)) return;
  }
  house.log.info({ visit }, 'a call ends: its visit is hidden from one end');
  await revoke(house, { tenant, visit, reason: 'consent-withdrawn' });
}

/**
 * Follows changes of reach for the sockets of this process, until the function it returns is called. Each process asks for its
 * own sockets; what it takes down goes down at both ends, wherever they are.
 *
 * @param unwelcome asks session and care relation anew, and notes what is seen; a code to close with, or undefined
 */
export function followReach(
  house: House,
  sockets: ReadonlySet<Connection>,
  unwelcome: (on: Connection) => Promise<number | undefined>,
): () => void {
  async function requireStillSeen(on: Connection): Promise<void> {
    const code = await unwelcome(on);
    if (on.seen?.standing === 'guest') {
      // What is hidden from a guest says nothing about the others: her own seat goes.
      if (code === undefined) return;
      if (!on.held) return on.close(code);
      await giveUp(house, on, 'left');
      return on.revoked('access-withdrawn');
    }
    // Signed out meanwhile: her own seat is lost (S7), which is no word about the patient's record.
    if (code === closing.refused && on.held) return;
    if (on.closed || (code === undefined && !(on.held && on.seen?.standing === 'care'))) return;
    await hide(house, on, code ?? closing.unknown);
  }

  const ask = (on: Connection): void => {
    within(on.tenant, () => requireStillSeen(on)).catch((error: unknown) =>
      house.log.warn({ err: error, visit: on.visit }, 'a socket was not asked again'),
    );
  };

  async function recheck({ tenant, patient }: ReachChanged): Promise<void> {
    if (![...sockets].some((one) => one.tenant === tenant)) return;
    const visits = new Set(await openVisitsOf(house.db, tenant, patient));
    for (const on of sockets) if (on.tenant === tenant && visits.has(on.visit)) ask(on);
  }

  return house.events.subscribe(
    reachChannel,
    (payload) => {
      const change = payload as unknown as ReachChanged;
      within(change.tenant, () => recheck(change)).catch((error: unknown) =>
        house.log.warn({ err: error }, 'a change of reach was not followed at once'),
      );
    },
    // Some may have been missed.
    () => {
      for (const on of sockets) ask(on);
    },
  );
}
