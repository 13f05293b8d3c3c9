/** What happened in the room is pushed once; a browser that was away, or a process that missed it, hears where things stand (signalling.md N6). */
import type { House } from '../house.ts';
import { onPhoneSince } from '../phone/phone.ts';
import { standingOf } from '../recording/consent.ts';
import { findVisit } from '../visit-row.ts';
import type { Connection } from './connection.ts';

/** The same page goes on: it asks again for what is fetched, and is told what is not. */
export async function tellMissed(house: House, on: Connection): Promise<void> {
  if (!on.held) return;
  on.send({ type: 'missed' });
  const recording = await standingOf(house.db, house, on);
  if (recording) on.send({ type: 'recording', ...recording });
  await tellPhone(house, on);
}

/** A patient who comes back to a visit that goes on by telephone is told so. */
export async function tellPhone(house: House, on: Connection): Promise<void> {
  if (on.held?.role !== 'patient') return;
  const row = await findVisit(house.db, on.tenant, on.visit);
  const at = row && (await onPhoneSince(house, on.caller, row));
  if (at !== undefined) on.send({ type: 'phone', at });
}
