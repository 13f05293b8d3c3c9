/** What a batch asks besides reads and searches: histories, operations, compartments, each as if it were alone [FHIR R4 http.html#brules]. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { Bundle, BundleEntry, Observation, Parameters, Resource } from '@afar/fhir';
import { openWorld } from './testing/world.ts';
import type { World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
});
afterAll(() => world.close());

async function batch(as: Caller, entry: BundleEntry[], type = 'batch') {
  const body = { resourceType: 'Bundle', type, entry };
  const answer = await http.inject({ as, method: 'POST', url: '/fhir/R4/', body });
  return { ...answer, entries: (JSON.parse(answer.text) as Bundle).entry ?? [] };
}
const asks = (url: string, resource?: Resource): BundleEntry =>
  resource ? { resource, request: { method: 'POST', url } } : { request: { method: 'GET', url } };
const statuses = (entries: BundleEntry[]) =>
  entries.map((one) => one.response!.status!.slice(0, 3));
const names = (entry: BundleEntry) =>
  ((entry.resource as Bundle).entry ?? []).map((one) => one.resource!.id);
const weightOf = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: `Patient/${patient}` },
});
const chart = (id: string) => [
  asks(`Patient/${id}/_history`),
  asks(`Patient/${id}/$everything`),
  asks(`Patient/${id}/Observation?status=final`),
  asks(`Patient/${id}/$meta`),
  asks(`Patient/${id}/$validate`, { resourceType: 'Patient', id } as Resource),
];

it('is answered as it would be alone, and noted as read', async () => {
  const { id } = await world.patient();
  const { id: weight } = await world.records.create(world.system, weightOf(id));
  const { entries, headers } = await batch(world.system, [
    ...chart(id),
    asks('Patient/_history?_count=1'),
    asks('_history?_count=1'),
    asks(`?_type=Observation&_id=${weight}`),
    asks(`/Patient/${id}/*`),
  ]);
  expect(statuses(entries)).toEqual(entries.map(() => '200'));
  expect(names(entries[0]!)).toEqual([id]);
  expect(new Set(names(entries[1]!))).toEqual(new Set([id, weight]));
  expect(names(entries[2]!)).toEqual([weight]);
  expect((entries[3]!.resource as Parameters).parameter?.[0]?.name).toBe('return');
  expect(entries[4]!.resource!.resourceType).toBe('OperationOutcome');
  expect((entries[5]!.resource as Bundle).type).toBe('history');
  expect([names(entries[7]!), names(entries[8]!)]).toEqual([[weight], [weight]]);
  const { rows } = await world.data.ownerDb.query<{ patients: string[]; params: string[] }>(
    `select patients, params from access.audit_event where request = $1 and action = 'batch'`,
    [headers['x-request-id']],
  );
  expect(rows[0]!.patients).toContain(id);
  expect(rows[0]!.params).toContain('status');
});

it('of a hidden patient is not found', async () => {
  const { caller } = await world.patient();
  const { id: hidden } = await world.patient();
  const { id: weight } = await world.records.create(world.system, weightOf(hidden));
  const { entries, text } = await batch(caller, [
    ...chart(hidden).slice(0, 4),
    asks('_history'),
    asks('Observation/_history'),
    asks('?_type=Observation,Patient'),
  ]);
  expect(statuses(entries).slice(0, 2)).toEqual(['404', '404']);
  expect(statuses(entries)[3]).toBe('404');
  expect(text).not.toContain(weight);
  expect(
    entries
      .slice(4)
      .map((one) => JSON.stringify(one))
      .join(),
  ).not.toContain(hidden);
});

it('changes nothing, and is no part of a transaction', async () => {
  const { id } = await world.patient();
  const { entries } = await batch(world.system, [
    asks(`Patient/${id}/$meta-add`, { resourceType: 'Parameters' }),
    asks(`Patient/${id}/$nothing`),
    asks(`Patient/${id}/Nothing`),
    asks('Patient/*'),
    asks('Nothing/_history'),
  ]);
  expect(statuses(entries)).toEqual(['400', '404', '404', '400', '400']);
  const { status, text } = await batch(
    world.system,
    [asks(`Patient/${id}/_history`)],
    'transaction',
  );
  expect([status, text]).toEqual([400, expect.stringContaining('in a batch')]);
});

it('a conditional reference leads to what the caller sees, or fails its entry [http.html#trules]', async () => {
  const identifier = [{ system: 'urn:mrn', value: 'batch-link' }];
  const { id, caller } = await world.patient({ identifier });
  const by = (value: string): BundleEntry => ({
    resource: { ...weightOf(''), subject: { reference: `Patient?identifier=urn:mrn|${value}` } },
    request: { method: 'POST', url: 'Observation' },
  });
  const { entries } = await batch(world.system, [by('batch-link'), by('nobody')]);
  expect(statuses(entries)).toEqual(['201', '412']);
  const [, weight] = entries[0]!.response!.location!.split('/');
  const stored = await world.records.read<Observation>(caller, 'Observation', weight!);
  expect(stored.resource.subject!.reference).toBe(`Patient/${id}`);
  // Alone it is not resolved: stored as written, no chart would hold it.
  const alone = await http.inject({
    as: world.system,
    method: 'POST',
    url: '/fhir/R4/Observation',
    body: by('batch-link').resource,
  });
  expect(alone.status).toBe(400);
  expect(alone.text).toContain('Observation.subject.reference');
});
