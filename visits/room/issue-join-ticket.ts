/** A ticket into the room of an open visit: one person, one use, 60 s (signalling.md J1). */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Standing } from '../checks.ts';
import type { JoinTicket } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { requireLicensedClinician } from '../licensing/licensed.ts';
import type { VisitRow } from '../visit-row.ts';
import { grantsOf } from './engine.ts';
import { peerRoleOf, seatsOf } from './seats.ts';
import { issueTicket, ticketMs } from './tickets.ts';

/** Called after `requireParticipant` and `requireOpenVisit`. @throws Refusal 'licence-required' to the clinician */
export async function issueJoinTicket(
  house: House,
  caller: Caller,
  row: VisitRow,
  standing: Standing,
): Promise<JoinTicket> {
  await requireLicensedClinician(house, caller, row);
  const role = standing === 'clinician' ? 'clinician' : 'patient';
  const person = role === 'clinician' ? row.clinician : row.patient;
  return ticketFor(house, caller, row, person, `/api/visits/${row.rid}/socket`);
}

/** The ticket of somebody whose right to the seat was asked for. @throws Refusal 'conflict' when there is no such seat */
export async function ticketFor(
  house: House,
  caller: Caller,
  { tenant, rid: visit }: VisitRow,
  person: string,
  url: string,
): Promise<JoinTicket> {
  const expires = house.clock.now() + ticketMs;
  const seat = (await seatsOf(house.db, tenant, visit)).find((one) => one.person === person);
  if (!seat) throw new Refusal('conflict', { detail: 'no seat' });
  const account = caller.id;
  // TURN sees the peer's id, which means nothing outside this visit.
  const { iceServers } = await house.media.two.ticket(
    { tenant, visit },
    seat.peer,
    seat.role,
    grantsOf(seat),
  );
  const token = await issueTicket(house.db, {
    tenant,
    visit,
    account,
    person,
    kind: 'ticket',
    expires,
  });
  return { url, token, iceServers, expiresAt: iso(expires), peerRole: peerRoleOf(seat.role) };
}
