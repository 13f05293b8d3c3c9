/** Whom a subscription runs as at this moment, and what is left behind when it tells her something. */
import { may, type Caller } from '@afar/access';
import type { House } from './house.ts';
import type { Plan } from './plan.ts';
import type { Kept } from './rows.ts';

/**
 * Undefined when its creator may no longer do what it does: account disabled, client revoked, role or scope gone.
 * @param whileClosed for matching: what happened is noted in a closed clinic, and told when it is open again
 * @throws Refusal `closed`
 */
export async function creatorOf(
  house: House,
  kept: Kept,
  plan: Plan,
  whileClosed = false,
): Promise<Caller | undefined> {
  const caller = await house.access.standIn(kept.runsAs, 'subscription', { whileClosed });
  const able =
    caller &&
    may(caller, 'read', 'Subscription') &&
    may(caller, 'read', plan.type) &&
    may(caller, 'search', plan.type);
  return able ? caller : undefined;
}

/** Durable before anything leaves: whose data is told to whom. */
export async function recordTelling(
  house: House,
  caller: Caller,
  kept: Kept,
  patients: string[],
): Promise<void> {
  await house.access.audit.append({
    tenant: caller.tenant,
    at: caller.at,
    requestId: caller.requestId,
    who: caller.id,
    role: caller.role,
    ip: caller.ip,
    verb: 'R',
    action: 'notify',
    type: 'Subscription',
    rid: kept.id,
    patients,
    purpose: caller.purpose,
    outcome: 0,
    params: [],
  });
}
