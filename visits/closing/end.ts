/** Ends a visit: Encounter finished with length, billing code and quality, Appointment fulfilled, media over. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, Encounter } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { EndRequest, Ended, QualitySample } from '../contract.ts';
import { iso, tell, type House } from '../house.ts';
import { keepQuality } from '../quality/keep.ts';
import { revoke } from '../room/revoke.ts';
import { fault, refuseFaults, visitModes } from '../scheduling/rule.ts';
import { freeTime } from '../scheduling/take-time.ts';
import { appointmentStatus, step } from '../state.ts';
import { changeVisit, lockVisit, type VisitRow } from '../visit-row.ts';
import { billingSystem, visitModeSystem } from '../vocabulary.ts';
import { billingCodeFor, billingCoding } from './billing.ts';
import { closeEncounter } from './encounter.ts';
import { addSamples, noSums, summarise, type QualitySums } from './quality.ts';

const heldModes: readonly string[] = [...visitModes, 'phone'];

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readEnd(body: unknown): EndRequest {
  const { mode, billingCode } = (body ?? {}) as Record<string, unknown>;
  refuseFaults([
    ...(mode === undefined || heldModes.includes(mode as string)
      ? []
      : [fault('mode', heldModes.join(', '))]),
    ...(billingCode === undefined || billingCoding(String(billingCode))
      ? []
      : [fault('billingCode', 'one of the billing codes')]),
  ]);
  return { mode, billingCode } as EndRequest;
}

/** Started minutes count: a visit of 30 seconds has one. */
export function minutesOf(from: number, to: number): number {
  return Math.max(1, Math.ceil((to - from) / 60_000));
}

async function sumsOf(sql: Queryable, { tenant, rid }: VisitRow): Promise<QualitySums[]> {
  const { rows } = await sql.query<{ sums: QualitySums }>({
    name: 'visits.quality',
    text: 'select sums from visits.quality where tenant = $1 and visit = $2',
    values: [tenant, rid],
  });
  return rows.map((row) => row.sums);
}

/** Adds samples of one end. Late ones, after the end, are kept too; the Encounter says what was known when it closed. */
export async function addQuality(
  house: House,
  caller: Caller,
  { tenant, rid }: VisitRow,
  samples: readonly QualitySample[],
): Promise<void> {
  await house.db.tx(async (tx) => {
    const at = [tenant, rid, caller.id] as const;
    await tx.query({
      name: 'visits.quality-row',
      text: `insert into visits.quality (tenant, visit, account, sums, updated) values ($1, $2, $3, $4, $5) on conflict do nothing`,
      values: [...at, JSON.stringify(noSums), house.clock.now()],
    });
    const { rows } = await tx.query<{ sums: QualitySums }>({
      name: 'visits.lock-quality',
      text: 'select sums from visits.quality where tenant = $1 and visit = $2 and account = $3 for update',
      values: [...at],
    });
    const sums = addSamples(rows[0]!.sums, samples);
    await tx.query({
      name: 'visits.set-quality',
      text: 'update visits.quality set sums = $4, updated = $5 where tenant = $1 and visit = $2 and account = $3',
      values: [...at, JSON.stringify(sums), house.clock.now()],
    });
  });
}

function codeIn(encounter: Encounter, system: string): string | undefined {
  return encounter.type?.flatMap((one) => one.coding ?? []).find((one) => one.system === system)
    ?.code;
}

function endedView(row: VisitRow, encounter: Encounter, quality: Ended['quality']): Ended {
  const start = encounter.period?.start ?? iso(row.admitted_at!);
  const end = encounter.period?.end ?? iso(row.ended_at!);
  return {
    visit: row.rid,
    encounter: row.encounter!,
    start,
    end,
    minutes: encounter.length?.value ?? minutesOf(Date.parse(start), Date.parse(end)),
    billingCode: codeIn(encounter, billingSystem) ?? '',
    quality,
  };
}

/** Safe to repeat: the second call answers like the first. @throws Refusal 'conflict' before admission */
export async function endVisit(
  house: House,
  caller: Caller,
  visit: VisitRow,
  ask: EndRequest,
): Promise<Ended> {
  const { tenant, rid } = visit;
  const now = house.clock.now();
  const { ended, repeated } = await house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    const next = row && step(row.state, 'end');
    if (!row?.encounter || !next) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const encounter = (await tx.read<Encounter>('Encounter', row.encounter)).resource;
    const quality = summarise(await sumsOf(tx.sql, row));
    if (row.state === next) return { ended: endedView(row, encounter, quality), repeated: true };
    const minutes = minutesOf(row.admitted_at!, now);
    const mode = ask.mode ?? codeIn(encounter, visitModeSystem) ?? row.mode;
    const billingCode = ask.billingCode ?? billingCodeFor(mode, minutes);
    const closed = closeEncounter(encounter, { at: now, minutes, mode, billingCode, quality });
    await tx.update<Encounter>(closed);
    await keepQuality(tx.sql, row, mode, quality, now);
    const { resource } = await tx.read<Appointment>('Appointment', rid);
    await tx.update<Appointment>({ ...resource, status: appointmentStatus[next] });
    const change = { state: next, ended_at: now };
    await changeVisit(tx.sql, row, change);
    // What is left of the booked time is free again.
    await freeTime(tx.sql, tenant, rid);
    return { ended: endedView({ ...row, ...change }, closed, quality), repeated: false };
  });
  if (!repeated) {
    await revoke(house, { tenant, visit: rid, reason: 'ended' });
    tell(house, 'changed', { tenant, visit: rid, clinician: visit.clinician });
  }
  return ended;
}
