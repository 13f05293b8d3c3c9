/** Invitations end with the visit; sent back to the waiting room, guests wait too. */
import type { Queryable } from '@afar/platform';

interface At {
  tenant: number;
  visit: string;
}

/** No link of this visit opens any more, no guest of it is anybody. In the transaction that ends it. */
export async function endInvites(tx: Queryable, { tenant, visit }: At, now: number): Promise<void> {
  await tx.query({
    name: 'visits.end-guest-sessions',
    text: `delete from visits.guest_session g using visits.invite i
      where i.tenant = $1 and i.visit = $2 and g.tenant = i.tenant and g.invite = i.id`,
    values: [tenant, visit],
  });
  await tx.query({
    name: 'visits.end-invites',
    text: `update visits.invite set state = 'ended', ended = $3
      where tenant = $1 and visit = $2 and state not in ('refused', 'left', 'ended')`,
    values: [tenant, visit, now],
  });
}

/** The clinician lets each in again; what the patient agreed to holds. */
export async function sendGuestsBack(tx: Queryable, { tenant, visit }: At): Promise<void> {
  await tx.query({
    name: 'visits.guests-back',
    text: `update visits.invite set state = 'waiting' where tenant = $1 and visit = $2 and state in ('admitted', 'asking')`,
    values: [tenant, visit],
  });
}

/** One guest's link and browser: dead. */
export async function endGuestSession(
  tx: Queryable,
  { tenant, id }: { tenant: number; id: string },
): Promise<void> {
  await tx.query({
    name: 'visits.end-guest-session',
    text: 'delete from visits.guest_session where tenant = $1 and invite = $2',
    values: [tenant, id],
  });
}
