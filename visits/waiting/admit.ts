/** The clinician lets a patient in: the Encounter begins, the seats are set, tickets can be had from now on. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, Encounter, QuestionnaireResponse } from '@afar/fhir';
import { openEncounter } from '../closing/encounter.ts';
import type { Admitted } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { requireLicensed } from '../licensing/licensed.ts';
import { setSeats } from '../room/seats.ts';
import { appointmentStatus, encounterStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { revoke } from '../room/revoke.ts';

/** Safe to repeat: the second call answers like the first. @throws Refusal 'conflict' when nobody waits, 'licence-required' */
export async function admit(house: House, caller: Caller, visit: VisitRow): Promise<Admitted> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  const now = house.clock.now();
  const row = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    const next = row && step(row.state, 'admit');
    if (!row || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    if (row.state === next && row.encounter) return row;
    const appointment = (await tx.read<Appointment>('Appointment', rid)).resource;
    let { encounter } = row;
    if (encounter) {
      const before = (await tx.read<Encounter>('Encounter', encounter)).resource;
      await tx.update<Encounter>({ ...before, status: encounterStatus.admitted });
    } else {
      const intake = row.intake
        ? (await tx.read<QuestionnaireResponse>('QuestionnaireResponse', row.intake)).resource
        : undefined;
      encounter = (await tx.create(openEncounter(row, appointment, intake, now))).rid;
    }
    await tx.update<Appointment>({ ...appointment, status: appointmentStatus[next] });
    await setSeats(tx.sql, row);
    const change = { state: next, encounter, admitted_at: row.admitted_at ?? now };
    await changeVisit(tx.sql, row, change);
    return { ...row, ...change };
  });
  await house.media.two.open({ tenant, visit: rid }, { maxPeers: 2, record: false });
  tell(house, 'changed', { tenant, visit: rid, clinician: row.clinician });
  return { visit: rid, encounter: row.encounter!, admittedAt: iso(row.admitted_at!) };
}

/** Back to the waiting room: media ends on both sides, the Encounter is on leave, the place in the queue is as before. */
export async function sendBack(house: House, caller: Caller, visit: VisitRow): Promise<VisitRow> {
  const { tenant, rid } = visit;
  const row = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    const next = row && step(row.state, 'return');
    if (!row || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const encounter = (await tx.read<Encounter>('Encounter', row.encounter!)).resource;
    await tx.update<Encounter>({ ...encounter, status: encounterStatus.waiting });
    await changeVisit(tx.sql, row, { state: next });
    return { ...row, state: next };
  });
  await revoke(house, { tenant, visit: rid, reason: 'returned' });
  tell(house, 'changed', { tenant, visit: rid, clinician: row.clinician });
  return row;
}
