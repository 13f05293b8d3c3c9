/** Consent withdrawn while a call runs: it ends at both ends, wherever they sit, and nobody comes back in by an old ticket. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Refusal } from '@afar/fhir';
import type { Consent } from '@afar/fhir';
import type { AppointmentView, JoinTicket } from '../contract.ts';
import { socketOf, type BrowserSocket } from '../testing/browser-socket.ts';
import { admittedGuest } from '../testing/guest.ts';
import { manyEngine } from '../testing/many-engine.ts';
import { rosterWhen } from '../testing/meeting.ts';
import { openClinic, type Clinic, type Instance, type Person } from '../testing/clinic.ts';

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
  patient = await clinic.person('patient');
  visit = await clinic.admitted(patient, clinician);
});
afterAll(() => clinic.closeAll());
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

async function socket(who: Person, on: Instance): Promise<BrowserSocket> {
  const one = await socketOf(on, who, visit.id);
  open.push(one);
  return one;
}
async function joined(who: Person, on: Instance): Promise<BrowserSocket> {
  const { token } = (await who.post<JoinTicket>(`/api/visits/${visit.id}/join`)).body;
  const at = await socket(who, on);
  at.say({ type: 'join', token });
  await at.hear('joined');
  return at;
}
const shutOut = (): Consent => ({
  resourceType: 'Consent',
  status: 'active',
  scope: { coding: [{ code: 'patient-privacy' }] },
  category: [{ text: 'privacy' }],
  patient: { reference: `Patient/${patient.id}` },
  policyRule: { text: 'as said' },
  provision: {
    type: 'deny',
    actor: [
      { role: { text: 'shut out' }, reference: { reference: `Practitioner/${clinician.id}` } },
    ],
  },
});

const takeBack = ({ id }: Consent) =>
  patient.put(`/fhir/R4/Consent/${id}`, { ...shutOut(), id, status: 'inactive' });

describe('a clinician who is shut out during the call', () => {
  it('E1: both ends and a guest hear consent-withdrawn, on two processes; her next request is refused', async () => {
    const hers = await joined(patient, clinic);
    const his = await joined(clinician, second);
    const watching = await socket(clinician, second);
    watching.say({ type: 'watch' });
    await watching.hear('status');
    const guest = await admittedGuest(clinic, clinician, patient, visit.id, 'interpreter');
    const theirs = await guest.join(second);
    open.push(theirs);
    await theirs.hear('joined');
    const spare = (await clinician.post<JoinTicket>(`/api/visits/${visit.id}/join`)).body;

    const said = await patient.post<Consent>('/fhir/R4/Consent', shutOut(), {
      'content-type': 'application/fhir+json',
    });
    expect(said.status).toBe(201);
    for (const one of [hers, his, theirs]) {
      expect((await one.hear('revoked')).reason).toBe('consent-withdrawn');
      expect(await one.closed).toBe(4410);
    }
    expect((await guest.send('POST', '/api/visit-guest/join', {})).status).toBe(409);
    expect(await watching.closed).toBe(4404);
    expect((await clinician.get(`/api/visits/${visit.id}`)).status).toBe(404);
    expect((await clinician.get(`/fhir/R4/Patient/${patient.id}`)).status).toBe(404);
    expect((await clinician.post(`/api/visits/${visit.id}/join`)).status).toBe(404);
    // A ticket of before opens nothing.
    const back = await socket(clinician, second);
    back.say({ type: 'join', token: spare.token });
    expect(await back.closed).toBeGreaterThan(4000);

    // Taken back, he may come again.
    expect((await takeBack(said.body)).status).toBe(200);
    const again = await joined(clinician, clinic);
    again.close();
  });

  it.each([
    ['whose browser renews her lease at that moment', true],
    ['whose seat is not held at that moment, her page open', false],
  ])('E1: %s: the patient hears consent-withdrawn all the same', async (_when, seated) => {
    const hers = await joined(patient, clinic);
    const watching = await socket(clinician, second);
    watching.say({ type: 'watch' });
    await watching.hear('status');
    const his = seated ? await joined(clinician, second) : undefined;
    const said = patient.post<Consent>('/fhir/R4/Consent', shutOut(), {
      'content-type': 'application/fhir+json',
    });
    // One of them comes between the word and its news.
    for (let times = 0; his && times < 90; times += 1) {
      his.say({ type: 'renew' });
      await sleep(2);
    }
    const told = [hers, ...(his ? [his] : [])].map(async (one) => one.hear('revoked'));
    for (const { reason } of await Promise.all(told)) expect(reason).toBe('consent-withdrawn');
    expect(await watching.closed).toBe(4404);
    await takeBack((await said).body);
  });

  it('E1: whose socket is down at that moment, no page of his open: the patient hears it when he comes back', async () => {
    const hers = await joined(patient, clinic);
    const his = await joined(clinician, second);
    his.close();
    await rosterWhen(hers, ({ roster }) => roster.some((one) => !one.present));
    const said = await patient.post<Consent>('/fhir/R4/Consent', shutOut(), {
      'content-type': 'application/fhir+json',
    });
    // The word itself has gone round: nobody was there to hear it.
    await sleep(300);
    const back = await socket(clinician, second);
    expect(await back.closed).toBe(4404);
    expect((await hers.hear('revoked')).reason).toBe('consent-withdrawn');
    await takeBack(said.body);
  });

  it('L1: who may not do what he did, for whatever else: he alone loses his seat', async () => {
    const hers = await joined(patient, clinic);
    const his = await joined(clinician, clinic);
    const { read } = clinic.records;
    const refused = vi
      .spyOn(clinic.records, 'read')
      .mockImplementation(async (caller, ...which) => {
        if (caller.id === clinician.account) throw new Refusal('forbidden');
        return read.call(clinic.records, caller, ...which);
      });
    his.say({ type: 'renew' });
    expect((await his.hear('revoked')).reason).toBe('access-withdrawn');
    refused.mockRestore();
    hers.say({ type: 'renew' });
    await hers.hear('renewed');
    expect(hers.told.map(({ type }) => type)).not.toContain('revoked');
  });

  it('E1: who sits and watches by one socket, found by a look at the state: the patient hears it too', async () => {
    const hers = await joined(patient, clinic);
    const his = await joined(clinician, second);
    his.say({ type: 'watch' });
    await his.hear('status');
    // No word of it goes round: the look is what finds it.
    await clinic.data.ownerDb.query(
      `delete from records."grant" where tenant = 1 and principal = $1`,
      [clinician.id],
    );
    clinic.clock.advance(15_000);
    expect((await hers.hear('revoked')).reason).toBe('consent-withdrawn');
    expect((await his.hear('revoked')).reason).toBe('consent-withdrawn');
  });
});
