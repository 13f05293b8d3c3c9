/** A pharmacy: a presented prescription is handed out as often as it may be, by whom it was presented to, and once for each request. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Caller } from '@afar/access';
import type { MedicationDispense, MedicationRequest } from '@afar/fhir';
import { fixedClock } from '@afar/platform';
import type { World } from '@afar/records/testing';
import { openSharing, type SharingWorld } from '../testing.ts';
import type { NewLink } from '../links/contract.ts';
import type { Dispensed, DispenseState } from './contract.ts';

const clock = fixedClock(Date.UTC(2027, 2, 10, 15));
const hour = 3_600_000;
let house: SharingWorld;
let world: World;
let http: SharingWorld['http'];
let ada: { id: string; caller: Caller };
let chemist: Caller;
let rival: Caller;

beforeAll(async () => {
  house = await openSharing(clock);
  ({ world, http } = house);
  ada = await world.patient({ name: [{ family: 'Okonjo', given: ['Ada'] }] });
  ada.caller = { ...ada.caller, id: await house.accountOf(ada.id) };
  const pharmacist = async () =>
    world.caller('pharmacist', {
      fhirUser: { type: 'Practitioner', id: (await world.practitioner()).id },
    });
  chemist = await pharmacist();
  rival = await pharmacist();
});
afterAll(() => house.close());

async function call<T>(
  as: Caller,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: T }> {
  const { status, text } = await http.inject({
    as: { ...as, at: clock.now() },
    method,
    url,
    ...(body !== undefined && { body }),
    headers,
  });
  return { status, body: (text === '' ? undefined : JSON.parse(text)) as T };
}

async function prescribed(over: Partial<MedicationRequest> = {}): Promise<string> {
  const { id } = await world.records.create<MedicationRequest>(world.system, {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${ada.id}` },
    medicationCodeableConcept: { text: 'Levetiracetam' },
    dosageInstruction: [{ text: 'one in the evening' }],
    dispenseRequest: { numberOfRepeatsAllowed: 1, quantity: { value: 30, unit: 'tablet' } },
    ...over,
  });
  return id;
}

const link = async (item: string): Promise<NewLink> =>
  (await call<NewLink>(ada.caller, 'POST', '/api/links', { item })).body;

async function show(id: string, to = chemist): Promise<NewLink> {
  const made = await link(`MedicationRequest/${id}`);
  const secret = new URL(made.url).hash.slice(1);
  const { status } = await call(to, 'POST', '/api/links/open', { secret, pin: made.pin });
  expect(status).toBe(200);
  return made;
}

const hand = (id: string, body: object = {}, as = chemist, key: string = randomUUID()) =>
  call<Dispensed>(as, 'POST', `/api/prescriptions/${id}/dispense`, body, {
    'idempotency-key': key,
  });
const state = (id: string, as = chemist) =>
  call<DispenseState>(as, 'GET', `/api/prescriptions/${id}`);

it('is written by the house in the name of who handed it out, read by her and in the chart, told and audited', async () => {
  const id = await prescribed();
  await show(id);
  expect((await state(id)).body).toMatchObject({
    allowed: 2,
    done: 0,
    quantity: { value: 30, unit: 'tablet' },
    own: [],
  });
  const { status, body } = await hand(id, { quantity: { value: 28 }, note: 'two were short' });
  expect(status).toBe(201);
  const url = `/fhir/R4/MedicationDispense/${body.id}`;
  const kept = await call<MedicationDispense>(chemist, 'GET', url);
  expect(kept.body).toMatchObject({
    status: 'completed',
    subject: { reference: `Patient/${ada.id}` },
    performer: [{ actor: { reference: `Practitioner/${chemist.fhirUser!.id}` } }],
    authorizingPrescription: [{ reference: `MedicationRequest/${id}` }],
    medicationCodeableConcept: { text: 'Levetiracetam' },
    quantity: { value: 28, unit: 'tablet' },
    whenHandedOver: new Date(clock.now()).toISOString(),
    note: [{ text: 'two were short' }],
  });
  expect((await call(ada.caller, 'GET', url)).status).toBe(200);
  expect((await call(rival, 'GET', url)).status).toBe(404);
  // It is no way to rewrite it, nor to anything else of hers.
  expect((await call(chemist, 'PUT', url, { ...kept.body, note: [] })).status).toBeGreaterThan(399);
  expect((await call(chemist, 'DELETE', url)).status).toBeGreaterThan(399);
  const notices = await world.access.notices.list(1, ada.caller.id, 10);
  expect(notices.filter((one) => one.kind === 'dispensed')).toHaveLength(1);
  const { rows } = await world.data.db.query<{ action: string; patients: string[] }>(
    `select action, patients from access.audit_event where who = $1 and action = 'dispense' and outcome = 0`,
    [chemist.id],
  );
  expect(rows).toEqual([{ action: 'dispense', patients: [ada.id] }]);
});

it('is once and each repeat, at whatever counters at once [FHIR R4 MedicationRequest.dispenseRequest]', async () => {
  const id = await prescribed();
  await show(id);
  await show(id, rival);
  const all = await Promise.all([hand(id), hand(id, {}, rival), hand(id), hand(id, {}, rival)]);
  expect(all.map((one) => one.status).sort((a, b) => a - b)).toEqual([201, 201, 409, 409]);
  expect((await state(id)).body).toMatchObject({ done: 2, bar: 'used-up' });
});

it('the same request twice is one deed, and another under its key is refused', async () => {
  const id = await prescribed();
  await show(id);
  const key = randomUUID();
  const twins = await Promise.all([hand(id, {}, chemist, key), hand(id, {}, chemist, key)]);
  expect(twins.map((one) => one.status).sort((a, b) => a - b)).toEqual([200, 201]);
  expect(twins[0].body.id).toBe(twins[1].body.id);
  expect((await hand(id, { quantity: { value: 3 } }, chemist, key)).status).toBe(422);
  expect((await state(id)).body.done).toBe(1);
  const bare = await call(chemist, 'POST', `/api/prescriptions/${id}/dispense`, {});
  expect(bare.status).toBe(400);
});

it('nobody hands out what was not presented to her, or is not presented any more', async () => {
  const id = await prescribed();
  const other = await prescribed();
  const made = await show(id);
  for (const [rid, who] of [
    [id, rival],
    [other, chemist],
    [randomUUID(), chemist],
  ] as const)
    expect([(await hand(rid, {}, who)).status, (await state(rid, who)).status]).toEqual([404, 404]);
  for (const who of [ada.caller, world.caller('nurse'), world.caller('auditor')])
    expect((await hand(id, {}, who)).status).toBe(403);
  const gone = await hand(id);
  expect(gone.status).toBe(201);
  expect((await call(ada.caller, 'POST', `/api/links/${made.link.id}/revoke`)).status).toBe(200);
  expect((await hand(id)).status).toBe(404);
  // What she handed out goes out of her sight with it, and stays in the chart.
  const url = `/fhir/R4/MedicationDispense/${gone.body.id}`;
  expect((await call(chemist, 'GET', url)).status).toBe(404);
  expect((await call(ada.caller, 'GET', url)).status).toBe(200);
  await show(other);
  clock.advance(24 * hour);
  expect((await hand(other)).status).toBe(404);
});

it('unsigned, stopped, prohibited, early, late, too much: nothing is handed out', async () => {
  const draft = await prescribed();
  await show(draft);
  const change = async (over: Partial<MedicationRequest>) => {
    const { resource } = await world.records.read<MedicationRequest>(
      world.system,
      'MedicationRequest',
      draft,
    );
    await world.records.update(world.system, { ...resource, ...over });
  };
  const period = (start: string, end: string) => ({
    status: 'active' as const,
    dispenseRequest: { quantity: { value: 30 }, validityPeriod: { start, end } },
  });
  for (const [over, status] of [
    [{ status: 'draft' }, 404],
    [{ status: 'cancelled' }, 409],
    [{ status: 'on-hold' }, 409],
    [{ status: 'active', doNotPerform: true }, 409],
    [{ ...period('2027-01-01', '2027-03-10'), doNotPerform: false }, 409],
    [period('2027-03-12', '2027-04-01'), 409],
    [{ ...period('2027-03-01', '2027-03-11'), intent: 'plan' }, 404],
    [{ ...period('2027-03-01', '2027-03-11'), intent: 'order' }, 201],
  ] as [Partial<MedicationRequest>, number][]) {
    await change(over);
    expect([over, (await hand(draft)).status]).toEqual([over, status]);
  }
  const much = await prescribed();
  await show(much);
  for (const [quantity, status] of [
    [{ value: 31 }, 422],
    [{ value: 30, unit: 'box' }, 422],
    [{ value: 0 }, 400],
    [{ value: -3 }, 400],
  ] as const)
    expect((await hand(much, { quantity })).status).toBe(status);
});
