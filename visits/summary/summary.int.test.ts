/** The summary as a file: in the patient's language, tagged, numbered, whole; and whose it is. The Encounter it tells of, field by field. */
import type { Bundle, Encounter, Patient } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baseUrl, openClinic, type Clinic, type Person } from '../testing/clinic.ts';
import { readPdf } from '../testing/pdf.ts';
import { idempotencyKey, soap, well } from '../testing/samples.ts';

let clinic: Clinic;
let patient: Person;
let stranger: Person;
let clinician: Person;
let other: Person;
let administrator: Person;
let visit: string;
let at: string;
const arabic = 'خذ قرصًا 500 mg (مرتين) يوميًا';
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient', 'Ruiz');
  stranger = await clinic.person('patient');
  clinician = await clinic.clinician();
  other = await clinic.clinician();
  administrator = await clinic.person('administrator');
  const booked = await clinic.book(patient, clinician);
  visit = booked.id;
  at = `/api/visits/${visit}`;
  const checks = { camera: 'ok', microphone: 'ok', speaker: 'ok', network: 'good' };
  await patient.post(`/api/appointments/${visit}/intake`, { answers: well });
  await patient.post(`${at}/arrive`, { checks });
  await clinician.post(`${at}/admit`);
  const order = { kind: 'lab', text: 'Potassium in blood', instructions: 'No need to fast' };
  await clinician.post(`${at}/orders`, order, idempotencyKey());
  const gone = await clinician.post<{ reference: string }>(
    `${at}/orders`,
    { kind: 'lab', text: 'Ordered by mistake' },
    idempotencyKey(),
  );
  await clinician.post(`${at}/orders/${gone.body.reference.split('/')[1]}/cancel`, { reason: 'x' });
  const staff = { kind: 'task', text: 'Check her insurance' };
  await clinician.post(`${at}/orders`, staff, idempotencyKey());
  const task = { for: 'patient', text: 'Measure twice a day', due: '2027-03-20' };
  await clinician.post(`${at}/tasks`, task, idempotencyKey());
  await clinic.records.create(clinic.system, {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: `Patient/${patient.id}` },
    medicationCodeableConcept: { text: 'Honey-thyme syrup' },
    dosageInstruction: [{ text: arabic }],
  });
});
afterAll(() => clinic.closeAll());

const file = async (who: Person, query = '') => {
  const headers = { host: 'localhost:8170', origin: baseUrl, cookie: who.cookie };
  return clinic.http.inject({ method: 'GET', url: `${at}/summary.pdf${query}`, headers });
};

describe('the file of a summary', () => {
  it('is not there before the note is signed', async () => {
    expect((await file(patient)).statusCode).toBe(409);
    const sections = { ...soap, plan: `${soap.plan}\n\n${'Rest and drink. '.repeat(400)}` };
    await clinician.put(`${at}/note`, { revision: 0, sections });
    expect((await clinician.post(`${at}/note/sign`, { revision: 1 })).status).toBe(200);
  });

  it('says everything she takes home, tagged, numbered, with her name in no header', async () => {
    const answer = await file(patient);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="visit-summary.pdf"',
      'content-language': 'en',
      'cache-control': 'no-store',
    });
    const pdf = readPdf(answer.rawPayload);
    expect(pdf).toMatchObject({ language: 'en', title: 'Visit summary', tagged: true });
    expect(pdf.pages.length).toBeGreaterThan(1);
    for (const [n, page] of pdf.pages.entries())
      expect(page).toContain(`Page ${n + 1} of ${pdf.pages.length}`);
    const drawn = pdf.pages.join(' ');
    for (const words of [
      'Ruiz',
      'Post-viral cough',
      'Honey; review in two weeks',
      'Potassium in blood',
      'No need to fast',
      'Measure twice a day',
      'Honey-thyme syrup',
      'A cough that will not go',
      'When to call',
    ])
      expect(drawn).toContain(words);
    expect(drawn).not.toContain('Ordered by mistake');
    expect(drawn).not.toContain('insurance');
    expect(pdf.said).toContain('H1: Visit summary');
    expect(pdf.said).toContain(`P: ${arabic}`);
  });

  it('is in the language her record names, else in the one asked for', async () => {
    const es = readPdf((await file(patient, '?lang=es-MX')).rawPayload);
    expect(es).toMatchObject({ language: 'es', title: 'Resumen de la consulta' });
    expect((await file(patient, '?lang=tlh')).statusCode).toBe(422);
    const { resource } = await clinic.records.read<Patient>(clinic.system, 'Patient', patient.id);
    await clinic.records.update<Patient>(clinic.system, {
      ...resource,
      communication: [{ language: { coding: [{ code: 'ar' }] }, preferred: true }],
    });
    const ar = readPdf((await file(clinician)).rawPayload);
    expect(ar.language).toBe('ar');
    expect(ar.said).toContain('H1: ملخص الزيارة');
    expect(ar.said.some((one) => one.startsWith('P: وقّعه'))).toBe(true);
    // Every drawn letter is one of the font's: no boxes.
    expect(ar.pages.join('')).not.toContain('?');
  });

  it('of somebody else’s visit is not found, and asking leaves a trace', async () => {
    for (const who of [stranger, other]) expect((await file(who)).statusCode).toBe(404);
    expect((await file(administrator)).statusCode).toBeGreaterThanOrEqual(403);
    const { rows } = await clinic.data.ownerDb.query<{ n: number }>(
      `select count(*)::int as n from access.audit_event where action = 'summary-file'`,
    );
    expect(rows[0]!.n).toBeGreaterThanOrEqual(6);
  });
});

describe('the Encounter at the end', () => {
  it('has reason, complaint, type, start, end, duration, quality and billing code; the export too', async () => {
    const samples = [
      { at: new Date(clinic.clock.now()).toISOString(), rttMs: 40, lossIn: 0.01, fps: 24 },
    ];
    expect((await patient.post(`${at}/quality`, { samples })).status).toBe(204);
    const started = clinic.clock.now();
    clinic.clock.advance(17 * 60_000);
    const ended = await clinician.post<{ encounter: string }>(`${at}/end`, {});
    expect(ended.status).toBe(200);
    const path = `/fhir/R4/Encounter/${ended.body.encounter}`;
    const { body } = await clinician.get<Encounter>(path);
    const start = new Date(started).toISOString();
    const end = new Date(started + 17 * 60_000).toISOString();
    expect(body.status).toBe('finished');
    expect(body.reasonCode).toEqual([{ text: 'A cough that will not go' }]);
    const extension = (url: string) => body.extension?.find((one) => one.url === url);
    expect(extension('urn:afar:chief-complaint')?.valueString).toBe(well['chief-complaint']);
    const codes = (body.type ?? []).flatMap((one) => one.coding ?? []);
    expect(codes.find((one) => one.system === 'urn:afar:visit-mode')?.code).toBe('video');
    expect(codes.find((one) => one.system === 'urn:afar:visit-billing')?.code).toBe('tele-short');
    expect(body.period).toEqual({ start, end });
    expect(body.length).toMatchObject({ value: 17, code: 'min' });
    const quality = extension('urn:afar:visit-quality')?.extension;
    expect(quality).toContainEqual({ url: 'rating', valueCode: 'good' });
    expect(quality).toContainEqual({ url: 'rttMs', valueDecimal: 40 });
    const all = await patient.get<Bundle>(`/fhir/R4/Patient/${patient.id}/$everything?_count=500`);
    const exported = all.body.entry?.find((one) => one.resource?.id === body.id)?.resource;
    const { meta: _meta, ...told } = body;
    expect(exported).toMatchObject(told);
  });

  it.each([
    ['audio', 'VR', 'tele-brief'],
    ['phone', 'VR', 'tele-brief'],
    ['chat', 'VR', 'text-brief'],
    ['in-person', 'AMB', 'clinic-brief'],
  ])('held as %s it says so', async (mode, code, billing) => {
    const who = await clinic.person('patient');
    const { id } = await clinic.admitted(who, clinician);
    const ended = await clinician.post<{ encounter: string }>(`/api/visits/${id}/end`, { mode });
    const { body } = await clinician.get<Encounter>(`/fhir/R4/Encounter/${ended.body.encounter}`);
    expect(body.class.code).toBe(code);
    const codes = (body.type ?? []).flatMap((one) => one.coding ?? []);
    expect(codes.map((one) => one.code)).toEqual([mode, billing]);
  });
});
