/** Surveys on a real clinic: asked when a visit has ended, answered once, counted without a way back, results for the office alone. */
import { everyTenant } from '@afar/platform';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Survey, SurveyResults } from '../contract.ts';
import { clinicianDirectory } from '../directory.ts';
import type { House } from '../house.ts';
import { visitsDefaults } from '../config.ts';
import { handOver } from '../reminders/hand-over.ts';
import { look } from '../reminders/part.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';

let clinic: Clinic;
let house: House;
let doctor: Person;
let office: Person;
beforeAll(async () => {
  clinic = await openClinic();
  const { deps } = clinic;
  house = { ...deps, config: visitsDefaults, directory: clinicianDirectory(deps) };
  [doctor, office] = await Promise.all([clinic.clinician(), clinic.person('administrator')]);
});
afterAll(() => clinic.closeAll());

async function ended(): Promise<{ who: Person; visit: string; at: string }> {
  const who = await clinic.person('patient');
  const { id } = await clinic.admitted(who, doctor);
  expect((await who.get(`/api/visits/${id}/survey`)).status).toBe(404);
  const end = await doctor.post(`/api/visits/${id}/end`, {});
  expect(end.status).toBe(200);
  return { who, visit: id, at: `/api/visits/${id}/survey` };
}
const results = async () => {
  await office.signIn();
  return (await office.get<SurveyResults>('/api/surveys/results')).body;
};
const good = { answers: { satisfaction: 5, recommend: 9 }, anonymous: true };

it('is there at once when the visit has ended, and told in the app once', async () => {
  const { who, at } = await ended();
  const { status, body } = await who.get<Survey>(at);
  expect([status, body.state, body.questions.length]).toEqual([200, 'open', 5]);
  for (let again = 0; again < 2; again++)
    await everyTenant(async () => {
      await look(house);
      await handOver(house);
    });
  const { body: told } = await who.get<{ notices: { kind: string }[] }>('/api/notices');
  expect(told.notices.filter((one) => one.kind === 'survey')).toHaveLength(1);
});

it('takes what fits the questions, once; any may be left out, all of it skipped', async () => {
  const { who, at } = await ended();
  for (const bad of [
    { answers: { satisfaction: 6 }, anonymous: true },
    { answers: { satisfaction: '5' }, anonymous: true },
    { answers: { nothing: 1 }, anonymous: true },
    { answers: {}, anonymous: true },
    { answers: { comment: 'x'.repeat(1001) }, anonymous: true },
    { answers: { satisfaction: 5 } },
    [],
  ])
    expect((await who.post(at, bad)).status).toBe(422);
  expect((await who.post<Survey>(`${at}/skip`)).body.state).toBe('skipped');
  // She thinks better of it.
  const both = await Promise.all([who.post(at, good), who.post(at, good)]);
  expect(both.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  expect((await who.post(`${at}/skip`)).status).toBe(409);
});

it('with her name it is in her record; without it nothing leads from the answers to her', async () => {
  const named = await ended();
  const text = 'The nurse was kind';
  await named.who.post(named.at, { answers: { satisfaction: 4, comment: text }, anonymous: false });
  const responses = (who: Person) =>
    who.get<{ total?: number; entry?: unknown[] }>(
      '/fhir/R4/QuestionnaireResponse?questionnaire=urn:afar:questionnaire:survey',
    );
  expect((await responses(named.who)).body.entry).toHaveLength(1);
  const nameless = await ended();
  await nameless.who.post(nameless.at, { answers: { comment: text }, anonymous: true });
  expect((await responses(nameless.who)).body.entry ?? []).toHaveLength(0);
  const { rows } = await clinic.data.ownerDb.query<{ all: string }>(
    `select string_agg(a::text, ' ') || string_agg(encode(comment, 'escape'), ' ') as all from visits.survey_answer a`,
  );
  for (const trace of [nameless.visit, nameless.who.id, nameless.who.account, text])
    expect(rows[0]!.all).not.toContain(trace);
});

it('is nobody else’s: strangers, the clinician, the office', async () => {
  const { at } = await ended();
  const stranger = await clinic.person('patient');
  expect((await stranger.get(at)).status).toBe(404);
  expect((await stranger.post(at, good)).status).toBe(404);
  expect((await doctor.get(at)).status).toBe(403);
  expect((await doctor.post(at, good)).status).toBe(403);
  expect((await office.get(at)).status).toBeGreaterThanOrEqual(403);
  expect((await doctor.get('/api/surveys/results')).status).toBe(403);
});

it('tells the office nothing until five have answered and their week is over', async () => {
  const before = await results();
  expect(before.total).toEqual({ scores: {} });
  for (let n = 0; n < 4; n++) {
    const { who, at } = await ended();
    await who.post(at, { answers: { satisfaction: 5, comment: `comment ${n}` }, anonymous: true });
  }
  expect((await results()).total).toEqual({ scores: {} });
  clinic.clock.advance(8 * 86_400_000);
  await doctor.signIn();
  const after = await results();
  expect(after.total.n).toBe(7);
  expect(after.total.scores.satisfaction).toMatchObject({ n: 6, score: 100 });
  expect(after.clinicians).toMatchObject([{ id: doctor.id, n: 7 }]);
  expect(after.comments).toHaveLength(6);
  expect(JSON.stringify(after)).not.toContain('urn:uuid');
});

it('closes after two weeks', async () => {
  const { who, at } = await ended();
  clinic.clock.advance(15 * 86_400_000);
  await who.signIn();
  expect((await who.get<Survey>(at)).body.state).toBe('closed');
  expect((await who.post(at, good)).status).toBe(409);
});
