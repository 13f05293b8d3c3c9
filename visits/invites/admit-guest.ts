/** Letting a guest in: the clinician admits, the patient agrees, then there is a seat; and everything that takes it away again. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Coding, Encounter } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import { iso, tell, type House } from '../house.ts';
import { inHerName } from '../in-her-name.ts';
import { canWhisper, engineFor, openAt, seatsIn } from '../room/engine.ts';
import { revoke } from '../room/revoke.ts';
import { lockRoom, seatsChanged } from '../room/room-state.ts';
import { addSeat, seatsOf } from '../room/seats.ts';
import { isOpen } from '../state.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';
import { participantType, participationType } from '../vocabulary.ts';
import { endGuestSession } from './end-invites.ts';
import { changeInvite, lockInvite, type Invite } from './invite.ts';
import { guestName } from './view.ts';

const gone = () => new Refusal('not-found');

/** The visit and the invitation, both held: admissions of one visit take turns, so that the ninth finds the room full. */
async function hold(
  tx: RecordTx,
  { tenant, rid }: VisitRow,
  id: string,
): Promise<{ row: VisitRow; invite: Invite }> {
  const row = await lockVisit(tx.sql, tenant, rid);
  const invite = await lockInvite(tx.sql, { tenant, visit: rid, id });
  if (!row || !invite) throw gone();
  return { row, invite };
}

/** [FHIR R4 valueset-encounter-participant-type] */
const participation = (kind: Invite['kind']): Coding => {
  if (kind === 'interpreter')
    return { system: participantType, code: 'translator', display: 'Translator' };
  const code = kind === 'relative' || kind === 'observer' ? 'PART' : 'SPRF';
  return { system: participationType, code };
};

/** That she was there stands on the Encounter: by name, for a guest has no record of her own. */
async function noteOnEncounter(
  tx: RecordTx,
  row: VisitRow,
  invite: Invite,
  name: string,
  now: number,
): Promise<void> {
  if (!row.encounter) return;
  const { resource } = await tx.read<Encounter>('Encounter', row.encounter);
  const known = resource.participant?.some((one) => one.individual?.display === name);
  if (known) return;
  await tx.update<Encounter>({
    ...resource,
    participant: [
      ...(resource.participant ?? []),
      {
        type: [{ coding: [participation(invite.kind)], text: invite.kind }],
        period: { start: iso(now) },
        individual: { display: name },
      },
    ],
  });
}

/** Seats her. A supervisor may speak to the clinician aside from the start, where the engine can keep that from the others; it stands on every roster. */
async function seat(house: House, tx: RecordTx, row: VisitRow, invite: Invite): Promise<void> {
  const at = { tenant: row.tenant, visit: row.rid };
  await lockRoom(tx.sql, at);
  const seats = await seatsOf(tx.sql, at.tenant, at.visit);
  if (!seats.some((one) => one.person === invite.id) && seats.length >= seatsIn(house.media))
    throw new Refusal('conflict', { diagnostics: 'the room is full' });
  const clinician = seats.find((one) => one.role === 'clinician')?.peer;
  const may = invite.kind === 'supervisor' && canWhisper(house.media);
  const whispers = may && clinician ? [clinician] : [];
  const { id: person, kind } = invite;
  await addSeat(tx.sql, at, { person, role: 'guest', kind, whispers });
  await seatsChanged(tx.sql, house, at, false);
}

async function letIn(
  house: House,
  tx: RecordTx,
  row: VisitRow,
  invite: Invite,
  admittedBy: string,
): Promise<void> {
  const now = house.clock.now();
  await seat(house, tx, row, invite);
  await changeInvite(tx.sql, invite, {
    state: 'admitted',
    admitted_by: admittedBy,
    admitted: invite.admitted ?? now,
  });
}

async function told(house: House, row: VisitRow): Promise<void> {
  const { tenant, rid: visit, clinician } = row;
  const seats = await seatsOf(house.db, tenant, visit);
  await openAt(house, { tenant, visit }, engineFor(house.media, seats.length));
  tell(house, 'happened', { tenant, visit, event: { type: 'guests' } });
  tell(house, 'stirred', { tenant, visit });
  tell(house, 'changed', { tenant, visit, clinician });
}

/**
 * The clinician's word. With the patient's agreement she is in, without it the patient is asked. Safe to repeat.
 * @throws Refusal 'conflict' when nobody waits at the link, when the visit is not open, when the room is full
 */
export async function admitGuest(
  house: House,
  caller: Caller,
  visit: VisitRow,
  id: string,
): Promise<void> {
  await house.records.write(caller, async (tx) => {
    const { row, invite } = await hold(tx, visit, id);
    if (invite.state === 'admitted' || invite.state === 'asking') return;
    if (invite.state !== 'waiting' || !isOpen(row.state))
      throw new Refusal('conflict', { detail: `guest ${invite.state}, visit ${row.state}` });
    if (invite.agreed === null) {
      const seats = await seatsOf(tx.sql, row.tenant, row.rid);
      if (seats.length >= seatsIn(house.media))
        throw new Refusal('conflict', { diagnostics: 'the room is full' });
      return changeInvite(tx.sql, invite, { state: 'asking', admitted_by: caller.id });
    }
    await letIn(house, tx, row, invite, caller.id);
    const name = await guestName(house, invite);
    await noteOnEncounter(tx, row, invite, name, house.clock.now());
  });
  await told(house, visit);
}

/** The patient's word. Yes lets in whom the clinician has admitted; no keeps out, and takes out who is in. */
export async function answerGuest(
  house: House,
  caller: Caller,
  visit: VisitRow,
  id: string,
  agree: boolean,
): Promise<void> {
  if (!agree) return shutOut(house, visit, id, 'refused');
  const now = house.clock.now();
  const entered = await house.records.write(caller, async (tx) => {
    const { row, invite } = await hold(tx, visit, id);
    if (['refused', 'left', 'ended'].includes(invite.state))
      throw new Refusal('conflict', { detail: `guest ${invite.state}` });
    if (invite.agreed === null) await changeInvite(tx.sql, invite, { agreed: now });
    if (invite.state !== 'asking' || !isOpen(row.state) || !invite.admitted_by) return undefined;
    await letIn(house, tx, row, invite, invite.admitted_by);
    return { invite, by: invite.admitted_by };
  });
  if (entered) await writeAsClinician(house, visit, entered.invite, entered.by);
  await told(house, visit);
}

/** The Encounter is the clinician's: written in the name of her who let the guest in. */
async function writeAsClinician(
  house: House,
  visit: VisitRow,
  invite: Invite,
  account: string,
): Promise<void> {
  const { tenant } = visit;
  const clinician = await inHerName(house, tenant, account, 'guest');
  if (!clinician) return;
  const name = await guestName(house, invite);
  await house.records.write(clinician, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, visit.rid);
    if (row) await noteOnEncounter(tx, row, invite, name, house.clock.now());
  });
}

/** Link dead, browser nobody, seat gone: at once, in every process. Safe to repeat. */
export async function shutOut(
  house: House,
  { tenant, rid: visit, clinician }: VisitRow,
  id: string,
  state: 'refused' | 'ended' | 'left',
): Promise<void> {
  const seated = await house.db.tx(async (tx) => {
    const invite = await lockInvite(tx, { tenant, visit, id });
    if (!invite) throw gone();
    if (['refused', 'left', 'ended'].includes(invite.state)) return false;
    await changeInvite(tx, invite, { state, ended: house.clock.now() });
    await endGuestSession(tx, invite);
    return invite.state === 'admitted';
  });
  if (seated) await revoke(house, { tenant, visit, reason: 'ejected', person: id });
  tell(house, 'happened', { tenant, visit, event: { type: 'guests' } });
  tell(house, 'stirred', { tenant, visit });
  tell(house, 'changed', { tenant, visit, clinician });
}
