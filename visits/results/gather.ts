/** A result with all that decides about it, read from the record store as the house: its values, its order, whose it is. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { DiagnosticReport, Observation, Resource, ServiceRequest } from '@afar/fhir';
import type { ResultLevel } from '../contract.ts';
import type { House } from '../house.ts';
import { readIfSeen } from '../people.ts';
import { isUuid } from '../scheduling/rule.ts';
import {
  dateOf,
  idIn,
  isPreliminary,
  isRetracted,
  patientOf,
  type ResultResource,
} from './content.ts';
import { levelOf, levelOfReport } from './level.ts';
import { findAwaited, openOrdersOf, type AwaitedRow } from './rows.ts';

/** 60 values: a panel has thirty; beyond, the rest is read in the report itself. */
const mostValues = 60;
/** What was measured long before it was written is history that somebody brings along, not news. */
const historyMs = 90 * 86_400_000;

// [FHIR R4 valueset-observation-category] taken at home or at the bedside: monitoring looks at them, not this inbox.
const notResults = new Set([
  'vital-signs',
  'activity',
  'social-history',
  'survey',
  'exam',
  'therapy',
]);

export interface Found {
  resource: ResultResource;
  version: number;
  deleted: boolean;
  values: Observation[];
  patient: string;
  level: ResultLevel;
  order: AwaitedRow | undefined;
}

/** The current version, or the last one of what was deleted; undefined when it never was. */
export async function lastWords<T extends Resource>(
  house: House,
  caller: Caller,
  type: T['resourceType'],
  rid: string,
): Promise<{ resource: T; version: number; deleted: boolean } | undefined> {
  try {
    const { resource, version } = await house.records.read<T>(caller, type, rid);
    return { resource, version, deleted: false };
  } catch (error) {
    const code = error instanceof Refusal ? error.code : undefined;
    if (code !== 'gone' && code !== 'not-found') throw error;
    if (code === 'not-found') return undefined;
  }
  const { entries } = await house.records.history(caller, type, rid, { count: 5 });
  const said = entries.find((one) => !one.deleted);
  const last = entries[0];
  return said && last && { resource: said.resource as T, version: last.version, deleted: true };
}

/** The Observations that a report is made of; what was deleted is left out. */
export async function valuesOf(
  house: House,
  caller: Caller,
  report: DiagnosticReport,
): Promise<Observation[]> {
  const ids = (report.result ?? [])
    .map((one) => idIn(one.reference, 'Observation'))
    .filter(isUuid)
    .slice(0, mostValues);
  const contained = (report.contained ?? []).filter(
    (one): one is Observation => one.resourceType === 'Observation',
  );
  if (ids.length === 0) return contained;
  const { entry = [] } = await house.records.search(caller, 'Observation', [
    ['_id', ids.join(',')],
    ['_count', String(mostValues)],
  ]);
  const found = new Map(
    entry.flatMap(({ resource }) =>
      resource?.resourceType === 'Observation' ? [[resource.id, resource as Observation]] : [],
    ),
  );
  return [...contained, ...ids.flatMap((id) => found.get(id) ?? [])];
}

/** Reports that a value is a part of. */
export async function reportsWith(
  house: House,
  caller: Caller,
  observation: string,
): Promise<DiagnosticReport[]> {
  const { entry = [] } = await house.records.search(caller, 'DiagnosticReport', [
    ['result', `Observation/${observation}`],
    ['_count', '10'],
  ]);
  return entry
    .flatMap(({ resource }) =>
      resource?.resourceType === 'DiagnosticReport' ? [resource as DiagnosticReport] : [],
    )
    .filter((one) => !isRetracted(one));
}

const codesOf = (it: { code?: ResultResource['code'] }): string[] =>
  (it.code?.coding ?? []).flatMap((one) => (one.code ? [`${one.system ?? ''}|${one.code}`] : []));

/** The order it names; else the newest open one of the patient that asked for the same code. */
async function orderOf(
  house: House,
  caller: Caller,
  result: ResultResource,
  values: readonly Observation[],
  patient: string,
): Promise<AwaitedRow | undefined> {
  const named = [result, ...values]
    .flatMap((one) => one.basedOn ?? [])
    .map((one) => idIn(one.reference, 'ServiceRequest'));
  for (const id of new Set(named)) {
    const found = isUuid(id) && (await findAwaited(house.db, caller.tenant, id));
    // An order of somebody else's chart answers nothing here.
    if (found && found.patient === patient) return found;
  }
  const codes = new Set([result, ...values].flatMap(codesOf));
  if (codes.size === 0) return undefined;
  const open = await openOrdersOf(house.db, caller.tenant, patient, house.clock.now());
  for (const order of open) {
    const request = await readIfSeen<ServiceRequest>(house, caller, 'ServiceRequest', order.rid);
    if (request && codesOf(request).some((one) => codes.has(one))) return order;
  }
  return undefined;
}

export async function gather(
  house: House,
  tenant: number,
  type: ResultResource['resourceType'],
  rid: string,
): Promise<Found | undefined> {
  const caller = systemCaller(tenant, house.clock, 'results');
  const last = await lastWords<ResultResource>(house, caller, type, rid);
  const patient = last && patientOf(last.resource);
  if (!last || !isUuid(patient)) return undefined;
  const { resource, version, deleted } = last;
  const report = resource.resourceType === 'DiagnosticReport' ? resource : undefined;
  const values = report ? await valuesOf(house, caller, report) : [];
  const level =
    resource.resourceType === 'DiagnosticReport'
      ? levelOfReport(resource, values)
      : levelOf(resource);
  const order = await orderOf(house, caller, resource, values, patient);
  return { resource, version, deleted, values, patient, level, order };
}

const isOwnReading = (it: ResultResource): boolean =>
  it.resourceType === 'Observation' &&
  Boolean(it.performer?.length) &&
  it.performer!.every((one) => /^(Patient|RelatedPerson)\//.test(one.reference ?? ''));

const hasServiceSection = (it: DiagnosticReport): boolean =>
  (it.category ?? []).some((one) =>
    one.coding?.some((coding) => coding.system?.endsWith('/v2-0074')),
  );

function categories(it: Observation): string[] {
  return (it.category ?? []).flatMap((one) => (one.coding ?? []).flatMap(({ code }) => code ?? []));
}

/**
 * Whether a result that was never seen before comes into an inbox: any of an order, the first word of a laboratory only where it is
 * abnormal; without an order what is abnormal, and reports of a diagnostic service that have to be read. Not what patients measure
 * themselves, and not what was measured more than 90 days ago.
 */
export function belongsInInbox({ resource, level, order }: Found, now: number): boolean {
  if (resource.status === 'registered' || isRetracted(resource)) return false;
  const alarming = level === 'critical' || level === 'abnormal';
  if (isPreliminary(resource) && !alarming) return false;
  if (order) return true;
  if (isOwnReading(resource)) return false;
  const measured = dateOf(resource);
  if (measured !== undefined && measured < now - historyMs) return false;
  if (resource.resourceType === 'DiagnosticReport')
    return alarming || (level === 'unrated' && hasServiceSection(resource));
  const kinds = categories(resource);
  const bedside = kinds.length > 0 && kinds.every((one) => notResults.has(one));
  return alarming && (!bedside || level === 'critical');
}
