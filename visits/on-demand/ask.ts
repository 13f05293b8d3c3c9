/** Asks to be seen now: a visit with whoever is free, made at once, or a reason why not. */
import { actsFor, type Caller } from '@afar/access';
import type { Appointment } from '@afar/fhir';
import type { OnDemandRequest } from '../contract-on-demand.ts';
import { iso, tell, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { bookedPlace, keepPlace, placeFaults } from '../licensing/place.ts';
import { bookedFor } from '../scheduling/book-request.ts';
import { authorOf, requireChart } from '../scheduling/book.ts';
import { fault, isUuid, refuseFaults, visitModes } from '../scheduling/rule.ts';
import { addVisit, changeVisit } from '../visit-row.ts';
import { modeCoding } from '../vocabulary.ts';
import { cannotNow, serviceOf, unTaken, type Service } from './service.ts';
import { requireSomebody } from './somebody.ts';

/** @throws Refusal 'invalid' (422) with every fault */
export function readOnDemand(body: unknown): OnDemandRequest {
  const { type, reason, patient, place } = (body ?? {}) as Record<string, unknown>;
  const words = typeof reason === 'string' ? reason.trim() : '';
  refuseFaults([
    ...(visitModes.includes(type as never) ? [] : [fault('type', visitModes.join(', '))]),
    ...(words.length >= 1 && words.length <= 500 ? [] : [fault('reason', '1 to 500 characters')]),
    ...(patient === undefined || isUuid(patient) ? [] : [fault('patient', 'a Patient id')]),
    ...placeFaults(place),
  ]);
  return {
    type: type as OnDemandRequest['type'],
    reason: words,
    ...(patient !== undefined && { patient: patient as string }),
    ...(place !== undefined && { place: place as string }),
  };
}

function appointmentOf(
  { rid, settings }: Service,
  { type, reason }: OnDemandRequest,
  patient: string,
  now: number,
): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'booked',
    serviceType: [{ text: 'Be seen now' }],
    appointmentType: {
      coding: [
        modeCoding(type),
        { system: 'http://terminology.hl7.org/CodeSystem/v2-0276', code: 'WALKIN' },
      ],
    },
    reasonCode: [{ text: reason }],
    start: iso(now),
    end: iso(now + settings.minutes * 60_000),
    minutesDuration: settings.minutes,
    created: iso(now),
    participant: [
      { actor: { reference: `Patient/${patient}` }, required: 'required', status: 'accepted' },
      {
        actor: { reference: `HealthcareService/${rid}` },
        required: 'required',
        status: 'accepted',
      },
    ],
  };
}

/**
 * @returns the visit's id
 * @throws Refusal 'conflict' (409) says what stands in the way, 'licence-required' (403), 'invalid' (422)
 */
export async function askNow(
  house: House,
  caller: Caller,
  ask: OnDemandRequest,
  deed: Deed,
): Promise<{ id: string }> {
  const { tenant } = caller;
  const now = house.clock.now();
  const patient = bookedFor(caller, ask.patient);
  await requireChart(house, caller, patient);
  // Whoever takes her is let into her chart: staff ask for nobody whose chart is closed to them.
  if (caller.role !== 'patient') await house.records.read(caller, 'Patient', patient);
  const service = await serviceOf(house.db, tenant);
  if (!service?.settings.open) throw cannotNow('nobody can be seen without an appointment now');
  const { settings, rid: pool } = service;
  if (!settings.modes.includes(ask.type)) refuseFaults([fault('type', settings.modes.join(', '))]);
  const place = await bookedPlace(house, caller, patient, ask.place);
  await requireSomebody(house, tenant, place);
  const own = caller.role === 'patient' && actsFor(caller, patient);
  const made = await house.records.write(authorOf(house, caller, 'on-demand'), async (tx) => {
    // One at a time: the last place is not given twice, and nobody waits in two places.
    await tx.sql.query('select pg_advisory_xact_lock(4197104, $1)', [tenant]);
    const { rowCount } = await tx.sql.query({
      name: 'visits.waits-already',
      text: `select from visits.visit where tenant = $1 and patient = $2 and pool is not null
        and state in ('booked', 'waiting', 'admitted', 'in-progress') and ends > $3 limit 1`,
      values: [tenant, patient, now - 4 * 3_600_000],
    });
    if (rowCount) throw cannotNow('a visit without an appointment is under way already');
    if ((await unTaken(tx.sql, tenant, pool)).asked >= settings.mostWaiting)
      throw cannotNow('too many are waiting: nobody more can be let in now');
    const { rid } = await tx.create<Appointment>(appointmentOf(service, ask, patient, now));
    await addVisit(tx.sql, {
      tenant,
      rid,
      patient,
      clinician: pool,
      mode: ask.type,
      state: 'booked',
      starts: now,
      ends: now + settings.minutes * 60_000,
      booked_by: own ? caller.id : null,
    });
    await changeVisit(tx.sql, { tenant, rid }, { pool });
    if (place !== undefined) await keepPlace(tx, { tenant, rid, patient }, place, now);
    await keepAnswer(tx, deed, patient, { id: rid }, now);
    return { id: rid };
  });
  tell(house, 'changed', { tenant, visit: made.id, clinician: pool });
  return made;
}
