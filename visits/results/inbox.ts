/** A clinician's inbox: what waits for her answer, the most urgent first; read as her, so that a closed chart is not shown. */
import type { Caller } from '@afar/access';
import type { DiagnosticReport, Observation, ServiceRequest } from '@afar/fhir';
import type { OverdueOrder, ResultItem, ResultsCount, ResultsInbox } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { orderView } from '../orders/resource.ts';
import { clinicianBrief, patientBrief, readIfSeen } from '../people.ts';
import { isPreliminary, type ResultResource } from './content.ts';
import { lastWords, valuesOf } from './gather.ts';
import { levels } from './level.ts';
import { resultColumns, type AwaitedRow, type ResultRow } from './rows.ts';
import { patience, settingsOf } from './settings.ts';
import { words, withHistory } from './values.ts';
import type { ResultSettings } from '../contract.ts';

/** Shown at once: more is not worked through in a sitting. */
const most = 100;
/** Rows looked at: of hers, and of others' that went on, for those whose chart is open to her. */
const mostLooked = 400;
/** 3 days after it was due an order shows to the whole care team. */
const teamAfterMs = 3 * 86_400_000;

/**
 * Rows a practitioner answers for: hers, those passed to her, those of whom she covers, and what went on to the care team. Hers of
 * another assignee stays hers to see until it is answered.
 */
const byName = `(r.clinician = $2 or r.assignee = $2
  or coalesce(r.assignee, r.clinician) in (select a.clinician from visits.away a
    where a.tenant = $1 and a.cover = $2 and a.starts <= $3 and a.ends > $3))`;
const hers = `(${byName} or r.rung >= 1)`;

/** Hers by name are looked at whatever else waits in this clinic: others' charts may be closed to her, and heap up for years. */
async function rowsFor(house: House, caller: Caller): Promise<ResultRow[]> {
  const some = (which: string): string => `(select ${resultColumns} from visits.result r
    where r.tenant = $1 and r.state = 'waiting' and ${which} order by r.level, r.arrived, r.id limit ${mostLooked})`;
  const { rows } = await house.db.query<ResultRow>({
    name: 'visits.inbox',
    text: `select * from (${some(byName)} union all ${some(`r.rung >= 1 and ${byName} is not true`)}) r
      order by r.level, r.arrived, r.id`,
    values: [caller.tenant, caller.fhirUser?.id, house.clock.now()],
  });
  return rows;
}

/** Whether this caller answers for a row now. */
export async function answersFor(house: House, caller: Caller, row: ResultRow): Promise<boolean> {
  const { rowCount } = await house.db.query({
    name: 'visits.answers-for',
    text: `select from visits.result r where r.tenant = $1 and r.id = $4 and ${hers}`,
    values: [caller.tenant, caller.fhirUser?.id, house.clock.now(), row.id],
  });
  return rowCount > 0;
}

interface Seen {
  resource: ResultResource;
  values: Observation[];
}

/** What this caller may see of it; of what was deleted, its last words: she holds the chart still. */
export async function seenBy(
  house: House,
  caller: Caller,
  row: Pick<ResultRow, 'type' | 'rid' | 'patient' | 'standing'>,
): Promise<Seen | undefined> {
  const there = await readIfSeen<ResultResource>(house, caller, row.type, row.rid);
  if (!there && row.standing !== 'retracted') return undefined;
  if (!there && !(await readIfSeen(house, caller, 'Patient', row.patient))) return undefined;
  const resource = there ?? (await deletedWords(house, caller, row));
  if (!resource) return undefined;
  if (resource.resourceType === 'Observation') return { resource, values: [resource] };
  return { resource, values: await valuesOf(house, caller, resource as DiagnosticReport) };
}

async function deletedWords(house: House, caller: Caller, row: Pick<ResultRow, 'type' | 'rid'>) {
  const last = await lastWords<ResultResource>(house, caller, row.type, row.rid);
  return last?.resource;
}

async function orderOf(house: House, caller: Caller, row: ResultRow): Promise<ResultItem['order']> {
  if (!row.ordered) return undefined;
  const request = await readIfSeen<ServiceRequest>(house, caller, 'ServiceRequest', row.ordered);
  if (!request) return undefined;
  const { rows } = await house.db.query<{ visit: string }>({
    name: 'visits.visit-of-order',
    text: 'select visit from visits.placed_order where tenant = $1 and rid = $2',
    values: [row.tenant, row.ordered],
  });
  const { text, orderedAt } = orderView(request);
  return { id: row.ordered, text, orderedAt, ...(rows[0] && { visit: rows[0].visit }) };
}

async function itemOf(
  house: House,
  caller: Caller,
  row: ResultRow,
  settings: ResultSettings,
): Promise<ResultItem | undefined> {
  const [seen, patient] = await Promise.all([
    seenBy(house, caller, row),
    patientBrief(house, caller, row.patient),
  ]);
  if (!seen || !patient) return undefined;
  const { resource, values } = seen;
  const [order, history, responsible] = await Promise.all([
    orderOf(house, caller, row),
    withHistory(house, caller, row.patient, values),
    row.clinician ? clinicianBrief(house, caller, row.clinician) : undefined,
  ]);
  const self = caller.fhirUser?.id;
  const level = levels[row.level]!;
  const owner = row.assignee ?? row.clinician;
  const conclusion = resource.resourceType === 'DiagnosticReport' ? resource.conclusion : undefined;
  return {
    id: row.id,
    revision: row.revision,
    reference: `${row.type}/${row.rid}`,
    patient,
    title: words(resource.code),
    level,
    standing: row.standing,
    preliminary: isPreliminary(resource),
    ...(conclusion && { conclusion }),
    values: history,
    since: iso(row.arrived),
    ...(row.rung === 0 && { dueBy: iso(row.arrived + patience(settings, level)) }),
    why:
      owner === self || row.clinician === self ? 'yours' : row.rung >= 1 ? 'escalated' : 'covered',
    ...(responsible && { responsible: { id: responsible.id, name: responsible.name } }),
    ...(order && { order }),
  };
}

async function overdueOf(house: House, caller: Caller): Promise<OverdueOrder[]> {
  const now = house.clock.now();
  const { rows } = await house.db.query<AwaitedRow & { visit: string | null }>({
    name: 'visits.overdue-orders',
    text: `select w.tenant, w.rid, w.patient, w.clinician, w.placed, w.due, w.state, w.version, p.visit
      from visits.awaited w left join visits.placed_order p on p.tenant = w.tenant and p.rid = w.rid
      where w.tenant = $1 and w.state = 'open' and w.due <= $3
        and (w.clinician = $2 or w.clinician is null or w.due <= $4
          or w.clinician in (select a.clinician from visits.away a
            where a.tenant = $1 and a.cover = $2 and a.starts <= $3 and a.ends > $3))
      order by w.due, w.rid limit ${most}`,
    values: [caller.tenant, caller.fhirUser?.id, now, now - teamAfterMs],
  });
  const found = await Promise.all(
    rows.map(async (row): Promise<OverdueOrder[]> => {
      const [request, patient] = await Promise.all([
        readIfSeen<ServiceRequest>(house, caller, 'ServiceRequest', row.rid),
        patientBrief(house, caller, row.patient),
      ]);
      if (!request || !patient) return [];
      const { text, kind, orderedAt } = orderView(request);
      const due = iso(row.due);
      return [
        {
          id: row.rid,
          patient,
          text,
          kind,
          orderedAt,
          due,
          ...(row.visit && { visit: row.visit }),
        },
      ];
    }),
  );
  return found.flat();
}

/** @returns also whose data it holds, for the trail */
export async function inboxOf(
  house: House,
  caller: Caller,
): Promise<{ inbox: ResultsInbox; patients: string[] }> {
  const [rows, settings] = await Promise.all([
    rowsFor(house, caller),
    settingsOf(house.db, caller.tenant),
  ]);
  const results: ResultItem[] = [];
  // 20 at a time: each reads a handful of resources.
  for (let at = 0; at < rows.length && results.length < most; at += 20) {
    const some = rows.slice(at, at + 20);
    const items = await Promise.all(some.map((row) => itemOf(house, caller, row, settings)));
    results.push(...items.filter((one) => one !== undefined));
  }
  const overdue = await overdueOf(house, caller);
  const patients = [...results, ...overdue].map((one) => one.patient.id);
  const more = rows.length >= mostLooked || results.length > most;
  return {
    inbox: { asOf: iso(house.clock.now()), results: results.slice(0, most), overdue, more },
    patients: [...new Set(patients)],
  };
}

/** Of rows that are hers by name: a number beside a word in the navigation reads no chart. */
export async function countFor(house: House, caller: Caller): Promise<ResultsCount> {
  const { rows } = await house.db.query<ResultsCount>({
    name: 'visits.inbox-count',
    text: `select count(*)::int as waiting, count(*) filter (where r.level <= 1)::int as urgent
      from visits.result r where r.tenant = $1 and r.state = 'waiting'
        and (coalesce(r.assignee, r.clinician) = $2 or coalesce(r.assignee, r.clinician) in (select a.clinician
          from visits.away a where a.tenant = $1 and a.cover = $2 and a.starts <= $3 and a.ends > $3))`,
    values: [caller.tenant, caller.fhirUser?.id, house.clock.now()],
  });
  return rows[0]!;
}
