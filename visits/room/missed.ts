/** What happened in the room is pushed once; a browser that was away, or a process that missed it, hears where things stand (signalling.md N6). */
import type { House } from '../house.ts';
import { findInvite } from '../invites/invite.ts';
import { onPhoneSince } from '../phone/phone.ts';
import { standingOf } from '../recording/consent.ts';
import { findVisit } from '../visit-row.ts';
import type { Connection } from './connection.ts';

/** The same session goes on: it asks again for what is fetched, and is told what is not. */
export async function tellMissed(house: House, on: Connection): Promise<void> {
  if (!on.held) return;
  on.send({ type: 'missed' });
  await tellStanding(house, on);
}

/** What nobody can ask for: where the newest recording stands, and whether the visit goes on by telephone. */
export async function tellStanding(house: House, on: Connection): Promise<void> {
  await tellRecordingTo(house, on);
  await tellPhone(house, on);
}

/** A guest hears nothing of what was recorded before she was let in. */
async function tellRecordingTo(house: House, on: Connection): Promise<void> {
  const { held, tenant, visit } = on;
  if (!held) return;
  const since =
    held.role === 'guest' ? (await findInvite(house.db, tenant, held.person))?.admitted : 0;
  const standing = await standingOf(house.db, house, { tenant, visit });
  if (!standing || since === undefined || since === null) return;
  const { ended, ...event } = standing;
  if (ended === undefined || ended >= since) on.send({ type: 'recording', ...event });
}

/** A patient who comes back to a visit that goes on by telephone is told so. */
async function tellPhone(house: House, on: Connection): Promise<void> {
  if (on.held?.role !== 'patient') return;
  const row = await findVisit(house.db, on.tenant, on.visit);
  const at = row && (await onPhoneSince(house, on.caller, row));
  if (at !== undefined) on.send({ type: 'phone', at });
}
