/** What a patient writes that is not hers to say, over HTTP: refused, and in the trail with what she tried. */
import type { Caller } from '@afar/access';
import type { Consent, Observation, Resource } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let http: Awaited<ReturnType<World['http']>>;
let ada: { id: string; caller: Caller };
let bea: { id: string; caller: Caller };
let doctor: { id: string; caller: Caller };
let mine: string;
let consent: string;

const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const consentOf = (patient: string): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: refer('Patient', patient),
  policyRule: { text: 'as agreed' },
  provision: {
    type: 'deny',
    actor: [{ role: { text: 'whoever' }, reference: refer('Practitioner', doctor.id) }],
  },
});
const measured = (patient: string): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: refer('Patient', patient),
  performer: [refer('Patient', patient)],
});

beforeAll(async () => {
  world = await openWorld();
  http = await world.http();
  ada = await world.patient();
  bea = await world.patient();
  doctor = await world.practitioner();
  mine = (await world.records.create(ada.caller, measured(ada.id))).id;
  consent = (await world.records.create(world.system, consentOf(bea.id) as Resource)).id;
});
afterAll(() => world.close());

/** What the trail says of her, but for the events known before. */
async function eventsBut(known: readonly string[]) {
  const { rows } = await world.data.ownerDb.query<{
    id: string;
    action: string;
    type: string;
    outcome: number;
  }>(
    'select id, action, type, outcome from access.audit_event where who = $1 and id <> all($2::uuid[])',
    [ada.caller.id, known],
  );
  return rows;
}

const json = { 'content-type': 'application/json-patch+json' };
type Try = [what: string, method: 'PUT' | 'PATCH' | 'POST', url: () => string, body: () => unknown];
const onMine =
  (op: object): Try[3] =>
  () => [op];

const tries: Try[] = [
  [
    'a Practitioner',
    'PUT',
    () => `Practitioner/${doctor.id}`,
    () => ({ resourceType: 'Practitioner', id: doctor.id, active: false }),
  ],
  [
    'a CareTeam that names her',
    'PUT',
    () => 'CareTeam/0b7e0000-0000-4000-8000-000000000001',
    () => ({
      resourceType: 'CareTeam',
      id: '0b7e0000-0000-4000-8000-000000000001',
      status: 'active',
      subject: refer('Patient', bea.id),
      participant: [{ member: refer('Patient', ada.id) }],
    }),
  ],
  [
    "another's Consent",
    'PUT',
    () => `Consent/${consent}`,
    () => ({ ...consentOf(bea.id), id: consent, status: 'inactive' }),
  ],
  ["a Consent in another's record", 'POST', () => 'Consent', () => consentOf(bea.id)],
  [
    'a label',
    'PATCH',
    () => `Observation/${mine}`,
    onMine({ op: 'add', path: '/meta/security', value: [{ code: 'R' }] }),
  ],
  [
    'a tag',
    'PATCH',
    () => `Observation/${mine}`,
    onMine({ op: 'add', path: '/meta/tag', value: [{ code: 'x' }] }),
  ],
  [
    'the author',
    'PATCH',
    () => `Observation/${mine}`,
    onMine({
      op: 'replace',
      path: '/performer/0/reference',
      value: `Practitioner/00000000-0000-4000-8000-000000000000`,
    }),
  ],
  [
    'the subject',
    'PATCH',
    () => `Observation/${mine}`,
    () => [{ op: 'replace', path: '/subject/reference', value: `Patient/${bea.id}` }],
  ],
  [
    'the tenant',
    'PATCH',
    () => `Observation/${mine}`,
    onMine({ op: 'add', path: '/tenant', value: 2 }),
  ],
];

it.each(tries)(
  '%s is refused, and stands in the trail [access.md Audit]',
  async (_what, method, url, body) => {
    const known = (await eventsBut([])).map((one) => one.id);
    const answer = await http.inject({
      as: ada.caller,
      method,
      url: `/fhir/R4/${url()}`,
      body: body(),
      ...(method === 'PATCH' && { headers: json }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toContain(bea.id);
    const action = { POST: 'create', PUT: 'update', PATCH: 'patch' }[method];
    expect(await eventsBut(known)).toEqual([
      { id: expect.any(String), action, type: url().split('/')[0], outcome: 4 },
    ]);
  },
);

it('and nothing of it was written', async () => {
  const { rows } = await world.data.ownerDb.query<{ version: number }>(
    'select version from records.resource where rid = any($1::uuid[])',
    [[mine, consent, doctor.id]],
  );
  expect(rows.map((row) => row.version)).toEqual([1, 1, 1]);
});
