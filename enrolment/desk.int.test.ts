/** The front desk: a second chart is noticed and told to staff alone; invitations open the chart that is there. */
import type { Bundle, Patient, Task } from '@afar/fhir';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Candidates, Dependants, Invited } from './contract.ts';
import { ada, openFrontDoor, type Browser, type FrontDoor } from './testing/front-door.ts';

let door: FrontDoor;
let nurse: Browser;
let administrator: Browser;
beforeAll(async () => {
  door = await openFrontDoor();
  nurse = await door.staff('nurse');
  administrator = await door.staff('administrator');
});
afterAll(() => door.close());

const chart = async (over: Partial<Patient> = {}): Promise<string> => {
  const { id } = await door.records.create<Patient>(door.system, {
    resourceType: 'Patient',
    active: true,
    name: [{ family: 'Núñez-Okonjo', given: ['Ádá', 'Maria'] }],
    gender: 'female',
    birthDate: '1984-02-29',
    telecom: [{ system: 'email', value: 'old.address@mail.example' }],
    ...over,
  });
  return id;
};
const waiting = async (on = nurse) =>
  (await on.send('GET', '/api/enrolment/candidates')).json<Candidates>().candidates;
const person = { ...ada, family: 'nunez okonjo' };

it('notices the same name, birth date and sex, tells her nothing, and joins the charts when staff saw her', async () => {
  const known = await chart();
  await chart({ birthDate: '1984-02-28' });
  await chart({ gender: 'male' });
  await chart({ name: [{ family: 'Núñez-Okonjo', given: ['Eva'] }] });
  const { browser, me } = await door.register('second@mail.example', { person });
  const own = me.fhirUser!.id;
  expect((await browser.send('GET', `/fhir/R4/Patient/${known}`)).statusCode).toBe(404);
  // The staff's task about her is the staff's.
  const tasks = await browser.send('GET', '/fhir/R4/Task');
  expect([tasks.statusCode, tasks.json<Bundle>().entry ?? []]).toEqual([200, []]);

  const [candidate, ...none] = await waiting();
  expect(none).toEqual([]);
  expect(candidate).toMatchObject({
    registered: { patient: own, hasAccount: true, dependant: false, contact: 's…@mail.example' },
    charts: [{ patient: known, hasAccount: false, contact: 'o…@mail.example' }],
  });
  const decide = (body: object, on = administrator) =>
    on.send('POST', `/api/enrolment/candidates/${candidate!.task}`, body);
  const same = { decision: 'same', patient: known, seen: true };
  expect((await decide(same, browser)).statusCode).toBe(403);
  expect((await decide({ ...same, seen: false })).statusCode).toBe(400);
  expect((await decide({ ...same, patient: own })).statusCode).toBe(400);
  door.clock.advance(11 * 60_000);
  // Not from a desk somebody left.
  expect(
    (await decide(same)).json<{ issue: { details: { coding: { code: string }[] } }[] }>().issue[0]!
      .details.coding[0]!.code,
  ).toBe('step-up-required');
  administrator = await door.staff('administrator');
  expect((await decide(same)).statusCode).toBe(204);
  expect((await decide(same)).statusCode).toBe(409);

  expect(
    (await browser.send('GET', '/auth/me')).json<{ fhirUser: { id: string } }>().fhirUser.id,
  ).toBe(known);
  const read = async (id: string) =>
    (await browser.send('GET', `/fhir/R4/Patient/${id}`)).json<Patient>();
  expect(await read(known)).toMatchObject({
    link: [{ type: 'replaces', other: { reference: `Patient/${own}` } }],
  });
  expect(await read(own)).toMatchObject({ active: false, link: [{ type: 'replaced-by' }] });
  expect(await waiting()).toEqual([]);
});

it('joins a dependant, whose chart then opens to whoever stands for her', async () => {
  const known = await chart({
    name: [{ family: 'Kinder', given: ['Bo'] }],
    birthDate: '2019-01-02',
  });
  const { browser } = await door.register('parent@mail.example', {
    person: { ...ada, given: 'Parent' },
    dependants: [
      { given: 'Bo', family: 'Kinder', birthDate: '2019-01-02', sex: 'female', relation: 'child' },
    ],
  });
  const [candidate] = await waiting();
  expect(candidate!.registered.dependant).toBe(true);
  expect((await browser.send('GET', `/fhir/R4/Patient/${known}`)).statusCode).toBe(404);
  nurse = await door.staff('nurse');
  const answer = await nurse.send('POST', `/api/enrolment/candidates/${candidate!.task}`, {
    decision: 'same',
    patient: known,
    seen: true,
  });
  expect(answer.statusCode).toBe(204);
  const { dependants } = (await browser.send('GET', '/api/dependants')).json<Dependants>();
  expect(dependants.map((one) => one.patient)).toContain(known);
  expect((await browser.send('GET', `/fhir/R4/Patient/${known}`)).statusCode).toBe(200);
});

it('gives nobody a chart that its owner opens herself, though she is called a dependant', async () => {
  const own = { ...ada, given: 'Vera', family: 'Owner' };
  const { me } = await door.register('vera@mail.example', { person: own });
  const victim = me.fhirUser!.id;
  const { given, family, birthDate, sex } = own;
  const { browser } = await door.register('stranger@mail.example', {
    person: { ...ada, given: 'Stranger' },
    dependants: [{ given, family, birthDate, sex, relation: 'other' }],
  });
  const candidate = (await waiting()).find((one) => one.charts[0]?.patient === victim);
  expect(candidate).toMatchObject({
    registered: { dependant: true },
    charts: [{ hasAccount: true }],
  });
  const decide = (body: object) =>
    nurse.send('POST', `/api/enrolment/candidates/${candidate!.task}`, body);
  const same = { decision: 'same', patient: victim, seen: true };
  expect((await decide(same)).statusCode).toBe(409);
  const { dependants } = (await browser.send('GET', '/api/dependants')).json<Dependants>();
  expect(dependants.map((one) => one.patient)).not.toContain(victim);
  expect((await browser.send('GET', `/fhir/R4/Patient/${victim}`)).statusCode).toBe(404);
  expect((await decide({ decision: 'different' })).statusCode).toBe(204);
});

it('leaves charts apart that are two persons', async () => {
  await chart({ name: [{ family: 'Twin', given: ['Ada'] }] });
  const { me } = await door.register('twin@mail.example', { person: { ...ada, family: 'Twin' } });
  const [candidate] = await waiting();
  await nurse.send('POST', `/api/enrolment/candidates/${candidate!.task}`, {
    decision: 'different',
  });
  expect(await waiting()).toEqual([]);
  const task = await door.records.read<Task>(door.system, 'Task', candidate!.task);
  expect(task.resource.status).toBe('rejected');
  const own = await door.records.read<Patient>(door.system, 'Patient', me.fhirUser!.id);
  expect(own.resource.link).toBeUndefined();
});

it('invites a patient it knows: her account opens her chart, once, with link and code', async () => {
  const known = await chart({ name: [{ family: 'Invited', given: ['Ina'] }] });
  const patient = await door.register('other@mail.example', { person: { ...ada, given: 'Other' } });
  const ask = (on: Browser, body: object) => on.send('POST', '/api/enrolment/invitations', body);
  expect((await ask(patient.browser, { patient: known })).statusCode).toBe(403);
  // A nurse invites whose chart she may open; this one is not in her care.
  expect((await ask(nurse, { patient: known })).statusCode).toBe(404);
  const first = (await ask(administrator, { patient: known })).json<Invited>();
  const invited = (
    await ask(administrator, { patient: known, email: 'ina@mail.example' })
  ).json<Invited>();
  expect(invited.mailed).toBe(true);
  const [mail] = await door.sent('ina@mail.example');
  expect(mail).toContain(invited.url);
  expect(mail).not.toContain(invited.code);
  const token = (one: Invited) => one.url.split('#')[1]!;
  const key = { token: token(invited), code: invited.code };
  const guest = door.browser();
  const greet = (body: object) => guest.send('POST', '/api/register/invitation', body);
  expect((await greet({ ...key, token: token(first), code: first.code })).statusCode).toBe(400);
  const wrong = await greet({ ...key, code: invited.code === '111111' ? '222222' : '111111' });
  expect(wrong.statusCode).toBe(400);
  expect((await greet(key)).json()).toEqual({ given: 'Ina' });

  const { browser, proof } = await door.proven('ina@mail.example');
  const { person: _none, ...body } = door.body(proof);
  const made = await browser.send('POST', '/api/register', { ...body, invitation: key });
  // An answer that was lost is given again.
  const repeated = await door.browser().send('POST', '/api/register', { ...body, invitation: key });
  expect(repeated.statusCode).toBe(201);
  expect(made.statusCode).toBe(201);
  expect(made.json<{ me: { name: string; fhirUser: { id: string } } }>().me).toMatchObject({
    name: 'Ina Invited',
    fhirUser: { id: known },
  });
  const again = await door.proven('again@mail.example');
  const { person: _nobody, ...more } = door.body(again.proof);
  expect(
    (await again.browser.send('POST', '/api/register', { ...more, invitation: key })).statusCode,
  ).toBe(400);
  expect((await ask(administrator, { patient: known })).statusCode).toBe(409);
});

it('an invitation ends after five wrong codes, whoever tried them', async () => {
  const known = await chart({ name: [{ family: 'Guessed', given: ['Gil'] }] });
  const invited = (
    await administrator.send('POST', '/api/enrolment/invitations', { patient: known })
  ).json<Invited>();
  const token = invited.url.split('#')[1]!;
  const wrong = invited.code === '111111' ? '222222' : '111111';
  const { browser, proof } = await door.proven('guess@mail.example');
  const { person: _none, ...body } = door.body(proof);
  for (let n = 0; n < 2; n++)
    await browser.send('POST', '/api/register', { ...body, invitation: { token, code: wrong } });
  for (let n = 0; n < 3; n++)
    await door.browser().send('POST', '/api/register/invitation', { token, code: wrong });
  const right = await door
    .browser()
    .send('POST', '/api/register/invitation', { token, code: invited.code });
  expect(right.statusCode).toBe(400);
});

it('makes no invitation at a desk that somebody left', async () => {
  const known = await chart({ name: [{ family: 'Alone', given: ['Al'] }] });
  const staff = await door.staff('administrator');
  const ask = () => staff.send('POST', '/api/enrolment/invitations', { patient: known });
  expect((await ask()).statusCode).toBe(201);
  door.clock.advance(11 * 60_000);
  const late = await ask();
  expect(late.statusCode).toBe(403);
  expect(late.body).toContain('step-up-required');
});
