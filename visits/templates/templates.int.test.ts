/** Templates and phrases: whose they are, what they may hold, and that nothing of a chart gets into one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChartFields, Template } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
let other: Person;
let administrator: Person;
beforeAll(async () => {
  clinic = await openClinic();
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
  other = await clinic.clinician();
  administrator = await clinic.person('administrator');
});
afterAll(() => clinic.closeAll());

const phrase = {
  kind: 'phrase',
  name: 'Lungs',
  abbr: 'lungs',
  body: { text: 'Clear. [[wheeze]]' },
};
const note = {
  kind: 'note',
  name: 'Cough',
  body: {
    sections: {
      subjective: '{{age}} years, {{sex}}. Allergies: {{allergies}}',
      objective: '{{vitals}}',
      assessment: '[[diagnosis]]',
      plan: '',
    },
  },
};
const list = async (who: Person): Promise<Template[]> =>
  (await who.get<Template[]>('/api/templates')).body;
const remove = async (who: Person, id: string): Promise<number> => {
  const { cookie } = who;
  const headers = { host: 'localhost:8170', origin: 'http://localhost:8170', cookie };
  return (await clinic.http.inject({ method: 'DELETE', url: `/api/templates/${id}`, headers }))
    .statusCode;
};

describe('a template', () => {
  it('of her own is hers alone; the clinic’s is written by the office and read by all', async () => {
    const mine = await clinician.post<Template>('/api/templates', phrase);
    expect(mine.status).toBe(201);
    expect(mine.body).toMatchObject({ scope: 'own', revision: 1, abbr: 'lungs' });
    const clinics = await administrator.post<Template>('/api/templates', note);
    expect(clinics.body.scope).toBe('clinic');
    expect((await list(clinician)).map((one) => one.name)).toEqual(['Cough', 'Lungs']);
    expect((await list(other)).map((one) => one.name)).toEqual(['Cough']);
    expect((await list(administrator)).map((one) => one.name)).toEqual(['Cough']);
    expect((await patient.get('/api/templates')).status).toBe(403);
    const { id } = mine.body;
    const changed = { ...phrase, name: 'Mine now', revision: 1 };
    expect((await other.put(`/api/templates/${id}`, changed)).status).toBe(404);
    expect(await remove(other, id)).toBe(404);
    expect(
      (await clinician.put(`/api/templates/${clinics.body.id}`, { ...note, revision: 1 })).status,
    ).toBe(404);
    expect(await remove(clinician, clinics.body.id)).toBe(404);
  });

  it('is changed on the revision it stands on; an abbreviation is one phrase’s', async () => {
    const { id } = (await list(clinician)).find((one) => one.abbr === 'lungs')!;
    const better = { ...phrase, body: { text: 'Clear to auscultation.' }, revision: 1 };
    expect((await clinician.put<Template>(`/api/templates/${id}`, better)).body.revision).toBe(2);
    expect((await clinician.put(`/api/templates/${id}`, better)).status).toBe(409);
    expect((await clinician.post('/api/templates', phrase)).status).toBe(409);
    expect((await other.post('/api/templates', phrase)).status).toBe(201);
    expect(await remove(clinician, id)).toBe(204);
  });

  it('names what is read from a chart, and no other field; every fault has its place', async () => {
    const refused = await clinician.post<{ issue: { expression: string[] }[] }>('/api/templates', {
      ...note,
      name: '',
      abbr: 'x',
      body: { sections: { ...note.body.sections, plan: '{{patient.name}}' } },
    });
    expect(refused.status).toBe(422);
    expect(refused.body.issue.map((one) => one.expression[0])).toEqual([
      'name',
      'abbr',
      'body.sections.plan',
    ]);
    const orders = { kind: 'orders', name: 'Set', body: { orders: [{ kind: 'lab', text: '' }] } };
    const faulty = await clinician.post<{ issue: { expression: string[] }[] }>(
      '/api/templates',
      orders,
    );
    expect(faulty.body.issue[0]!.expression).toEqual(['body.orders[0].text']);
  });

  it('is sealed in its row', async () => {
    const words = { ...phrase, abbr: 'heart', body: { text: 'Glowworm sign absent' } };
    await clinician.post('/api/templates', words);
    const { rows } = await clinic.db.query<{ body: Buffer }>('select body from visits.template');
    expect(rows.every((one) => !one.body.toString('latin1').includes('Glowworm'))).toBe(true);
    await clinic.data.ownerDb.query('update visits.template set owner = $1 where owner = $2', [
      other.id,
      clinician.id,
    ]);
    // Somebody else's row, moved by hand, does not open as hers.
    expect((await other.get('/api/templates')).status).toBe(500);
    await clinic.data.ownerDb.query('delete from visits.template where owner = $1', [other.id]);
  });
});

describe('the fields of a template', () => {
  it('are filled from the chart for who cares, and nothing of it is kept in any template', async () => {
    const visit = (await clinic.admitted(patient, clinician)).id;
    const subject = { reference: `Patient/${patient.id}` };
    const { records, system } = clinic;
    await records.create(system, {
      resourceType: 'AllergyIntolerance',
      patient: subject,
      clinicalStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
            code: 'active',
          },
        ],
      },
      code: { text: 'Penicillin' },
    });
    const quantity = (value: number) => ({ value, unit: 'mmHg' });
    await records.create(system, {
      resourceType: 'Observation',
      status: 'final',
      subject,
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
      effectiveDateTime: '2027-03-01T08:00:00Z',
      component: [
        { code: { coding: [{ code: '8462-4' }] }, valueQuantity: quantity(84) },
        { code: { coding: [{ code: '8480-6' }] }, valueQuantity: quantity(132) },
      ],
    });
    const at = `/api/visits/${visit}/chart-fields`;
    const { body } = await clinician.get<ChartFields>(at);
    expect(body).toMatchObject({
      age: '43',
      allergies: 'Penicillin',
      'blood-pressure': '132/84 mmHg',
      reason: 'A cough that will not go',
      date: '2027-03-10',
    });
    expect((await other.get(at)).status).toBe(404);
    expect((await patient.get(at)).status).toBe(403);
    expect((await administrator.get(at)).status).not.toBe(200);
    // Templates, read again by everybody, hold their fields, and no value of this chart.
    const all = JSON.stringify([await list(clinician), await list(administrator)]);
    expect(all).toContain('{{allergies}}');
    expect(all).not.toContain('Penicillin');
  });
});
