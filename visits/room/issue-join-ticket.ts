/** A ticket into the room of an open visit: one person, one use, 60 s (signalling.md J1). */
import type { Caller } from '@afar/access';
import type { Standing } from '../checks.ts';
import type { JoinTicket } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { requireLicensedClinician } from '../licensing/licensed.ts';
import type { VisitRow } from '../visit-row.ts';
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
  const { tenant, rid: visit } = row;
  const expires = house.clock.now() + ticketMs;
  const seat = (await seatsOf(house.db, tenant, visit)).find((one) => one.person === person);
  const grants = { publish: true, subscribe: true, hidden: false };
  // TURN sees the peer's id, which means nothing outside this visit.
  const who = seat?.peer ?? caller.id;
  const { iceServers } = await house.media.two.ticket({ tenant, visit }, who, role, grants);
  const account = caller.id;
  const token = await issueTicket(house.db, {
    tenant,
    visit,
    account,
    person,
    kind: 'ticket',
    expires,
  });
  return {
    url: `/api/visits/${visit}/socket`,
    token,
    iceServers,
    expiresAt: iso(expires),
    peerRole: peerRoleOf(role),
  };
}
