/** Ends the calls of who lost sight of the patient: consent withdrawn, care relation over, break-glass ended (signalling.md E1). */
import { reachChannel, type ReachChanged } from '@afar/records';
import { within } from '@afar/platform';
import type { House } from '../house.ts';
import { isOpen } from '../state.ts';
import { findVisit, openVisitsOf } from '../visit-row.ts';
import { closing, type Connection } from './connection.ts';
import { giveUp } from './give-up.ts';
import { revoke } from './revoke.ts';

/**
 * Of somebody who may not see the visit any more, whoever found out first: a change of reach, a renewal, a look at the state, her own coming back.
 * The call goes down for both ends; for the clinician it does so though her seat was not held at that moment, or the other would wait for her
 * for good.
 */
export async function hide(house: House, on: Connection, code: number): Promise<void> {
  const { tenant, visit, held, caller } = on;
  if (!held) {
    on.close(code);
    const row = await findVisit(house.db, tenant, visit);
    const hers = caller.fhirUser?.type === 'Practitioner' && caller.fhirUser.id === row?.clinician;
    if (!row || !hers || !isOpen(row.state)) return;
  }
  house.log.info({ visit }, 'a call ends: its visit is hidden from one end');
  await revoke(house, { tenant, visit, reason: 'consent-withdrawn' });
}

/** A look at a socket that says with which code it is to be closed: her own seat goes, or the call, when it is hidden from one of its two ends. */
export async function shut(house: House, on: Connection, code: number): Promise<void> {
  if (code === closing.unknown && on.seen?.standing !== 'guest') return hide(house, on, code);
  if (!on.held) return on.close(code);
  const stoodUp = giveUp(house, on, 'left');
  on.revoked('access-withdrawn');
  await stoodUp;
}

/**
 * Follows changes of reach for the sockets of this process, until the function it returns is called. Each process asks for its
 * own sockets; what it takes down goes down at both ends, wherever they are.
 *
 * @param unwelcome asks session and care relation anew, and notes what is seen; a code to close with, or undefined
 * @param spread asks when everybody has to be asked
 */
export function followReach(
  house: House,
  sockets: ReadonlySet<Connection>,
  unwelcome: (on: Connection) => Promise<number | undefined>,
  spread: (work: () => void) => void,
): () => void {
  async function requireStillSeen(on: Connection): Promise<void> {
    const code = await unwelcome(on);
    // What is hidden from a guest says nothing about the others.
    if (on.seen?.standing === 'guest')
      return code === undefined ? undefined : shut(house, on, code);
    // Signed out meanwhile: that is asked for by itself (S7), and is no word about the patient's record.
    if (on.held && code === closing.refused) return;
    if (on.closed || (code === undefined && !(on.held && on.seen?.standing === 'care'))) return;
    await shut(house, on, code ?? closing.unknown);
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
      for (const on of sockets) spread(() => ask(on));
    },
  );
}
