/** Joining the waitlist, leaving it, looking at it. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { Temporal } from 'temporal-polyfill';
import type { VisitMode, WaitlistEntry, WaitlistRequest } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { bookedPlace, placeFaults } from '../licensing/place.ts';
import { clinicianBrief, patientBrief } from '../people.ts';
import { authorOf, requireChart } from '../scheduling/book.ts';
import { bookedFor } from '../scheduling/book-request.ts';
import { fault, isDate, isUuid, refuseFaults, visitModes } from '../scheduling/rule.ts';
import { scheduleOf } from '../scheduling/schedules.ts';
import { freeTime } from '../scheduling/take-time.ts';
import { findVisit } from '../visit-row.ts';
import { timeFreed } from './freed.ts';
import { entryOf, offersOf, saidOf, settleOffer, waitlistContext, type EntryRow } from './rows.ts';

const time = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const mostDays = 180;
/** More wishes than one person has. */
const mostEntries = 5;
const usualNotice = 60;

const isTimes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 10 &&
  value.every((one: unknown) => {
    const { start, end } = (one ?? {}) as Record<string, unknown>;
    const isEnd = typeof end === 'string' && (time.test(end) || end === '24:00');
    return typeof start === 'string' && time.test(start) && isEnd && start < end;
  });

const isList = (value: unknown, most: number, is: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(is);

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readJoin(body: unknown): WaitlistRequest {
  const asked = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { clinicians, type, reason, patient, from, to, days, times, noticeMinutes, urgent } = asked;
  const words = typeof reason === 'string' ? reason.trim() : '';
  const length =
    isDate(from) && isDate(to)
      ? Temporal.PlainDate.from(from).until(to, { largestUnit: 'days' }).days
      : Number.NaN;
  const optional = (name: string, is: boolean, what: string) =>
    asked[name] === undefined || is ? [] : [fault(name, what)];
  refuseFaults([
    ...(isList(clinicians, 10, isUuid) ? [] : [fault('clinicians', '1 to 10 Practitioner ids')]),
    ...(visitModes.includes(type as VisitMode) ? [] : [fault('type', visitModes.join(', '))]),
    ...(words && words.length <= 500 ? [] : [fault('reason', '1 to 500 characters')]),
    ...optional('patient', isUuid(patient), 'a Patient id'),
    ...(isDate(from) ? [] : [fault('from', 'YYYY-MM-DD')]),
    ...(length >= 0 && length <= mostDays
      ? []
      : [fault('to', `YYYY-MM-DD, at most ${mostDays} days after from`)]),
    ...optional(
      'days',
      isList(days, 7, (one) => Number.isInteger(one) && Number(one) >= 1 && Number(one) <= 7),
      '1 (Monday) to 7 (Sunday)',
    ),
    ...optional('times', isTimes(times), 'spans of HH:MM'),
    ...optional(
      'noticeMinutes',
      Number.isInteger(noticeMinutes) &&
        Number(noticeMinutes) >= 0 &&
        Number(noticeMinutes) <= 10_080,
      'a whole number from 0 to 10080',
    ),
    ...optional('urgent', typeof urgent === 'boolean', 'true or false'),
    ...optional('instead', isUuid(asked.instead), 'an Appointment id'),
    ...placeFaults(asked.place),
  ]);
  return { ...(asked as unknown as WaitlistRequest), reason: words };
}

/** She gives up an appointment of her own, not another's. @throws Refusal 'invalid' (422) */
async function requireOwnVisit(house: House, tenant: number, patient: string, id: string) {
  const row = await findVisit(house.db, tenant, id);
  if (row?.patient !== patient || !['requested', 'booked'].includes(row.state))
    refuseFaults([fault('instead', 'an appointment of hers that is to come')]);
}

/**
 * Joins. What is free already is offered at once.
 * @returns the entry's id
 * @throws Refusal 'invalid' (422), 'conflict' (409) for more wishes than one person has
 */
export async function join(
  house: House,
  caller: Caller,
  ask: WaitlistRequest,
  deed: Deed,
): Promise<{ id: string }> {
  const { tenant } = caller;
  const now = house.clock.now();
  const patient = bookedFor(caller, ask.patient);
  await requireChart(house, caller, patient);
  if (caller.role !== 'patient') await house.records.read(caller, 'Patient', patient);
  const clinicians = [...new Set(ask.clinicians)];
  const known = await Promise.all(clinicians.map((one) => scheduleOf(house.db, tenant, one)));
  refuseFaults(
    known.flatMap((one, at) =>
      one?.rule.active ? [] : [fault(`clinicians[${at}]`, 'cannot be booked')],
    ),
  );
  if (ask.instead) await requireOwnVisit(house, tenant, patient, ask.instead);
  const place = await bookedPlace(house, caller, patient, ask.place);
  const id = randomUUID();
  return house.records.write(authorOf(house, caller, 'waitlist'), async (tx) => {
    const said = JSON.stringify({ reason: ask.reason, ...(place !== undefined && { place }) });
    const body = await tx.sealFor(patient, waitlistContext(id), said);
    // Of two at once only one finds room for the last wish.
    await tx.sql.query('select pg_advisory_xact_lock(4197106, hashtext($1))', [
      `${tenant}|${patient}`,
    ]);
    const { rowCount } = await tx.sql.query({
      name: 'visits.waitlist-join',
      text: `insert into visits.waitlist (tenant, id, patient, account, clinicians, mode, first, last, days, times,
          notice_minutes, urgent, instead, state, made, body)
        select $1, $2, $3, $4, $5::uuid[], $6, $7::date, $8::date, $9::smallint[], $10::jsonb, $11, $12, $13, 'waiting', $14, $15
        where (select count(*) from visits.waitlist where tenant = $1 and patient = $3 and state = 'waiting') < $16`,
      values: [
        tenant,
        id,
        patient,
        caller.id,
        clinicians,
        ask.type,
        ask.from,
        ask.to,
        ask.days ?? null,
        ask.times ? JSON.stringify(ask.times) : null,
        ask.noticeMinutes ?? usualNotice,
        ask.urgent ?? false,
        ask.instead ?? null,
        now,
        body,
        mostEntries,
      ],
    });
    if (!rowCount) throw new Refusal('conflict', { diagnostics: `at most ${mostEntries} wishes` });
    await keepAnswer(tx, deed, patient, { id }, now);
    for (const clinician of clinicians) await timeFreed(house, tx.sql, { tenant, clinician });
    return { id };
  });
}

/** Leaves; an offer that is open goes to the next in turn. Again: nothing. */
export async function leave(house: House, { tenant, id }: EntryRow): Promise<void> {
  await house.db.tx(async (sql) => {
    // Offers first: the order in which they are answered.
    const open = (await offersOf(sql, tenant, id, true)).find((one) => one.state === 'open');
    const entry = await entryOf(sql, tenant, id, true);
    if (entry?.state !== 'waiting') return;
    await sql.query({
      name: 'visits.waitlist-leave',
      text: `update visits.waitlist set state = 'left' where tenant = $1 and id = $2`,
      values: [tenant, id],
    });
    if (!open) return;
    await settleOffer(sql, tenant, open.id, 'declined');
    await freeTime(sql, tenant, open.id);
    await timeFreed(house, sql, { tenant, clinician: open.clinician });
  });
}

export async function entryView(
  house: House,
  caller: Caller,
  row: EntryRow,
): Promise<WaitlistEntry> {
  const now = house.clock.now();
  const open = (await offersOf(house.db, row.tenant, row.id)).find(
    (one) => one.state === 'open' && one.expires > now,
  );
  const [said, clinicians, patient, schedule] = await Promise.all([
    saidOf(house, row),
    Promise.all(row.clinicians.map((one) => clinicianBrief(house, caller, one))),
    caller.role === 'patient' ? undefined : patientBrief(house, caller, row.patient),
    open && scheduleOf(house.db, row.tenant, open.clinician),
  ]);
  return {
    id: row.id,
    state: open ? 'offered' : row.state,
    since: iso(row.made),
    clinicians,
    type: row.mode,
    reason: said.reason,
    from: row.first,
    to: row.last,
    ...(row.days && { days: row.days }),
    ...(row.times && { times: row.times }),
    noticeMinutes: row.notice_minutes,
    urgent: row.urgent,
    ...(row.instead && { instead: row.instead }),
    ...(patient && { patient }),
    ...(open && {
      offer: {
        id: open.id,
        clinician: await clinicianBrief(house, caller, open.clinician),
        start: iso(open.starts),
        end: iso(open.ends),
        zone: schedule?.rule.zone ?? 'UTC',
        expires: iso(open.expires),
      },
    }),
    ...(row.appointment && { appointment: row.appointment }),
  };
}
