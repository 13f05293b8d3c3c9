/** What a socket leaves in the trail: the request hook sees only the upgrade. */
import type { House } from '../house.ts';
import type { Connection } from './connection.ts';

/** Durable when it resolves; a trail that cannot be written ends the socket. */
export async function auditSocket(
  house: House,
  on: Connection,
  action: string,
  outcome: 0 | 4,
): Promise<void> {
  const { caller, tenant, visit, seen } = on;
  await house.access.audit.append({
    tenant,
    at: house.clock.now(),
    requestId: caller.requestId,
    who: caller.id,
    role: caller.role,
    ip: caller.ip,
    ...(caller.device && { device: caller.device }),
    verb: action === 'watch' ? 'R' : 'E',
    action,
    type: 'Appointment',
    rid: visit,
    patients: seen ? [seen.row.patient] : [],
    purpose: caller.purpose,
    outcome,
  });
}
