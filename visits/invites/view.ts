/** Guests as the two of the visit see them, and the visit as a guest sees it. */
import { systemCaller } from '@afar/access';
import type { GuestView, GuestVisit } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { isOver } from '../state.ts';
import type { VisitRow } from '../visit-row.ts';
import { isLive, nameContext, type Invite } from './invite.ts';

/** Her name, opened by the house: a guest may not open anything of the patient's. */
export const guestName = (house: House, { tenant, patient, id, name }: Invite): Promise<string> =>
  house.records.openFor(
    systemCaller(tenant, house.clock, 'guest-name'),
    patient,
    nameContext(id),
    name,
  );

export async function guestView(house: House, invite: Invite, peer?: string): Promise<GuestView> {
  const { id, kind, state, by_patient, account, made, expires, admitted, agreed } = invite;
  const over = !isLive(invite, house.clock.now());
  return {
    id,
    kind,
    name: await guestName(house, invite),
    state: over && state === 'invited' ? 'ended' : state,
    invitedBy: by_patient ? 'patient' : 'clinician',
    signedIn: account !== null,
    invitedAt: iso(made),
    expiresAt: iso(expires),
    ...(admitted !== null && { admittedAt: iso(admitted) }),
    agreed: agreed !== null,
    ...(peer !== undefined && { peer }),
  };
}

export async function guestVisit(house: House, invite: Invite, row: VisitRow): Promise<GuestVisit> {
  const { kind, state, account, tenant } = invite;
  return {
    kind,
    name: await guestName(house, invite),
    state: isOver(row.state) ? 'ended' : state,
    signedIn: account !== null,
    clinician: (await house.directory.clinician(tenant, row.clinician)).name,
    start: iso(row.starts),
    visit: row.rid,
  };
}
