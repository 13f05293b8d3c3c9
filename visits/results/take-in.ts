/**
 * Takes a result into the inbox, or brings it back: safe to repeat, from any process, in any order. Row, notice and what is kept from
 * the patient commit together.
 */
import type { KeyObject } from 'node:crypto';
import { systemCaller } from '@afar/access';
import type { DiagnosticReport, Observation } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import type { House } from '../house.ts';
import { isUuid } from '../scheduling/rule.ts';
import { idIn, isPreliminary, isRetracted, saidBy } from './content.ts';
import { belongsInInbox, gather, lastWords, reportsWith, type Found } from './gather.ts';
import { levelOf, levelOfReport, levels } from './level.ts';
import { responsibleFor } from './responsible.ts';
import {
  addResult,
  changeResult,
  criticalsWaiting,
  lockResult,
  markAnswered,
  type ResultRow,
} from './rows.ts';
import { settingsOf, visibleFrom } from './settings.ts';
import { tellUrgent } from './tell.ts';

/** Later than any instant that is looked at [9999-12-31]. */
export const forever = 253_402_214_400_000;
/** A result nobody could read goes round for as long. */
const rounds = 3;

export const sourceOf = ({ type, rid }: Pick<ResultRow, 'type' | 'rid'>): string =>
  `Result/${type}/${rid}`;

/** Everything of a result that the patient is to see later: the report and its values. */
function rowsOf({ resource, values }: Found): { type: string; rid: string }[] {
  const ids = values.flatMap((one) => (isUuid(one.id) ? [one.id] : []));
  return [
    { type: resource.resourceType, rid: resource.id! },
    ...ids.map((rid) => ({ type: 'Observation', rid })),
  ];
}

/** What a result says, and every key by which it may have been told before. */
interface Words {
  said: Buffer;
  keys: readonly KeyObject[];
}

/** A DiagnosticReport or an Observation. */
export interface Key {
  tenant: number;
  type: ResultRow['type'];
  rid: string;
}

async function clinicianFor(house: House, tenant: number, found: Found): Promise<string | null> {
  const caller = systemCaller(tenant, house.clock, 'results');
  if (found.order?.clinician) return found.order.clinician;
  return (await responsibleFor(house, caller, found.resource, found.patient)) ?? null;
}

async function first(house: House, tx: RecordTx, key: Key, found: Found, words: Words) {
  const now = house.clock.now();
  const settings = await settingsOf(tx.sql, key.tenant);
  const clinician = await clinicianFor(house, key.tenant, found);
  const inherited = await toldOfValues(tx, { ...key, clinician }, found, words);
  const row = {
    ...key,
    patient: found.patient,
    clinician,
    ordered: found.order?.rid ?? null,
    part_of: null,
    version: found.version,
    said: words.said,
    level: levels.indexOf(found.level),
    standing: 'new',
    state: 'waiting',
    preliminary: isPreliminary(found.resource),
    ...(inherited ?? { arrived: now, rung: 0, reason: null }),
    next_look: now,
    visible_from: visibleFrom(settings, now, forever),
    checked: now,
  } as const;
  if (!(await addResult(tx.sql, row))) return;
  if (row.visible_from > now)
    await tx.grants.withhold({
      patient: found.patient,
      source: sourceOf(key),
      rows: rowsOf(found),
      until: row.visible_from,
    });
  if (found.level === 'critical' && !inherited)
    await tellUrgent(house, tx.sql, { ...row, assignee: null });
}

/**
 * A laboratory may send a critical value before the report that it is in: one alarm for both, to the same person, when the value says now what
 * she was told of. The report waits from when the first of them came, and whoever had it from silence has the report.
 * @returns undefined: she is to be told
 */
async function toldOfValues(
  tx: RecordTx,
  { tenant, clinician }: Pick<ResultRow, 'tenant' | 'clinician'>,
  { resource, values }: Found,
  { keys }: Words,
): Promise<Pick<ResultRow, 'arrived' | 'rung' | 'reason'> | undefined> {
  if (resource.resourceType !== 'DiagnosticReport' || levelOfReport(resource, []) === 'critical')
    return undefined;
  const criticals = values.filter((one) => levelOf(one) === 'critical');
  // Those within the report itself have no row.
  const ids = criticals.flatMap(({ id }) => (isUuid(id) ? [id] : []));
  const waiting = await criticalsWaiting(tx.sql, tenant, ids, clinician);
  const told = criticals.every((value) => {
    const row = waiting.find(({ rid }) => rid === value.id);
    return row && keys.some((key) => saidBy(key, value, []).equals(row.said));
  });
  const [highest] = waiting;
  if (!told || !highest) return undefined;
  const { rung, reason } = highest;
  return { rung, reason, arrived: Math.min(...waiting.map(({ arrived }) => arrived)) };
}

/** What changes when it says something else: it waits again, from now on, and says that it changed or was taken back. */
async function again(house: House, tx: RecordTx, row: ResultRow, found: Found, said: Buffer) {
  const now = house.clock.now();
  const gone = found.deleted || isRetracted(found.resource);
  const level = levels.indexOf(found.level);
  const seenBefore = row.state === 'acknowledged' || row.standing !== 'new';
  await changeResult(tx.sql, row, {
    version: found.version,
    said,
    level: gone ? row.level : level,
    preliminary: isPreliminary(found.resource),
    standing: gone ? 'retracted' : seenBefore ? 'changed' : 'new',
    state: 'waiting',
    part_of: null,
    revision: row.revision + 1,
    checked: now,
    next_look: now,
    ordered: row.ordered ?? found.order?.rid ?? null,
    acknowledged_at: null,
    acknowledged_by: null,
    decision: null,
    // What waits already goes on waiting from when it came, unless it got worse.
    ...((row.state !== 'waiting' || level < row.level) && { arrived: now, rung: 0, reason: null }),
  });
  if (row.visible_from > now && !gone)
    await tx.grants.withhold({
      patient: found.patient,
      source: sourceOf(row),
      rows: rowsOf(found),
      until: row.visible_from,
    });
  if (!gone && found.level === 'critical') await tellUrgent(house, tx.sql, row);
}

async function settle(house: House, key: Key, found: Found): Promise<void> {
  const { index, others } = await house.keys.tenant(key.tenant);
  const keys = [index, ...others];
  const known = keys.map((one) => saidBy(one, found.resource, found.values));
  const said = known[0]!;
  const gone = found.deleted || isRetracted(found.resource);
  await house.records.write(systemCaller(key.tenant, house.clock, 'results'), async (tx) => {
    const row = await lockResult(tx.sql, key.tenant, key.type, key.rid);
    if (!row) {
      if (!gone && belongsInInbox(found, house.clock.now()))
        await first(house, tx, key, found, { said, keys });
    } else {
      // Another process has seen a newer version already.
      if (row.version > found.version) return;
      const same =
        known.some((one) => one.equals(row.said)) && gone === (row.standing === 'retracted');
      if (!same || row.state === 'part') await again(house, tx, row, found, said);
      else
        await changeResult(tx.sql, row, {
          version: found.version,
          said,
          preliminary: isPreliminary(found.resource),
          checked: house.clock.now(),
        });
    }
    if (found.order && !gone && !isPreliminary(found.resource))
      await markAnswered(tx.sql, key.tenant, found.order.rid);
  });
}

/** Whether a report has a row of its own, so that its values are read there. */
async function standingAmong(
  house: House,
  tenant: number,
  reports: readonly string[],
): Promise<string | undefined> {
  const { rows } = await house.db.query<{ rid: string }>({
    name: 'visits.reports-standing',
    text: `select rid from visits.result where tenant = $1 and type = 'DiagnosticReport' and rid = any($2::uuid[])
      and state in ('waiting', 'acknowledged') and standing <> 'retracted' limit 1`,
    values: [tenant, reports],
  });
  return rows[0]?.rid;
}

/** A value whose report stands in the inbox is read there; it comes back by itself when the report is gone. */
async function fold(house: House, key: Key, report: string): Promise<void> {
  await house.db.tx(async (sql) => {
    const row = await lockResult(sql, key.tenant, key.type, key.rid);
    if (row && row.state !== 'part')
      await changeResult(sql, row, { state: 'part', part_of: report });
  });
}

/**
 * Most Observations are readings that change nothing: known by one read and one probe, before their report is looked for. A first
 * version that is not alarming, names no order, and whose patient waits for none.
 */
async function mayMatter(house: House, key: Key): Promise<boolean> {
  const caller = systemCaller(key.tenant, house.clock, 'results');
  const last = await lastWords<Observation>(house, caller, 'Observation', key.rid);
  if (!last) return false;
  const { resource, version, deleted } = last;
  if (version > 1 || deleted || resource.basedOn?.length) return true;
  if (['critical', 'abnormal'].includes(levelOf(resource))) return true;
  const { rowCount } = await house.db.query({
    name: 'visits.waits-for-any',
    text: `select from visits.awaited where tenant = $1 and patient = $2 and state = 'open' limit 1`,
    values: [key.tenant, idIn(resource.subject?.reference, 'Patient') ?? null],
  });
  return rowCount > 0;
}

async function takeObservation(house: House, key: Key, depth: number): Promise<void> {
  const caller = systemCaller(key.tenant, house.clock, 'results');
  if (!(await mayMatter(house, key))) return;
  const reports = (await reportsWith(house, caller, key.rid)).flatMap(({ id }) =>
    isUuid(id) ? [id] : [],
  );
  for (const rid of reports)
    await takeIn(house, { ...key, type: 'DiagnosticReport', rid }, depth + 1);
  const standing = reports.length && (await standingAmong(house, key.tenant, reports));
  if (standing) return fold(house, key, standing);
  const found = await gather(house, key.tenant, 'Observation', key.rid);
  if (found) await settle(house, key, found);
}

/** Values of a report that is gone stand for themselves again. */
async function releaseParts(house: House, key: Key, report: DiagnosticReport, depth: number) {
  for (const { reference } of report.result ?? []) {
    const rid = idIn(reference, 'Observation');
    if (isUuid(rid)) await takeIn(house, { ...key, type: 'Observation', rid }, depth + 1);
  }
}

/** Looks at one DiagnosticReport or Observation and does what follows. */
export async function takeIn(house: House, key: Key, depth = 0): Promise<void> {
  if (depth > rounds) return;
  if (key.type === 'Observation') return takeObservation(house, key, depth);
  const found = await gather(house, key.tenant, 'DiagnosticReport', key.rid);
  if (!found) return;
  await settle(house, key, found);
  const report = found.resource as DiagnosticReport;
  if (found.deleted || isRetracted(report)) await releaseParts(house, key, report, depth);
  else if (await standingAmong(house, key.tenant, [key.rid]))
    for (const value of found.values)
      if (isUuid(value.id))
        await fold(house, { ...key, type: 'Observation', rid: value.id }, key.rid);
}
