/** Guests of a visit, and those who try to be: what a link opens, for whom, how long, and everything it does not open. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Encounter } from '@afar/fhir';
import type { AppointmentView, Guests, GuestVisit, Invited, JoinTicket } from '../contract.ts';
import { socketOf, type BrowserSocket } from '../testing/browser-socket.ts';
import { openClinic, type Clinic, type Instance, type Person } from '../testing/clinic.ts';
import { admittedGuest, arriveAsGuest, ask, invite, type TestGuest } from '../testing/guest.ts';
import { manyEngine } from '../testing/many-engine.ts';

let clinic: Clinic;
let second: Instance;
let clinician: Person;
let patient: Person;
let visit: AppointmentView;
const open: BrowserSocket[] = [];

beforeAll(async () => {
  clinic = await openClinic({}, undefined, manyEngine());
  second = await clinic.another();
  clinician = await clinic.clinician();
});
afterAll(() => clinic.closeAll());
beforeEach(async () => {
  patient = await clinic.person('patient');
  visit = await clinic.admitted(patient, clinician);
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await clinician.post(`/api/visits/${visit.id}/end`, {});
  // The hour in which twenty may be invited.
  clinic.clock.advance(3_600_001);
  await clinician.signIn();
});

const kept = (at: BrowserSocket): BrowserSocket => {
  open.push(at);
  return at;
};
const guests = () => `/api/visits/${visit.id}/guests`;
const admitted = (kind: Parameters<typeof invite>[2] = 'interpreter'): Promise<TestGuest> =>
  admittedGuest(clinic, clinician, patient, visit.id, kind);

describe('a link', () => {
  it('leads one person to a waiting place that tells nothing of the patient', async () => {
    const made = await clinician.post<Invited>(guests(), {
      kind: 'interpreter',
      name: ' Ida Okafor ',
    });
    expect(made.status).toBe(201);
    expect(made.body.link).toMatch(/^http:\/\/localhost:8170\/guest#[\w-]{43}$/);
    expect(made.body.guest).toMatchObject({ name: 'Ida Okafor', state: 'invited', agreed: false });
    const guest = await arriveAsGuest(clinic, {
      id: made.body.guest.id,
      secret: made.body.link.split('#')[1]!,
    });
    const place = await guest.send<GuestVisit>('GET', '/api/visit-guest');
    expect(Object.keys(place.body).toSorted()).toEqual(
      ['clinician', 'kind', 'name', 'signedIn', 'start', 'state', 'visit'].toSorted(),
    );
    expect(place.body).toMatchObject({ state: 'waiting', name: 'Ida Okafor' });
    const at = kept(await guest.socket(second));
    at.say({ type: 'watch' });
    expect((await at.hear('guest')).state).toBe('waiting');
    await clinician.post(`${guests()}/${guest.id}/admit`);
    expect((await at.hear('guest')).state).toBe('asking');
    // Who she is and as what, the patient reads before she answers.
    const seen = await patient.get<Guests>(guests());
    expect(seen.body.guests[0]).toMatchObject({ name: 'Ida Okafor', kind: 'interpreter' });
    await patient.post(`${guests()}/${guest.id}/answer`, { agree: true });
    expect((await at.hear('guest')).state).toBe('admitted');
    const encounter = await clinic.records.search(clinic.system, 'Encounter', [
      ['appointment', `Appointment/${visit.id}`],
    ]);
    const { participant } = encounter.entry![0]!.resource as Encounter;
    expect(participant!.at(-1)).toMatchObject({
      individual: { display: 'Ida Okafor' },
      type: [{ coding: [{ code: 'translator' }] }],
    });
  });

  it('opens once: two people with one link are one guest and one stranger', async () => {
    const link = await invite(clinician, visit.id, 'relative');
    const both = await Promise.all(
      [1, 2].map(() => ask(clinic, '', 'POST', '/api/visit-guest/open', { secret: link.secret })),
    );
    expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 404]);
    for (const secret of [link.secret, 'x'.repeat(43), 'short', undefined])
      expect((await ask(clinic, '', 'POST', '/api/visit-guest/open', { secret })).status).toBe(404);
  });

  it('grows old, can be revoked, and ends with the visit', async () => {
    const [old, dead, over] = [
      await invite(clinician, visit.id, 'relative'),
      await invite(clinician, visit.id, 'colleague'),
      await invite(patient, visit.id, 'relative'),
    ];
    const tried = async (secret: string) =>
      (await ask(clinic, '', 'POST', '/api/visit-guest/open', { secret })).status;
    await clinician.post(`${guests()}/${dead.id}/revoke`);
    expect(await tried(dead.secret)).toBe(404);
    await clinician.post(`/api/visits/${visit.id}/end`, {});
    expect(await tried(over.secret)).toBe(404);
    expect(await tried(old.secret)).toBe(404);
    expect((await clinician.post(guests(), { kind: 'observer', name: 'Late' })).status).toBe(409);
    visit = await clinic.admitted(patient, clinician);
    const slow = await clinician.post<Invited>(guests(), { kind: 'observer', name: 'S', hours: 1 });
    clinic.clock.advance(3_600_001);
    expect(await tried(slow.body.link.split('#')[1]!)).toBe(404);
  });

  it('what lies in the database is a hash and a sealed name', async () => {
    const { id, secret } = await invite(clinician, visit.id, 'interpreter', 'Ida Okafor');
    const { rows } = await clinic.data.ownerDb.query<{ all: string }>(
      `select i::text as all from visits.invite i where id = $1`,
      [id],
    );
    const text = rows[0]!.all + clinic.log.text();
    for (const word of ['Okafor', Buffer.from('Okafor').toString('hex'), secret])
      expect(text.includes(word)).toBe(false);
  });

  it('a fault is told by name; whoever is not of the visit may not invite; a patient invites relatives', async () => {
    for (const [body, expression] of [
      [{ kind: 'spy', name: 'X' }, 'kind'],
      [{ kind: 'relative', name: '' }, 'name'],
      [{ kind: 'relative', name: 'a\u202eb' }, 'name'],
      [{ kind: 'relative', name: 'X', hours: 73 }, 'hours'],
    ] as const) {
      const answer = await clinician.post<{ issue: { expression: string[] }[] }>(guests(), body);
      expect([answer.status, answer.body.issue[0]!.expression]).toEqual([422, [expression]]);
    }
    const stranger = await clinic.person('patient');
    const other = await clinic.clinician();
    const body = { kind: 'relative', name: 'X' };
    expect((await stranger.post(guests(), body)).status).toBe(404);
    expect((await other.post(guests(), body)).status).toBe(404);
    expect((await patient.post(guests(), { kind: 'observer', name: 'X' })).status).toBe(403);
    const codes: number[] = [];
    for (let n = 0; n < 13; n++) codes.push((await clinician.post(guests(), body)).status);
    expect([...new Set(codes.slice(0, 12)), codes[12]]).toEqual([201, 409]);
  });
});

describe('nobody is in before the clinician and the patient said so', () => {
  it('a guest who waits, or is asked about, has no ticket, and a forged one is refused', async () => {
    const guest = await arriveAsGuest(clinic, await invite(clinician, visit.id, 'interpreter'));
    const ticket = () => guest.send('POST', '/api/visit-guest/join', {});
    expect((await ticket()).status).toBe(409);
    await clinician.post(`${guests()}/${guest.id}/admit`);
    expect((await ticket()).status).toBe(409);
    // The clinician cannot answer for the patient, nor the guest for anybody.
    const answer = `${guests()}/${guest.id}/answer`;
    expect((await clinician.post(answer, { agree: true })).status).toBe(403);
    expect((await guest.send('POST', answer, { agree: true })).status).toBe(401);
    const at = kept(await guest.socket());
    at.say({ type: 'join', token: 'x'.repeat(43) });
    expect((await at.hear('error')).code).toBe('ticket-refused');
    expect(await at.closed).toBe(4401);
    expect((await patient.post(answer, { agree: false })).body.state).toBe('refused');
    expect((await ticket()).status).toBe(401);
    expect((await patient.post(answer, { agree: true })).status).toBe(409);
    expect((await clinician.post(`${guests()}/${guest.id}/admit`)).status).toBe(409);
  });

  it('a ticket of the patient or of another guest does not seat her; hers seats nobody else', async () => {
    const one = await admitted();
    const two = await admitted('relative');
    const { body } = await two.send<JoinTicket>('POST', '/api/visit-guest/join', {});
    const theirs = await patient.post<JoinTicket>(`/api/visits/${visit.id}/join`);
    for (const token of [body.token, theirs.body.token]) {
      const at = kept(await one.socket(second));
      at.say({ type: 'join', token });
      expect(await at.closed).toBe(4401);
    }
    const taken = kept(await socketOf(clinic, patient, visit.id));
    taken.say({ type: 'join', token: body.token });
    expect(await taken.closed).toBe(4401);
    const at = kept(await two.socket());
    at.say({ type: 'join', token: body.token });
    await at.hear('joined');
  });

  it('the ninth finds the room full', async () => {
    for (let n = 0; n < 6; n++) await admitted('relative');
    const ninth = await arriveAsGuest(clinic, await invite(clinician, visit.id, 'observer'));
    expect((await clinician.post(`${guests()}/${ninth.id}/admit`)).status).toBe(409);
    expect((await clinician.get<Guests>(guests())).body.room).toBe('full');
  });

  it('an ejected guest comes back neither by her resume token, nor a ticket she kept, nor her link', async () => {
    const guest = await admitted();
    const at = kept(await guest.join(second));
    const { resume } = await at.hear('joined');
    const { body } = await guest.send<JoinTicket>('POST', '/api/visit-guest/join', {});
    await clinician.post(`${guests()}/${guest.id}/revoke`);
    expect((await at.hear('revoked')).reason).toBe('ejected');
    expect(await at.closed).toBe(4410);
    await expect(guest.socket()).rejects.toThrow('401');
    // With a cookie of another guest her tokens open nothing either.
    const other = await admitted('relative');
    for (const token of [resume, body.token]) {
      const back = kept(await other.socket());
      back.say({ type: 'join', token });
      expect(await back.closed).toBe(4401);
    }
    const opened = await ask(clinic, '', 'POST', '/api/visit-guest/open', { secret: guest.secret });
    expect(opened.status).toBe(404);
  });
});

describe('a guest is nobody outside her visit', () => {
  it('no record, no route of the house, no other visit', async () => {
    const guest = await admitted('relative');
    for (const url of [
      `/fhir/R4/Patient/${patient.id}`,
      '/fhir/R4/Practitioner',
      `/fhir/R4/Appointment/${visit.id}`,
      `/api/visits/${visit.id}`,
      `/api/visits/${visit.id}/guests`,
      `/api/visits/${visit.id}/chat`,
      `/api/visits/${visit.id}/note`,
      '/api/queue',
    ])
      expect([url, (await guest.send('GET', url)).status]).toEqual([url, 401]);
    expect((await guest.send('GET', '/auth/me')).status).toBe(204);
    for (const url of [`/api/visits/${visit.id}/end`, `/api/visits/${visit.id}/join`, guests()])
      expect([url, (await guest.send('POST', url, {})).status]).toEqual([url, 401]);
    await expect(
      // The socket of those with an account.
      socketOf(clinic, { ...patient, cookie: guest.cookie }, visit.id),
    ).rejects.toThrow('401');
  });

  it('R1: a forged `from` is malformed, nobody outside is reached, a flood is cut off', async () => {
    const guest = await admitted();
    const at = kept(await guest.join());
    const { roster, peer } = await at.hear('joined');
    const to = roster.find((one) => one.role === 'patient')!.peer;
    for (const bad of [randomUUID(), peer]) {
      at.say({ type: 'restart', to: bad, reason: 'no-media' });
      expect((await at.hear('error')).code).toBe('no-such-peer');
    }
    at.raw(JSON.stringify({ type: 'restart', to, from: roster[0]!.peer, reason: 'no-media' }));
    expect(await at.closed).toBe(4400);
    const flood = kept(await guest.join());
    await flood.hear('joined');
    const body = 'A'.repeat(21_000);
    for (let n = 0; n < 30; n++) flood.say({ type: 'sealed', to: 'all', kind: 'stroke', body });
    expect(await flood.closed).toBe(4429);
    const big = kept(await guest.join());
    await big.hear('joined');
    big.say({ type: 'sealed', to: 'all', kind: 'stroke', body: 'A'.repeat(21_900) });
    expect(await big.closed).toBe(4400);
  });

  it('the trail says who came, who let her in, who agreed, and that the link was tried again', async () => {
    const guest = await admitted();
    await guest.send('GET', '/api/visit-guest');
    await clinic.access.settleAudit();
    const { rows } = await clinic.data.ownerDb.query<{ action: string; role: string }>(
      `select action, role from access.audit_event where rid = $1 order by at`,
      [visit.id],
    );
    const said = rows.map((one) => `${one.role} ${one.action}`);
    for (const one of [
      'practitioner invite-guest',
      'guest open-invitation',
      'practitioner admit-guest',
      'patient answer-guest',
      'guest guest-visit',
    ])
      expect(said).toContain(one);
  });
});

describe('a colleague with an account', () => {
  it('signs in and is there as herself, as long as she is signed in; that opens no chart', async () => {
    const colleague = await clinic.person('practitioner', 'Varga');
    const guest = await arriveAsGuest(
      clinic,
      await invite(clinician, visit.id, 'colleague', 'Dr V'),
    );
    expect((await guest.send('POST', '/api/visit-guest/sign-in', {})).status).toBe(401);
    const cookie = `${guest.cookie}; ${colleague.cookie}`;
    const own = await ask<GuestVisit>(clinic, cookie, 'POST', '/api/visit-guest/sign-in', {});
    expect([own.status, own.body.signedIn]).toEqual([200, true]);
    expect(own.body.name).toContain('Varga');
    // The guest's cookie alone is nobody now.
    expect((await guest.send('GET', '/api/visit-guest')).status).toBe(401);
    await clinician.post(`${guests()}/${guest.id}/admit`);
    const { body } = await patient.post<{ name: string }>(`${guests()}/${guest.id}/answer`, {
      agree: true,
    });
    expect(body.name).toContain('Varga');
    expect((await colleague.get(`/api/visits/${visit.id}`)).status).toBe(404);
    expect((await colleague.get(`/fhir/R4/Patient/${patient.id}`)).status).toBe(404);
    await colleague.post('/auth/sign-out');
    expect((await ask(clinic, cookie, 'GET', '/api/visit-guest')).status).toBe(401);
  });
});

it('a house without a media server for more than two says so', async () => {
  const small = await openClinic();
  const doctor = await small.clinician();
  const person = await small.person('patient');
  const { id } = await small.admitted(person, doctor);
  const body = { kind: 'interpreter', name: 'X' };
  const refused = await doctor.post<{ issue: { diagnostics: string }[] }>(
    `/api/visits/${id}/guests`,
    body,
  );
  expect(refused.status).toBe(409);
  expect(refused.body.issue[0]!.diagnostics).toContain('no media server');
  expect((await doctor.get<Guests>(`/api/visits/${id}/guests`)).body.room).toBe('two-only');
  await small.closeAll();
});
