/** A clinic that invites, and one that is closed: no code is sent to whoever was not asked in. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Patient } from '@afar/fhir';
import type { Invited, Registration } from './contract.ts';
import { ada, openFrontDoor, type FrontDoor } from './testing/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({ mode: 'invite' });
});
afterAll(() => door.close());

it('asks for the invitation at every step', async () => {
  const guest = door.browser();
  const address = { channel: 'mail', address: 'eve@mail.example', locale: 'en' };
  expect((await guest.send('GET', '/api/register')).json<Registration>().mode).toBe('invite');
  expect((await guest.send('POST', '/api/register/code', address)).statusCode).toBe(400);
  const key = { token: 'x'.repeat(43), code: '123456' };
  const forged = await guest.send('POST', '/api/register/code', { ...address, invitation: key });
  expect(forged.statusCode).toBe(400);
  expect(await door.sent('eve@mail.example')).toEqual([]);

  const { id } = await door.records.create<Patient>(door.system, {
    resourceType: 'Patient',
    name: [{ family: 'Invited', given: ['Ina'] }],
  });
  const administrator = await door.staff('administrator');
  const { url, code } = (
    await administrator.send('POST', '/api/enrolment/invitations', { patient: id })
  ).json<Invited>();
  const invitation = { token: url.split('#')[1]!, code };
  const { browser, proof } = await door.proven('ina@mail.example', { invitation });
  // Verified by invitation, and then another chart: no.
  const other = await browser.send('POST', '/api/register', door.body(proof, { person: ada }));
  expect(other.statusCode).toBe(400);
  const { person: _none, ...body } = door.body(proof);
  expect((await browser.send('POST', '/api/register', { ...body, invitation })).statusCode).toBe(
    201,
  );
});
