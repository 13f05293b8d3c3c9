/** Who may speak aside to whom: the clinician says it, everybody sees it, the engine keeps to it. */
import { Refusal } from '@afar/fhir';
import { tell, type House } from '../house.ts';
import { canWhisper, grantsOf } from '../room/engine.ts';
import { lockRoom } from '../room/room-state.ts';
import { seatsOf } from '../room/seats.ts';
import { isUuid } from '../scheduling/rule.ts';
import type { VisitRow } from '../visit-row.ts';

/** @throws Refusal 'invalid' */
export function readWhisper(body: unknown): string[] {
  const { to } = (body ?? {}) as { to?: unknown };
  if (!Array.isArray(to) || to.length > 8 || !to.every((one) => isUuid(one)))
    throw new Refusal('invalid', { expression: ['to'] });
  return [...new Set(to as string[])];
}

/**
 * A supervisor whispers to the clinician, or to colleagues and observers who learn; never to the patient or who came with her.
 * @throws Refusal 'conflict' where the engine would send it to everybody, 'not-found' when she has no seat, 'forbidden' for a pair that may not be
 */
export async function setWhisper(
  house: House,
  { tenant, rid: visit }: VisitRow,
  guest: string,
  to: string[],
): Promise<void> {
  if (to.length > 0 && !canWhisper(house.media))
    throw new Refusal('conflict', { diagnostics: 'the media engine cannot keep it from others' });
  const seat = await house.db.tx(async (tx) => {
    await lockRoom(tx, { tenant, visit });
    const seats = await seatsOf(tx, tenant, visit);
    const from = seats.find((one) => one.person === guest && one.role === 'guest');
    if (!from) throw new Refusal('not-found');
    const hears = ({ role, kind }: (typeof seats)[number]): boolean =>
      role === 'clinician' || kind === 'colleague' || kind === 'observer';
    const meant = seats.filter((one) => to.includes(one.peer) && one.peer !== from.peer);
    if (from.kind !== 'supervisor' || meant.length !== to.length || !meant.every(hears))
      throw new Refusal('forbidden', { detail: 'no such whisper' });
    await tx.query({
      name: 'visits.set-whispers',
      text: 'update visits.seat set whispers = $4 where tenant = $1 and visit = $2 and person = $3',
      values: [tenant, visit, guest, to],
    });
    return { ...from, whispers: to };
  });
  await house.media.many?.setGrants({ tenant, visit }, seat.peer, grantsOf(seat));
  tell(house, 'stirred', { tenant, visit });
}
