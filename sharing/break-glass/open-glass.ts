/** Opens a chart in an emergency, and closes it again: grant, trail, notices and row in one transaction. */
import { randomUUID } from 'node:crypto';
import { systemCaller, type AuditEntry, type Caller } from '@afar/access';
import { Refusal, type Patient } from '@afar/fhir';
import type { SharingDeps } from '../create-sharing.ts';
import type { EmergencyReason, OpenedGlass, OpenGlass } from './contract.ts';
import { addGlass, endGlass, liveOf, reviewGlass, timesSince, type GlassEntry } from './store.ts';

/** Until help has come, or care has been arranged in another way. */
export const openMs = 60 * 60_000;
const month = 30 * 86_400_000;

export const sourceOf = (id: string): string => `BreakGlass/${id}`;

export const openedView = ({ id, patient, starts, ends }: GlassEntry): OpenedGlass => ({
  id,
  patient,
  starts: new Date(starts).toISOString(),
  ends: new Date(ends).toISOString(),
});

/** What the trail keeps of a deed: the break-glass by its id, the patient by hers, and that it was an emergency. */
const event = (caller: Caller, action: string, entry: GlassEntry): AuditEntry => ({
  tenant: caller.tenant,
  at: caller.at,
  requestId: caller.requestId,
  who: caller.id,
  role: caller.role,
  ip: caller.ip,
  ...(caller.device && { device: caller.device }),
  verb: 'E',
  action,
  type: 'BreakGlass',
  rid: entry.id,
  patients: [entry.patient],
  purpose: 'ETREAT',
  outcome: 0,
});

/**
 * For an hour, with everything her role may see; asked again meanwhile, it is the same one. `recorded`: the trail has it.
 *
 * No second proof is asked for: seconds matter, and the second factor was shown at sign-in.
 * @throws Refusal `not-found` when there is no such patient
 */
export async function openGlass(
  deps: SharingDeps,
  caller: Caller,
  { patient, reason, text }: OpenGlass,
): Promise<{ opened: OpenedGlass; recorded: boolean }> {
  const { access, clock, keys, records } = deps;
  const { tenant, id: account, role } = caller;
  const now = caller.at;
  const house = systemCaller(tenant, clock, 'break-glass');
  const known = await records.read<Patient>(house, 'Patient', patient);
  const entry: GlassEntry = {
    id: randomUUID(),
    patient: known.rid,
    account,
    role,
    reason: reason satisfies EmergencyReason,
    starts: now,
    ends: now + openMs,
    ended: null,
    decision: null,
  };
  const [staff] = await access.accounts.names(tenant, [account]);
  const hers = await access.accounts.byFhirUser(tenant, { type: 'Patient', id: known.rid });
  const live = await records.write(house, async (tx) => {
    // Two at once, from two tabs or by an impatient finger, are one: the second finds what the first opened.
    await tx.sql.query('select pg_advisory_xact_lock(4197111, hashtext($1))', [
      `${tenant}|${account}|${entry.patient}`,
    ]);
    const there = await liveOf(tx.sql, tenant, { account, patient: entry.patient, now });
    if (there) return there;
    await addGlass(tx.sql, keys, tenant, entry, text);
    await tx.grants.give([
      {
        // Her account: nothing else names a paramedic.
        principal: account,
        patient: entry.patient,
        class: 'chart',
        purpose: 'ETREAT',
        source: sourceOf(entry.id),
        starts: entry.starts,
        ends: entry.ends,
      },
    ]);
    await access.audit.within(tx.sql, event(caller, 'break-glass', entry));
    const times = await timesSince(tx.sql, tenant, account, now - month);
    const about = { id: entry.id, name: staff?.personal.name ?? '', role, at: now };
    await access.notices.tell(
      { tenant, to: { role: 'auditor' }, kind: 'break-glass', about: { ...about, times } },
      tx.sql,
    );
    if (hers)
      await access.notices.tell(
        { tenant, to: { account: hers.id }, kind: 'break-glass', about },
        tx.sql,
      );
    return undefined;
  });
  return { opened: openedView(live ?? entry), recorded: !live };
}

/**
 * Ends it before its hour: the one who opened it, or an auditor.
 * @throws Refusal `not-found` when it is another's, or over
 */
export async function closeGlass(deps: SharingDeps, caller: Caller, id: string): Promise<void> {
  const { access, clock, records } = deps;
  const own = caller.role !== 'auditor';
  const house = systemCaller(caller.tenant, clock, 'break-glass');
  await records.write(house, async (tx) => {
    const entry = await endGlass(tx.sql, caller.tenant, id, { by: caller.id, now: caller.at, own });
    if (!entry) throw new Refusal('not-found');
    await tx.grants.withdraw(sourceOf(id));
    await access.audit.within(tx.sql, event(caller, 'break-glass-end', entry));
  });
}

/**
 * The privacy officer's word on why it was opened. Questioned, the clinician is told to explain.
 * @throws Refusal `not-found`
 */
export async function judgeGlass(
  deps: SharingDeps,
  caller: Caller,
  id: string,
  { decision, text }: { decision: 'accepted' | 'questioned'; text?: string },
): Promise<void> {
  const { access, db, keys } = deps;
  const { tenant } = caller;
  await db.tx(async (sql) => {
    const entry = await reviewGlass(sql, keys, tenant, id, {
      by: caller.id,
      now: caller.at,
      decision,
      text,
    });
    if (!entry) throw new Refusal('not-found');
    await access.audit.within(sql, {
      ...event(caller, `break-glass-${decision}`, entry),
      purpose: caller.purpose,
    });
    if (decision === 'questioned')
      await access.notices.tell(
        {
          tenant,
          to: { account: entry.account },
          kind: 'break-glass',
          about: { id, questioned: 1, at: entry.starts },
        },
        sql,
      );
  });
}
