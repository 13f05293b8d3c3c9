/** One visit from the intake to the summary, step by step. */
import type {
  Appointment,
  Composition,
  Encounter,
  QuestionnaireResponse,
  ServiceRequest,
} from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  Admitted,
  AppointmentView,
  Ended,
  Intake,
  IntakeResult,
  Note,
  NoteConflict,
  NoteSaved,
  OrderView,
  Queue,
  VisitSummary,
  VisitView,
  WaitingStatus,
} from './contract.ts';
import { checks, openClinic, type Clinic, type Person } from './testing/clinic.ts';
import { idempotencyKey as key, soap, well } from './testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
let colleague: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Okonjo');
  clinician = await clinic.clinician();
  colleague = await clinic.clinician();
});
afterAll(() => clinic.closeAll());

describe('the main job', () => {
  let visit: AppointmentView;
  let encounter: string;
  const at = (path: string): string => `/api/visits/${visit.id}${path}`;

  it('intake: questions, faults, answers linked to the Appointment', async () => {
    visit = await clinic.book(patient, clinician, 'A cough that will not go');
    const url = `/api/appointments/${visit.id}/intake`;
    const asked = await patient.get<Intake>(url);
    expect(asked.body.questions.length).toBeGreaterThan(5);
    const faults = await patient.post<{ issue: { expression: string[] }[] }>(url, {
      answers: { ...well, since: 'never', severity: undefined },
    });
    expect(faults.status).toBe(422);
    expect(faults.body.issue.map((one) => one.expression[0])).toEqual(['since', 'severity']);
    const done = await patient.post<IntakeResult>(url, { answers: well });
    expect(done).toMatchObject({ status: 200, body: { redFlag: false } });
    expect((await patient.get<Intake>(url)).body.answers).toEqual(well);
    const appointment = await clinician.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    const link = appointment.body.supportingInformation![0]!.reference!;
    const response = await clinician.get<QuestionnaireResponse>(`/fhir/R4/${link}`);
    expect(response.body).toMatchObject({
      status: 'completed',
      subject: { reference: `Patient/${patient.id}` },
      questionnaire: 'urn:afar:questionnaire:intake|1',
    });
    // Answered again before the visit: the same response, amended.
    expect((await patient.post(url, { answers: { ...well, severity: 5 } })).status).toBe(200);
    const amended = await clinician.get<QuestionnaireResponse>(`/fhir/R4/${link}`);
    expect(amended.body.status).toBe('amended');
  });

  it('waiting room: arrives, is seen in the queue with name, reason and checks', async () => {
    const arrived = await patient.post<WaitingStatus>(at('/arrive'), { checks });
    expect(arrived).toMatchObject({ status: 200, body: { state: 'waiting', position: 1 } });
    clinic.clock.advance(30_000);
    const queue = await clinician.get<Queue>('/api/queue');
    expect(queue.body.entries).toMatchObject([
      {
        id: visit.id,
        state: 'waiting',
        patient: { id: patient.id, name: 'Test Okonjo', birthDate: '1984-02-29' },
        reason: 'A cough that will not go',
        waitedSeconds: 30,
        redFlag: false,
        present: true,
        checks,
      },
    ]);
    // Arriving again keeps the place and takes the new checks.
    await patient.post(at('/arrive'), { checks: { ...checks, network: 'poor' } });
    const [entry] = (await clinician.get<Queue>('/api/queue')).body.entries;
    expect(entry).toMatchObject({ waitedSeconds: 30, checks: { network: 'poor' } });
    expect((await colleague.get<Queue>('/api/queue')).body.entries).toEqual([]);
    clinic.clock.advance(46_000);
    expect((await clinician.get<Queue>('/api/queue')).body.entries[0]!.present).toBe(false);
    expect((await patient.post(at('/heartbeat'))).status).toBe(200);
    expect((await clinician.get<Queue>('/api/queue')).body.entries[0]!.present).toBe(true);
  });

  it('no ticket before admission', async () => {
    for (const who of [patient, clinician]) expect((await who.post(at('/join'))).status).toBe(409);
  });

  it('admission begins an Encounter of class VR, once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => clinician.post<Admitted>(at('/admit'))));
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map((one) => one.body.encounter)).size).toBe(1);
    encounter = answers[0]!.body.encounter;
    const { body } = await patient.get<Encounter>(`/fhir/R4/Encounter/${encounter}`);
    expect(body).toMatchObject({
      status: 'in-progress',
      class: { code: 'VR' },
      reasonCode: [{ text: 'A cough that will not go' }],
      appointment: [{ reference: `Appointment/${visit.id}` }],
      participant: [{ individual: { reference: `Practitioner/${clinician.id}` } }],
      type: [{ coding: [{ system: 'urn:afar:visit-mode', code: 'video' }] }],
      extension: [{ url: 'urn:afar:chief-complaint', valueString: 'Dry cough at night' }],
    });
    expect(body.period!.start).toBe(new Date(clinic.clock.now()).toISOString());
    const appointment = await patient.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    expect(appointment.body.status).toBe('checked-in');
    // Answers are closed once the visit has begun.
    const late = await patient.post(`/api/appointments/${visit.id}/intake`, { answers: well });
    expect(late.status).toBe(409);
    expect((await patient.post(`/api/appointments/${visit.id}/cancel`)).status).toBe(409);
  });

  it('the note saves itself, and never over somebody else’s words', async () => {
    const empty = await clinician.get<Note>(at('/note'));
    expect(empty.body).toMatchObject({ revision: 0, sections: { plan: '' } });
    const save = (revision: number, plan: string) =>
      clinician.put<NoteSaved & NoteConflict>(at('/note'), {
        revision,
        sections: { ...soap, plan },
      });
    expect((await save(0, 'first')).body.revision).toBe(1);
    expect((await save(1, 'second')).body.revision).toBe(2);
    const late = await save(1, 'from another tab');
    expect(late.status).toBe(409);
    expect(late.body.conflict).toBe(true);
    expect(late.body.current).toMatchObject({ revision: 2, sections: { plan: 'second' } });
    expect((await save(0, 'as if new')).status).toBe(409);
    const racing = await Promise.all([save(2, 'left'), save(2, 'right')]);
    expect(racing.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect((await save(3, soap.plan)).body.revision).toBe(4);
    const { rows } = await clinic.data.ownerDb.query<{ body: Buffer }>(
      'select body from visits.draft',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.body.includes('Honey')).toBe(false);
  });

  it('orders are placed once, and are FHIR', async () => {
    const headers = key();
    const ask = { kind: 'follow-up', text: 'Chest X-ray', due: '2027-03-24' };
    const placed = await Promise.all(
      [1, 2].map(() => clinician.post<OrderView>(at('/orders'), ask, headers)),
    );
    expect(placed[0]!.status).toBe(201);
    expect(placed[1]!.body).toEqual(placed[0]!.body);
    const stored = await patient.get<ServiceRequest>(`/fhir/R4/${placed[0]!.body.reference}`);
    expect(stored.body).toMatchObject({
      resourceType: 'ServiceRequest',
      status: 'active',
      code: { text: 'Chest X-ray' },
      occurrenceDateTime: '2027-03-24',
      encounter: { reference: `Encounter/${encounter}` },
    });
    for (const kind of ['task', 'appointment']) {
      clinic.clock.advance(1000);
      const more = await clinician.post(at('/orders'), { kind, text: `A ${kind}` }, key());
      expect(more.status).toBe(201);
    }
    const bad = await clinician.post(at('/orders'), { kind: 'potion', text: '' }, key());
    expect(bad.status).toBe(422);
  });

  it('the summary waits for the signature', async () => {
    expect((await patient.get<VisitSummary>(at('/summary'))).body).toEqual({ status: 'pending' });
  });

  it('signing makes one attested Composition of the revision at hand', async () => {
    const stale = await clinician.post<NoteConflict>(at('/note/sign'), { revision: 3 });
    expect(stale).toMatchObject({ status: 409, body: { conflict: true } });
    const signed = await clinician.post<Note>(at('/note/sign'), { revision: 4 });
    expect(signed).toMatchObject({ status: 200, body: { sections: soap } });
    expect(signed.body.signed!.by).toMatchObject({ id: clinician.id });
    const { body } = await patient.get<Composition>(
      `/fhir/R4/Composition/${signed.body.signed!.composition}`,
    );
    expect(body).toMatchObject({
      status: 'final',
      type: { coding: [{ system: 'http://loinc.org', code: '11488-4' }] },
      encounter: { reference: `Encounter/${encounter}` },
      attester: [{ mode: 'professional', party: { reference: `Practitioner/${clinician.id}` } }],
    });
    expect(body.section!.map((one) => one.code!.coding![0]!.code)).toEqual([
      '61150-9',
      '61149-1',
      '51848-0',
      '18776-5',
    ]);
    expect((await clinician.post(at('/note/sign'), { revision: 4 })).status).toBe(409);
    const save = await clinician.put(at('/note'), { revision: 4, sections: soap });
    expect(save.status).toBe(409);
    const drafts = await clinic.data.ownerDb.query('select from visits.draft');
    expect(drafts.rowCount).toBe(0);
    // Nor is it rewritten past these routes, through the FHIR interface.
    const forged = await clinician.put(`/fhir/R4/Composition/${body.id}`, {
      ...body,
      title: 'Something else',
    });
    expect(forged.status).toBe(403);
  });

  it('an addendum stands beside the note, which stays as it was', async () => {
    const added = await clinician.post<Note>(at('/note/addenda'), { text: 'Samples were sent' });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ sections: soap, addenda: [{ text: 'Samples were sent' }] });
    const stored = await patient.get<Composition>(
      `/fhir/R4/Composition/${added.body.addenda[0]!.composition}`,
    );
    expect(stored.body.relatesTo).toEqual([
      {
        code: 'appends',
        targetReference: { reference: `Composition/${added.body.signed!.composition}` },
      },
    ]);
  });

  it('the end closes Encounter and Appointment with length, billing code and quality', async () => {
    const sample = {
      at: new Date(clinic.clock.now()).toISOString(),
      rttMs: 50,
      fps: 28,
      lossIn: 0,
    };
    for (const who of [patient, clinician])
      expect((await who.post(at('/quality'), { samples: [sample] })).status).toBe(204);
    // Two seconds went by while ordering.
    clinic.clock.advance(14 * 60_000 - 2_000);
    const ended = await clinician.post<Ended>(at('/end'), {});
    expect(ended).toMatchObject({
      status: 200,
      body: {
        minutes: 14,
        billingCode: 'tele-short',
        quality: { rating: 'good', samples: 2, rttMs: 50 },
      },
    });
    expect((await clinician.post<Ended>(at('/end'), {})).body).toEqual(ended.body);
    const { body } = await patient.get<Encounter>(`/fhir/R4/Encounter/${encounter}`);
    expect(body).toMatchObject({
      status: 'finished',
      length: { value: 14, code: 'min' },
      period: { end: ended.body.end },
    });
    expect(body.type!.flatMap((one) => one.coding ?? []).map((one) => one.code)).toEqual([
      'video',
      'tele-short',
    ]);
    expect(body.extension!.map((one) => one.url)).toEqual([
      'urn:afar:chief-complaint',
      'urn:afar:visit-quality',
    ]);
    const appointment = await patient.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    expect(appointment.body.status).toBe('fulfilled');
    for (const who of [patient, clinician]) expect((await who.post(at('/join'))).status).toBe(409);
    expect((await clinician.post(at('/admit'))).status).toBe(409);
    expect((await clinician.get<Queue>('/api/queue')).body.entries).toEqual([]);
  });

  it('the patient reads who, when, why, what was found and what to do', async () => {
    const { body } = await patient.get<VisitSummary>(at('/summary'));
    expect(body).toMatchObject({
      status: 'ready',
      clinician: { id: clinician.id, specialty: 'Family medicine' },
      reason: 'A cough that will not go',
      found: 'Post-viral cough',
      plan: 'Honey; review in two weeks',
      minutes: 14,
      mode: 'video',
      zone: 'America/New_York',
      followUp: [
        { kind: 'follow-up', text: 'Chest X-ray', due: '2027-03-24' },
        { kind: 'appointment' },
      ],
      addenda: [{ text: 'Samples were sent' }],
    });
    expect((await patient.get<VisitView>(at(''))).body).toMatchObject({
      state: 'ended',
      note: 'signed',
      summaryReady: true,
    });
  });

  it('every step is in the trail, without a word of it', async () => {
    const { rows } = await clinic.data.ownerDb.query<{ action: string }>(
      'select distinct action from access.audit_event where rid = $1',
      [visit.id],
    );
    const actions = rows.map((one) => one.action);
    for (const action of [
      'book',
      'answer-intake',
      'arrive',
      'admit',
      'ticket',
      'save-note',
      'sign',
      'order',
      'end',
      'summary',
    ])
      expect(actions).toContain(action);
    for (const word of ['Okonjo', 'cough', 'Honey', 'X-ray'])
      expect(clinic.log.text()).not.toContain(word);
  });

  it('no table of the room holds a word that a person wrote', async () => {
    const { rows: tables } = await clinic.data.ownerDb.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'visits'`,
    );
    expect(tables.length).toBeGreaterThan(8);
    let all = '';
    for (const { name } of tables) {
      const { rows } = await clinic.data.ownerDb.query<{ row: string }>(
        `select to_jsonb(one)::text as row from visits.${name} as one`,
      );
      for (const { row } of rows) {
        all += row;
        for (const [, hex] of row.matchAll(/x([0-9a-f]{16,})/g)) all += Buffer.from(hex!, 'hex');
      }
    }
    expect(all).toContain(visit.id);
    const words = ['Okonjo', 'ough', 'Honey', 'X-ray', '1984-02-29', 'Lindqvist', 'clinic.example'];
    for (const word of words) expect(all).not.toContain(word);
  });

  it('signing asks for a fresh proof', async () => {
    clinic.clock.advance(10 * 60_000);
    const late = await clinician.post(at('/note/sign'), { revision: 4 });
    expect(late.status).toBe(403);
    expect(JSON.stringify(late.body)).toContain('step-up-required');
    // What can be taken back asks for nothing.
    expect((await clinician.get(at('/note'))).status).toBe(200);
    await clinician.signIn();
    // Heard again, and told what stands in its way: it was signed long ago.
    expect((await clinician.post(at('/note/sign'), { revision: 4 })).status).toBe(409);
  });
});
