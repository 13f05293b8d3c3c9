/** The patient arrives in the waiting room with the result of her device check. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import { arrivalWindow } from '../appointment-view.ts';
import type { Checks, DeviceCheck, NetworkCheck } from '../contract.ts';
import { tell, type House } from '../house.ts';
import { requireReach } from '../licensing/licensed.ts';
import { keepPlace, placeFaults, placeOfVisit } from '../licensing/place.ts';
import { requireSomebody } from '../on-demand/somebody.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, isUntaken, lockVisit, type VisitRow } from '../visit-row.ts';

const devices: readonly DeviceCheck[] = ['ok', 'denied', 'missing', 'failed', 'skipped'];
const networks: readonly NetworkCheck[] = ['good', 'fair', 'poor', 'failed', 'skipped'];

/** Codes only: nothing a browser could write words into is kept. @throws Refusal 'invalid' (422) */
export function readChecks(body: unknown): Checks {
  const checks = ((body as { checks?: unknown } | null)?.checks ?? {}) as Record<string, unknown>;
  const device = (name: string) =>
    devices.includes(checks[name] as DeviceCheck)
      ? []
      : [fault(`checks.${name}`, devices.join(', '))];
  const flag = (name: string) =>
    checks[name] === undefined || typeof checks[name] === 'boolean'
      ? []
      : [fault(`checks.${name}`, 'true or false')];
  refuseFaults([
    ...device('camera'),
    ...device('microphone'),
    ...device('speaker'),
    ...(networks.includes(checks.network as NetworkCheck)
      ? []
      : [fault('checks.network', networks.join(', '))]),
    ...flag('dataSaver'),
    ...flag('audioOnly'),
  ]);
  const { camera, microphone, speaker, network, dataSaver, audioOnly } =
    checks as unknown as Checks;
  return {
    camera,
    microphone,
    speaker,
    network,
    ...(dataSaver && { dataSaver }),
    ...(audioOnly && { audioOnly }),
  };
}

/** Where she says she is now; absent: as it was booked. @throws Refusal 'invalid' (422) */
export function readPlace(body: unknown): string | undefined {
  const { place } = (body ?? {}) as Record<string, unknown>;
  refuseFaults(placeFaults(place));
  return place as string | undefined;
}

/** The house's own word, under the request of the person who caused it: a patient does not set the clinic's status herself. */
export function onBehalf(house: House, caller: Caller, why: string): Caller {
  const system = systemCaller(caller.tenant, house.clock, why);
  return { ...system, requestId: caller.requestId, ip: caller.ip, device: caller.device };
}

/**
 * Arrives. Again: new checks, the same place in the queue. A missed visit that can still be held is taken up again.
 * @param said where she is now
 * @throws Refusal 'conflict' when too early, too late or over, 'licence-required' across a border
 */
export async function arrive(
  house: House,
  caller: Caller,
  visit: VisitRow,
  checks: Checks,
  said?: string,
): Promise<VisitRow> {
  const { tenant, rid } = visit;
  const now = house.clock.now();
  const window = arrivalWindow(house, visit);
  if (now < window.from) throw new Refusal('conflict', { diagnostics: 'too early' });
  if (now > window.until && ['booked', 'no-show'].includes(visit.state))
    throw new Refusal('conflict', { diagnostics: 'too late' });
  const place = said ?? (await placeOfVisit(house, visit));
  const { clinician, mode } = visit;
  if (isUntaken(visit)) await requireSomebody(house, tenant, place);
  else await requireReach(house, tenant, { clinician, mode, place, at: now });
  const row = await house.records.write(onBehalf(house, caller, 'arrive'), async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    const from = row && (step(row.state, 'reopen') ?? row.state);
    const next = from && step(from, 'arrive');
    if (!row || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const change = { checks, state: next, seen_at: now, arrived_at: row.arrived_at ?? now };
    await changeVisit(tx.sql, row, change);
    if (said !== undefined) await keepPlace(tx, row, said, now);
    if (row.state !== next) {
      const { resource } = await tx.read<Appointment>('Appointment', rid);
      await tx.update<Appointment>({ ...resource, status: appointmentStatus[next] });
    }
    return { ...row, ...change };
  });
  tell(house, 'changed', { tenant, visit: rid, clinician: row.clinician });
  return row;
}
