/** Everybody who tries to take part in a visit without a right to. */
import type { Encounter } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  Admitted,
  AppointmentView,
  Note,
  NoteSaved,
  Queue,
  VisitView,
  WaitingStatus,
} from './contract.ts';
import { checks, openClinic, type Clinic, type Person } from './testing/clinic.ts';
import { idempotencyKey as key, soap } from './testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
let stranger: Person;
let colleague: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Okonjo');
  stranger = await clinic.person('patient', 'Strange');
  clinician = await clinic.clinician();
  colleague = await clinic.clinician();
});
afterAll(() => clinic.closeAll());

describe('those who have no right to it', () => {
  let visit: AppointmentView;
  const at = (path: string): string => `/api/visits/${visit.id}${path}`;
  beforeAll(async () => {
    visit = await clinic.admitted(patient, clinician);
  });

  it('a foreign patient, another clinician: 404 on every address, and an entry in the trail', async () => {
    const before = await refusals();
    let asked = 0;
    for (const who of [stranger, colleague]) {
      for (const path of ['', '/note', '/orders', '/summary']) {
        asked++;
        expect([path, (await who.get(at(path))).status]).toEqual([path, 404]);
      }
      for (const path of [
        '/arrive',
        '/heartbeat',
        '/admit',
        '/return',
        '/join',
        '/quality',
        '/note/sign',
        '/note/addenda',
        '/orders',
        '/end',
      ]) {
        asked++;
        expect([path, (await who.post(at(path), {}, key())).status]).toEqual([path, 404]);
      }
      expect((await who.get(`/api/appointments/${visit.id}/intake`)).status).toBe(404);
    }
    expect((await refusals()) - before).toBe(asked + 2);
  });

  async function refusals(): Promise<number> {
    const { rows } = await clinic.data.ownerDb.query<{ n: number }>(
      'select count(*) as n from access.audit_event where rid = $1 and outcome = 4',
      [visit.id],
    );
    return rows[0]!.n;
  }

  it('the patient does not do the clinician’s part, nor the clinician the patient’s', async () => {
    for (const path of ['/admit', '/return', '/note/sign', '/note/addenda', '/orders', '/end'])
      expect([path, (await patient.post(at(path), {}, key())).status]).toEqual([path, 403]);
    expect((await patient.get(at('/note'))).status).toBe(403);
    expect((await patient.put(at('/note'), { revision: 0, sections: soap })).status).toBe(403);
    expect((await patient.get('/api/queue')).status).toBe(403);
    for (const path of ['/arrive', '/heartbeat'])
      expect([path, (await clinician.post(at(path), { checks })).status]).toEqual([path, 403]);
  });

  it('a nurse of the care team writes in the note and cannot sign, admit, order, end or join', async () => {
    const nurse = await clinic.person('nurse');
    expect((await nurse.get(at('/note'))).status).toBe(404);
    await clinic.records.create(clinic.system, {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: `Patient/${patient.id}` },
      participant: [{ member: { reference: `Practitioner/${nurse.id}` } }],
    });
    expect((await nurse.get(at('/note'))).status).toBe(200);
    const draft = { ...soap, subjective: 'Triage: cough', assessment: 'x' };
    const saved = await nurse.put<NoteSaved>(at('/note'), { revision: 0, sections: draft });
    expect(saved).toMatchObject({ status: 200, body: { revision: 1 } });
    for (const path of ['/note/sign', '/admit', '/orders', '/end', '/join', '/return'])
      expect([path, (await nurse.post(at(path), { revision: 1 }, key())).status]).toEqual([
        path,
        403,
      ]);
    const queue = await nurse.get<Queue>('/api/queue');
    expect(queue.body.entries.map((one) => one.id)).toEqual([visit.id]);
    // A colleague on the care team reads, and does not sign in the other's place.
    const careful = await clinic.clinician();
    await clinic.records.create(clinic.system, {
      resourceType: 'CareTeam',
      status: 'active',
      subject: { reference: `Patient/${patient.id}` },
      participant: [{ member: { reference: `Practitioner/${careful.id}` } }],
    });
    expect((await careful.get(at('/note'))).status).toBe(200);
    for (const path of ['/note/sign', '/admit', '/end', '/join'])
      expect([path, (await careful.post(at(path), { revision: 1 })).status]).toEqual([path, 403]);
  });

  it('office and auditor reach no visit', async () => {
    for (const role of ['administrator', 'auditor'] as const) {
      const who = await clinic.person(role);
      for (const path of ['', '/note', '/summary'])
        expect([403, 404]).toContain((await who.get(at(path))).status);
      expect((await who.get('/api/queue')).status).toBe(403);
      expect((await who.get('/api/appointments')).status).toBe(403);
    }
  });

  it('nobody signed in: 401', async () => {
    const answer = await clinic.http.inject({ url: at(''), headers: { host: 'localhost:8170' } });
    expect(answer.statusCode).toBe(401);
  });

  it('a note without assessment or plan is not signed', async () => {
    const { body } = await clinician.get<Note>(at('/note'));
    const sections = { ...soap, assessment: ' ', plan: '' };
    const saved = await clinician.put<NoteSaved>(at('/note'), {
      revision: body.revision,
      sections,
    });
    const signed = await clinician.post<{ issue: { expression: string[] }[] }>(at('/note/sign'), {
      revision: saved.body.revision,
    });
    expect(signed.status).toBe(422);
    expect(signed.body.issue.map((one) => one.expression[0])).toEqual([
      'sections.assessment',
      'sections.plan',
    ]);
  });

  it('sent back to the waiting room, the Encounter is on leave and tickets are gone', async () => {
    const back = await clinician.post<WaitingStatus>(at('/return'));
    expect(back.body).toMatchObject({ state: 'waiting', position: 1 });
    expect((await patient.post(at('/join'))).status).toBe(409);
    const view = (await clinician.get<VisitView>(at(''))).body;
    const { body } = await clinician.get<Encounter>(`/fhir/R4/Encounter/${view.encounter}`);
    expect(body.status).toBe('onleave');
    expect((await clinician.post<Admitted>(at('/admit'))).body.encounter).toBe(view.encounter);
  });
});
