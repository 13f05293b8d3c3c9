/** Licences in visits: who is offered, who may be booked from where, and what ends with a licence: arriving, joining, signing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callerFor } from '@afar/access';
import type { Practitioner } from '@afar/fhir';
import type { Clinicians, Outcome, UsualPlace, VisitView } from '../contract.ts';
import { socketOf } from '../testing/browser-socket.ts';
import { checks, openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { licenceSystem } from './qualifications.ts';

let clinic: Clinic;
let nora: Person;
let madrid: Person;
let patient: Person;

beforeAll(async () => {
  clinic = await openClinic();
  nora = await clinic.clinician();
  madrid = await clinic.clinician();
  await suspendAll(madrid);
  await clinic.license(madrid, ['ES']);
  patient = await clinic.person('patient');
});
afterAll(() => clinic.closeAll());

async function suspendAll(who: Person): Promise<void> {
  const { licences } = clinic.access;
  for (const one of await licences.of(callerFor('administrator'), who.account))
    if (one.state === 'verified')
      await licences.decide(callerFor('administrator'), one.id, {
        decision: 'suspend',
        reason: 'A test',
      });
}

let hours = 0;
/** Each at a time of its own. */
async function book(place: string | undefined, clinician = nora, type = 'video') {
  const slot = await clinic.firstSlot(clinician, clinic.clock.now() + ++hours * 1_800_000);
  return patient.post<Outcome & { id: string }>(
    '/api/appointments',
    { slotId: slot.id, type, reason: 'Cough', ...(place && { place }) },
    { 'idempotency-key': randomUUID() },
  );
}
const saidBy = ({ body }: { body: Outcome }) => body.issue[0]?.diagnostics;
const offered = async () =>
  (await patient.get<Clinicians>('/api/clinicians')).body.clinicians.map((one) => one.id);

it('a booking across a border is refused, and says who may instead', async () => {
  const refused = await book('ES-MD');
  expect([refused.status, refused.body.issue[0]?.details?.coding?.[0]?.code]).toEqual([
    403,
    'licence-required',
  ]);
  const { body } = await patient.get<Clinicians>('/api/clinicians');
  const name = body.clinicians.find((one) => one.id === madrid.id)!.name;
  expect(saidBy(refused)).toBe(`this clinician's licence does not reach ES-MD; these may: ${name}`);
  expect(saidBy(await book('CA-QC'))).toMatch(/nobody else's here does/);
  // A country that licenses by region says too little; a made-up one says nothing.
  for (const place of ['US', 'XX', 'ES;drop', 'es']) expect((await book(place)).status).toBe(422);
  expect((await book('ES-MD', nora, 'in-person')).status).toBe(201);
  expect((await book('ES-MD', madrid)).status).toBe(201);
});

it('remembers what she said last, for her and her carers alone', async () => {
  expect((await patient.get<UsualPlace>('/api/place')).body).toEqual({
    asked: true,
    place: 'ES-MD',
  });
  expect((await book(undefined)).status).toBe(403);
  clinic.clock.advance(1000);
  expect((await book('US-NY')).status).toBe(201);
  expect((await patient.get<UsualPlace>('/api/place')).body.place).toBe('US-NY');
  const stranger = await clinic.person('patient');
  expect((await stranger.get(`/api/place?patient=${patient.id}`)).status).toBe(403);
  const foreign = await clinic.person('practitioner');
  expect((await foreign.get(`/api/place?patient=${patient.id}`)).status).toBe(404);
  // Her record knows where she lives: nobody has to say it twice.
  expect((await stranger.get<UsualPlace>('/api/place')).body.place).toBe('US-NY');
  const { rows } = await clinic.data.ownerDb.query<{ text: string }>(
    `select encode(body, 'escape') as text from visits.place`,
  );
  expect(rows.length).toBeGreaterThan(1);
  expect(rows.map((row) => row.text).join()).not.toMatch(/US-NY|ES-MD/);
});

it('she arrives elsewhere than she booked: matched to where she is', async () => {
  const slow = await clinic.clinician();
  const traveller = await clinic.person('patient');
  const visit = await clinic.book(traveller, slow);
  const arrive = (place?: string) =>
    traveller.post<Outcome>(`/api/visits/${visit.id}/arrive`, { checks, ...(place && { place }) });
  expect((await arrive('US-NJ')).status).toBe(403);
  expect((await arrive('nowhere')).status).toBe(422);
  expect((await arrive()).status).toBe(200);
  // Said later, and the clinician's next step asks again.
  await clinic.license(slow, ['US-NJ']);
  expect((await arrive('US-NJ')).status).toBe(200);
  expect((await slow.post(`/api/visits/${visit.id}/admit`)).status).toBe(200);
});

it('booked by the clinic, nobody knowing where she is: she is asked when she comes, and not again', async () => {
  const host = await clinic.clinician();
  const traveller = await clinic.person('patient');
  const visit = await clinic.book(traveller, host);
  await clinic.data.ownerDb.query('delete from visits.place where visit = $1', [visit.id]);
  const asked = async () =>
    (await traveller.get<VisitView>(`/api/visits/${visit.id}`)).body.placeAsked;
  expect(await asked()).toBe(true);
  expect((await host.get<VisitView>(`/api/visits/${visit.id}`)).body.placeAsked).toBeUndefined();
  const arrive = (place: string) =>
    traveller.post(`/api/visits/${visit.id}/arrive`, { checks, place });
  expect((await arrive('CA-QC')).status).toBe(403);
  expect(await asked()).toBe(true);
  expect((await arrive('US-NY')).status).toBe(200);
  expect(await asked()).toBeUndefined();
});

it('the directory shows a verified licence, written by the house', async () => {
  const of = async () =>
    (await clinic.records.read<Practitioner>(clinic.system, 'Practitioner', nora.id)).resource;
  const shown = async () =>
    (await of()).qualification?.filter((one) =>
      one.identifier?.some(({ system }) => system === licenceSystem),
    );
  await expect.poll(shown, { timeout: 10_000 }).toMatchObject([
    {
      extension: [{ valueCode: 'US-NY' }],
      identifier: [{}, { value: '204 881' }],
      period: { end: '2037-12-31' },
      issuer: { display: 'State Education Department' },
    },
  ]);
  expect((await of()).qualification?.[0]?.code.text).toBe('Family medicine');
  const put = await nora.put(`/fhir/R4/Practitioner/${nora.id}`, await of());
  expect(put.status).toBe(403);
});

it('suspension ends it all at the next step, in another process too: offered, booked, joined, signed, ordered', async () => {
  const visit = await clinic.admitted(patient, nora);
  const there = await clinic.another();
  const at = `/api/visits/${visit.id}`;
  const draft = {
    revision: 0,
    sections: { subjective: 'x', objective: 'x', assessment: 'x', plan: 'x' },
  };
  expect((await nora.put(`${at}/note`, draft)).status).toBe(200);
  const slot = await clinic.firstSlot(nora);
  const ticket = await nora.post<{ token: string }>(`${at}/join`);
  expect(ticket.status).toBe(200);
  const socket = await socketOf(clinic, nora, visit.id);
  socket.say({ type: 'join', token: ticket.body.token });
  await socket.hear('joined');

  await suspendAll(nora);
  expect(await offered()).not.toContain(nora.id);
  expect(
    (
      await patient.post(
        '/api/appointments',
        { slotId: slot.id, type: 'video', reason: 'x', place: 'US-NY' },
        { 'idempotency-key': randomUUID() },
      )
    ).status,
  ).toBe(422);
  for (const on of [clinic, there]) {
    expect((await nora.post(`${at}/join`, undefined, {}, on)).status).toBe(403);
    const signed = await nora.post<Outcome>(`${at}/note/sign`, { revision: 1 }, {}, on);
    expect(signed.body.issue[0]?.details?.coding?.[0]?.code).toBe('licence-required');
    const order = { kind: 'follow-up', text: 'x' };
    const key = { 'idempotency-key': randomUUID() };
    expect((await nora.post(`${at}/orders`, order, key, on)).status).toBe(403);
  }
  // The seat is not renewed.
  socket.say({ type: 'renew' });
  expect(await socket.hear('revoked')).toMatchObject({ reason: 'access-withdrawn' });
  await there.close();
});

it('nobody is offered past the last day of her licence', async () => {
  const brief = await clinic.clinician();
  await suspendAll(brief);
  // Opening is the 10th of March 2027; the licence ends with the 11th, UTC.
  await clinic.license(brief, ['US-NY'], '2027-03-11');
  const { body } = await brief.post<{ start: string }[]>('/api/slots', {
    clinician: brief.id,
    from: new Date(clinic.clock.now()).toISOString(),
    to: new Date(clinic.clock.now() + 5 * 86_400_000).toISOString(),
  });
  expect(body.length).toBeGreaterThan(0);
  expect(body.at(-1)!.start < '2027-03-12').toBe(true);
  expect(await offered()).toContain(brief.id);
  clinic.clock.set(Date.UTC(2027, 2, 12));
  await patient.signIn();
  expect(await offered()).not.toContain(brief.id);
});
