/** Rooms and interpreter services: the office's list, each a FHIR Location or HealthcareService of the same id. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { HealthcareService, Location, OperationOutcomeIssue } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Resource, ResourceRequest, ScheduleRule } from '../contract.ts';
import type { House } from '../house.ts';
import type { Keep } from '../idempotency.ts';
import { widenBlocks } from './blocks.ts';
import { fault, isZone, refuseFaults, timeFaults } from './rule.ts';

export interface StoredResource extends Pick<
  Resource,
  'id' | 'kind' | 'name' | 'capacity' | 'languages'
> {
  /** When it can be had: hours, exceptions and closures, those of the clinic too. */
  rule: ScheduleRule;
  /** Its own closures alone. */
  own: ScheduleRule['closures'];
}

interface Row {
  rid: string;
  body: ResourceRequest;
  active: boolean;
  closed: { from: string; to: string }[];
}

/** More than any clinic has; a list beyond is an attack. */
const mostResources = 500;

const closed = `(select coalesce(json_agg(json_build_object('from', c.first::text, 'to', c.last::text)), '[]'::json)
  from visits.closure c where c.tenant = $1) as closed`;

async function rowsOf(sql: Queryable, tenant: number): Promise<Row[]> {
  const { rows } = await sql.query<Row>({
    name: 'visits.resources',
    text: `select rid, body, active, ${closed} from visits.resource where tenant = $1
      order by body ->> 'name', rid`,
    values: [tenant],
  });
  return rows;
}

/** A resource seen as a schedule: starts at any five minutes, nothing between two visits. */
function ruleOf({ rid, body, active, closed: days }: Row): ScheduleRule {
  const { zone, capacity, hours, exceptions, closures } = body;
  return {
    clinician: rid,
    zone,
    slotMinutes: 5,
    bufferBefore: 0,
    bufferAfter: 0,
    capacity,
    noticeMinutes: 0,
    horizonDays: 730,
    modes: [],
    hours,
    exceptions,
    closures: [...closures, ...days],
    active,
  };
}

export async function activeResources(sql: Queryable, tenant: number): Promise<StoredResource[]> {
  const rows = await rowsOf(sql, tenant);
  return rows
    .filter((row) => row.active)
    .map((row) => {
      const { kind, name, capacity, languages } = row.body;
      const own = row.body.closures;
      return { id: row.rid, kind, name, capacity, languages, rule: ruleOf(row), own };
    });
}

export async function listResources(sql: Queryable, tenant: number): Promise<Resource[]> {
  return (await rowsOf(sql, tenant)).map(({ rid, body, active }) => ({ id: rid, ...body, active }));
}

const isWords = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most;

/** @throws Refusal 'invalid' (422) with every fault */
export function readResource(input: unknown): ResourceRequest {
  const asked = (typeof input === 'object' && input !== null ? input : {}) as Record<
    string,
    unknown
  >;
  const { kind, name, capacity, languages = [], zone, active = true } = asked;
  const list = Array.isArray(languages) ? (languages as unknown[]) : [undefined];
  const issues: OperationOutcomeIssue[] = [
    ...(kind === 'room' || kind === 'interpreter' ? [] : [fault('kind', 'room or interpreter')]),
    ...(isWords(name, 80) ? [] : [fault('name', '1 to 80 characters')]),
    ...(Number.isInteger(capacity) && Number(capacity) >= 1 && Number(capacity) <= 100
      ? []
      : [fault('capacity', 'a whole number from 1 to 100')]),
    ...(list.length <= 50 &&
    list.every((one) => typeof one === 'string' && /^[A-Za-z-]{2,20}$/.test(one))
      ? []
      : [fault('languages', 'languages (BCP 47), at most 50')]),
    ...(isZone(zone) ? [] : [fault('zone', 'an IANA zone')]),
    ...(typeof active === 'boolean' ? [] : [fault('active', 'true or false')]),
    ...timeFaults(asked),
  ];
  if (kind === 'interpreter' && list.length === 0)
    issues.push(fault('languages', 'say what is interpreted'));
  refuseFaults(issues);
  const { hours, exceptions, closures } = asked as unknown as ResourceRequest;
  return {
    kind: kind as ResourceRequest['kind'],
    name: (name as string).trim(),
    capacity: capacity as number,
    languages: list as string[],
    zone: zone as string,
    hours,
    exceptions,
    closures,
    active: active as boolean,
  };
}

const physicalType = 'http://terminology.hl7.org/CodeSystem/location-physical-type';

function fhirResource(it: ResourceRequest, id: string | undefined): Location | HealthcareService {
  const common = { ...(id && { id }), name: it.name };
  if (it.kind === 'room')
    return {
      resourceType: 'Location',
      ...common,
      status: it.active ? 'active' : 'inactive',
      mode: 'instance',
      physicalType: { coding: [{ system: physicalType, code: 'ro', display: 'Room' }] },
    };
  return {
    resourceType: 'HealthcareService',
    ...common,
    active: it.active,
    type: [{ text: 'Interpreting' }],
    communication: it.languages.map((code) => ({
      coding: [{ system: 'urn:ietf:bcp:47', code }],
    })),
  };
}

/** What a resource is in FHIR. */
export const typeOfKind = { room: 'Location', interpreter: 'HealthcareService' } as const;

/**
 * Adds or changes a resource: the office's word. What is booked stays booked when hours shrink.
 * @param id absent: a new one
 * @throws Refusal 'invalid' (422), 'forbidden', 'not-found', 'too-costly' for more than a clinic has
 */
export async function putResource(
  house: House,
  caller: Caller,
  input: unknown,
  { id, keep }: { id?: string; keep?: Keep } = {},
): Promise<Resource> {
  if (caller.role !== 'administrator' && !caller.wildcard) throw new Refusal('forbidden');
  const body = readResource(input);
  const { tenant } = caller;
  const before = (await listResources(house.db, tenant)).find((one) => one.id === id);
  if (id !== undefined && !before) throw new Refusal('not-found');
  if (before && before.kind !== body.kind) refuseFaults([fault('kind', 'stays what it is')]);
  const author = {
    ...systemCaller(tenant, house.clock, 'resource'),
    requestId: caller.requestId,
  };
  return house.records.write(author, async (tx) => {
    const resource = fhirResource(body, id);
    const { rid } = id === undefined ? await tx.create(resource) : await tx.update(resource);
    const { rowCount } = await tx.sql.query({
      name: 'visits.put-resource',
      text: `insert into visits.resource (tenant, rid, kind, body, active, updated)
        select $1, $2, $3, $4, $5, $6
        where exists (select from visits.resource where tenant = $1 and rid = $2)
          or (select count(*) from visits.resource where tenant = $1) < $7
        on conflict (tenant, rid) do update
          set body = excluded.body, active = excluded.active, updated = excluded.updated`,
      values: [
        tenant,
        rid,
        body.kind,
        JSON.stringify(body),
        body.active,
        house.clock.now(),
        mostResources,
      ],
    });
    if (!rowCount)
      throw new Refusal('conflict', { diagnostics: `at most ${mostResources} resources` });
    const lanes = { from: before?.capacity ?? body.capacity, to: body.capacity };
    await widenBlocks(tx.sql, tenant, rid, lanes, house.clock.now());
    const made = { id: rid, ...body };
    await keep?.(tx.sql, made);
    return made;
  });
}
