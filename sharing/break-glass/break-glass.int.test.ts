/** Break-glass: who may, what it opens, who is told, when it ends; and everybody who would like it wider. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller, Role } from '@afar/access';
import type { Resource } from '@afar/fhir';
import { fixedClock } from '@afar/platform';
import type { World } from '@afar/records/testing';
import { openSharing, type SharingWorld } from '../testing.ts';
import type { EmergencyFound, EmergencySummary, GlassRow, OpenedGlass } from '../contract.ts';
import { openMs } from './open-glass.ts';

let house: SharingWorld;
let world: World;
let http: SharingWorld['http'];
const clock = fixedClock(Date.UTC(2027, 2, 10, 15));
let ada: { id: string; caller: Caller };
let patientAccount: string;
let officer: Caller;
let medic: Caller;

const refer = (type: string, id: string) => ({ reference: `${type}/${id}` });
const active = {
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
      code: 'active',
    },
  ],
};
const text = 'Found unconscious at the bus stop';
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Somebody of the staff with an account and a Practitioner of her own. */
async function staff(role: Exclude<Role, 'guest' | 'system' | 'patient'>): Promise<Caller> {
  const { id } = await world.practitioner();
  const account = await world.access.accounts.create({
    tenant: 1,
    role,
    email: `${id}@clinic.example`,
    name: `Someone ${role}`,
    password: 'correct-horse-battery-staple-42',
    fhirUser: { type: 'Practitioner', id },
  });
  return world.caller(role, { id: account.id, fhirUser: { type: 'Practitioner', id } });
}

beforeAll(async () => {
  house = await openSharing(clock);
  ({ world, http } = house);
  ada = await world.patient({
    name: [{ family: 'Okonjo', given: ['Ada'] }],
    identifier: [{ system: 'urn:mrn', value: 'MRN-77' }],
    contact: [{ name: { text: 'Ben Okonjo' }, telecom: [{ system: 'phone', value: '555 0100' }] }],
  });
  patientAccount = await house.accountOf(ada.id);
  officer = await staff('auditor');
  medic = await staff('paramedic');
  const subject = refer('Patient', ada.id);
  const chart: Resource[] = [
    {
      resourceType: 'AllergyIntolerance',
      patient: subject,
      clinicalStatus: active,
      code: { text: 'Pollen' },
      criticality: 'low',
    },
    {
      resourceType: 'AllergyIntolerance',
      patient: subject,
      clinicalStatus: active,
      code: { text: 'Penicillin' },
      criticality: 'high',
      reaction: [{ manifestation: [{ text: 'Anaphylaxis' }] }],
    },
    { resourceType: 'Condition', subject, code: { text: 'Epilepsy' } },
    {
      resourceType: 'Condition',
      subject,
      code: { text: 'Something very private' },
      meta: { security: [{ system: confidentiality, code: 'V' }] },
    },
    {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject,
      medicationCodeableConcept: { text: 'Valproate' },
    },
    {
      resourceType: 'Observation',
      status: 'final',
      subject,
      code: { text: 'What the paramedic need not know' },
    },
  ];
  for (const one of chart) await world.records.create(world.system, one);
});
afterAll(() => house.close());

const now = (caller: Caller): Caller => ({ ...caller, at: clock.now() });
async function ask<T = Record<string, unknown>>(
  as: Caller,
  method: 'GET' | 'POST',
  url: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const answer = await http.inject({
    as: now(as),
    method,
    url: `/api${url}`,
    ...(body !== undefined && { body }),
    ...(body !== undefined && { headers: { 'content-type': 'application/json' } }),
  });
  return {
    status: answer.status,
    body: (answer.text ? JSON.parse(answer.text) : undefined) as T,
  };
}
const openFor = (as: Caller, patient = ada.id) =>
  ask<OpenedGlass>(as, 'POST', '/break-glass', { patient, reason: 'unconscious', text });
const reads = (as: Caller, type: string, id: string) =>
  world.records.read(now(as), type, id).then(
    () => 200,
    (error: unknown) => (error as { status: number }).status,
  );
const eventsOf = async (action: string) =>
  (
    await world.data.ownerDb.query<{
      who: string;
      rid: string;
      patients: string[];
      purpose: string;
      outcome: number;
    }>('select who, rid, patients, purpose, outcome from access.audit_event where action = $1', [
      action,
    ])
  ).rows;

describe('finding the person', () => {
  it('by an identifier, or by name and birth date: tells little, and the trail who was shown', async () => {
    const expected = [{ id: ada.id, name: 'Ada Okonjo', birthYear: 1984, sex: 'female' }];
    const byNumber = await ask<EmergencyFound>(medic, 'POST', '/break-glass/find', {
      identifier: 'MRN-77',
    });
    expect(byNumber.body).toEqual({ patients: expected, more: false });
    const byName = await ask<EmergencyFound>(medic, 'POST', '/break-glass/find', {
      name: 'okonjo',
      birthDate: '1984-02-29',
    });
    expect(byName.body.patients).toEqual(expected);
    const [event] = await eventsOf('emergency-find');
    expect(event).toMatchObject({ who: medic.id, patients: [ada.id] });
    // What she found is not yet open.
    expect(await reads(medic, 'Patient', ada.id)).toBe(404);
  });

  it('not by a name alone, not by half a number, not two at once, not by other roles', async () => {
    const find = (as: Caller, body: object) => ask(as, 'POST', '/break-glass/find', body);
    expect((await find(medic, { name: 'okonjo' })).status).toBe(400);
    expect((await find(medic, { birthDate: '1984-02-29' })).status).toBe(400);
    for (const identifier of ['MRN-7', 'MRN-77,MRN-78', 'urn:other|MRN-77'])
      expect((await find(medic, { identifier })).body).toMatchObject({ patients: [] });
    for (const identifier of ['urn:mrn|', '|', 'urn:mrn|MRN-77|x'])
      expect((await find(medic, { identifier })).status).toBe(400);
    for (const role of ['administrator', 'patient', 'auditor', 'pharmacist'] as const)
      expect((await find(world.caller(role), { identifier: 'MRN-77' })).status).toBe(403);
    expect((await find({ ...medic, mfa: false }, { identifier: 'MRN-77' })).status).toBe(403);
  });

  it('so often and no more', async () => {
    const eager = await staff('paramedic');
    const statuses: number[] = [];
    for (let n = 0; n < 31; n++)
      statuses.push(
        (await ask(eager, 'POST', '/break-glass/find', { identifier: `MRN-${n}` })).status,
      );
    expect(statuses.slice(0, 30).every((one) => one === 200)).toBe(true);
    expect(statuses[30]).toBe(429);
    clock.advance(10 * 60_000 + 1);
    expect((await ask(eager, 'POST', '/break-glass/find', { identifier: 'X1' })).status).toBe(200);
  });
});

describe('opening', () => {
  it('demands a reason in words, a kind, a patient who is there', async () => {
    const open = (body: object) => ask(medic, 'POST', '/break-glass', body);
    const patient = ada.id;
    expect((await open({ patient, reason: 'unconscious' })).status).toBe(400);
    expect((await open({ patient, reason: 'unconscious', text: '  because  ' })).status).toBe(422);
    expect((await open({ patient, reason: 'curious', text })).status).toBe(400);
    const nobody = '77777777-0000-4000-8000-000000000000';
    expect((await open({ patient: nobody, reason: 'other', text })).status).toBe(404);
    expect((await openFor(world.caller('administrator'))).status).toBe(403);
    expect((await openFor({ ...medic, mfa: false })).status).toBe(403);
    expect(await reads(medic, 'Patient', ada.id)).toBe(404);
  });

  it('to nobody whose licence is not verified, or over: not a name, not a chart', async () => {
    const doctor = await staff('practitioner');
    for (const licence of [
      { proven: false, until: 0 },
      { proven: true, until: clock.now() },
    ]) {
      const powerless = { ...doctor, licence };
      const find = { identifier: 'MRN-77' };
      expect((await ask(powerless, 'POST', '/break-glass/find', find)).status).toBe(403);
      expect((await openFor(powerless)).status).toBe(403);
    }
  });

  it('opens for an hour what the role may see; officer and patient are told, the trail knows', async () => {
    const { body: opened, status } = await openFor(medic);
    expect(status).toBe(200);
    expect(Date.parse(opened.ends) - clock.now()).toBe(openMs);
    expect(await reads(medic, 'Patient', ada.id)).toBe(200);
    const again = await openFor(medic);
    expect(again.body.id).toBe(opened.id);

    const toOfficer = await world.access.notices.list(1, officer.id, 10);
    expect(toOfficer[0]).toMatchObject({
      kind: 'break-glass',
      about: { id: opened.id, name: 'Someone paramedic', times: 1 },
    });
    expect((await world.access.notices.list(1, patientAccount, 10))[0]).toMatchObject({
      kind: 'break-glass',
      about: { name: 'Someone paramedic' },
    });
    expect((await eventsOf('break-glass')).filter((one) => one.outcome === 0)[0]).toEqual({
      who: medic.id,
      rid: opened.id,
      patients: [ada.id],
      purpose: 'ETREAT',
      outcome: 0,
    });
    // The words are sealed.
    const { rows } = await world.data.ownerDb.query<{ sealed: Buffer }>(
      'select sealed from sharing.break_glass where id = $1',
      [opened.id],
    );
    expect(rows[0]!.sealed.toString('latin1')).not.toContain('bus stop');

    const summary = await ask<EmergencySummary>(medic, 'GET', `/break-glass/${opened.id}/summary`);
    expect(summary.body).toMatchObject({
      name: 'Ada Okonjo',
      birthDate: '1984-02-29',
      allergies: [{ text: 'Penicillin', detail: 'Anaphylaxis', grave: true }, { text: 'Pollen' }],
      medications: [{ text: 'Valproate' }],
      contacts: [{ name: 'Ben Okonjo', phone: '555 0100' }],
    });
    expect(summary.body.conditions.map((one) => one.text)).toContain('Epilepsy');
    expect((await eventsOf('emergency-summary'))[0]).toMatchObject({
      patients: [ada.id],
      purpose: 'ETREAT',
    });
    // Another's summary is not there, nor may others end it.
    const other = await staff('paramedic');
    expect((await ask(other, 'GET', `/break-glass/${opened.id}/summary`)).status).toBe(404);
    expect((await ask(other, 'POST', `/break-glass/${opened.id}/end`)).status).toBe(404);

    clock.advance(openMs);
    expect(await reads(medic, 'Patient', ada.id)).toBe(404);
    expect((await ask(medic, 'GET', `/break-glass/${opened.id}/summary`)).status).toBe(404);
  });

  it('two requests at once are one opening, ended once', async () => {
    const nurse = await staff('nurse');
    const both = await Promise.all([openFor(nurse), openFor(nurse), openFor(nurse)]);
    expect(new Set(both.map((one) => one.body.id)).size).toBe(1);
    expect((await ask(nurse, 'POST', `/break-glass/${both[0].body.id}/end`)).status).toBe(204);
    expect(await reads(nurse, 'Patient', ada.id)).toBe(404);
  });

  it('shows a paramedic no more than the summary needs', async () => {
    const { body: opened } = await openFor(medic);
    const notes = world.records.search(now(medic), 'Observation', [['patient', ada.id]]);
    await expect(notes).rejects.toMatchObject({ status: 403 });
    await ask(medic, 'POST', `/break-glass/${opened.id}/end`);
  });

  it('passes by what the patient shut, but not what is very restricted', async () => {
    const consent = await world.records.create(now(ada.caller), {
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      category: [{ text: 'privacy' }],
      patient: refer('Patient', ada.id),
      policyRule: { text: 'as said' },
      provision: {
        type: 'deny',
      },
    });
    const secret = await world.records.create(now(ada.caller), {
      resourceType: 'Consent',
      status: 'active',
      scope: { coding: [{ code: 'patient-privacy' }] },
      category: [{ text: 'privacy' }],
      patient: refer('Patient', ada.id),
      policyRule: { text: 'as said' },
      provision: { type: 'deny', securityLabel: [{ system: confidentiality, code: 'V' }] },
    });
    const doctor = await staff('practitioner');
    expect(await reads(doctor, 'Patient', ada.id)).toBe(404);
    const { body: opened } = await openFor(doctor);
    expect(await reads(doctor, 'Patient', ada.id)).toBe(200);
    const { body } = await ask<EmergencySummary>(
      doctor,
      'GET',
      `/break-glass/${opened.id}/summary`,
    );
    expect(body.conditions.map((one) => one.text)).toEqual(['Epilepsy']);
    await ask(doctor, 'POST', `/break-glass/${opened.id}/end`);
    expect(await reads(doctor, 'Patient', ada.id)).toBe(404);
    for (const one of [consent, secret])
      await world.records.update(now(ada.caller), {
        ...one.resource,
        status: 'inactive',
      } as never);
  });
});

describe('the privacy officer', () => {
  it('sees each with its words and how often, accepts or asks back, and may end one', async () => {
    clock.advance(1_000);
    const doctor = await staff('practitioner');
    const { body: opened } = await openFor(doctor);
    const list = async () =>
      (await ask<{ rows: GlassRow[] }>(officer, 'GET', '/break-glass')).body.rows;
    expect((await ask(officer, 'GET', '/break-glass?before=1e300')).status).toBe(400);
    expect((await list())[0]).toMatchObject({
      id: opened.id,
      patient: ada.id,
      name: 'Someone practitioner',
      role: 'practitioner',
      reason: 'unconscious',
      text,
      times: 1,
    });
    expect((await ask(officer, 'POST', `/break-glass/${opened.id}/end`)).status).toBe(204);
    expect(await reads(doctor, 'Patient', ada.id)).toBe(404);
    expect((await ask(officer, 'POST', `/break-glass/${opened.id}/end`)).status).toBe(404);

    const review = (body: object, as = officer) =>
      ask(as, 'POST', `/break-glass/${opened.id}/review`, body);
    expect((await review({ decision: 'questioned' })).status).toBe(422);
    const asked = { decision: 'questioned', text: 'Which bus stop was that, please?' };
    expect((await review(asked, doctor)).status).toBe(403);
    expect((await review(asked)).status).toBe(204);
    expect((await world.access.notices.list(1, doctor.id, 5))[0]).toMatchObject({
      kind: 'break-glass',
      about: { questioned: 1 },
    });
    expect((await list())[0]).toMatchObject({ decision: 'questioned', question: asked.text });
    expect((await review({ decision: 'accepted' })).status).toBe(204);
    expect((await list())[0]!.decision).toBe('accepted');

    expect((await ask(doctor, 'GET', '/break-glass')).status).toBe(403);
    clock.advance(1_000);
    await openFor(doctor);
    expect((await list())[0]!.times).toBe(2);
    // An auditor reads no chart by any of this.
    expect(await reads(officer, 'Patient', ada.id)).toBe(403);
  });
});
