/** How connections were, by day and kind of visit, for the office alone. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QualityByDay, QualitySample } from '../contract.ts';
import { openClinic, type Clinic, type Person } from '../testing/clinic.ts';

let clinic: Clinic;
let doctor: Person;
let office: Person;
beforeAll(async () => {
  clinic = await openClinic();
  [doctor, office] = await Promise.all([clinic.clinician(), clinic.person('administrator')]);
});
afterAll(() => clinic.closeAll());

async function visitOf(sample: Partial<QualitySample> | undefined, end: object = {}) {
  const who = await clinic.person('patient');
  const { id } = await clinic.admitted(who, doctor);
  const at = new Date(clinic.deps.clock.now()).toISOString();
  const samples = sample ? [{ at, ...sample }] : [];
  for (const one of [who, doctor])
    expect((await one.post(`/api/visits/${id}/quality`, { samples })).status).toBe(204);
  expect((await doctor.post(`/api/visits/${id}/end`, end)).status).toBe(200);
  // Ending twice is ending once.
  expect((await doctor.post(`/api/visits/${id}/end`, end)).status).toBe(200);
}

it('counts what was good, fair and poor, what fell to voice and what went on by phone', async () => {
  await visitOf({ rttMs: 40, lossIn: 0.01, fps: 30 });
  await visitOf({ rttMs: 400, lossIn: 0.05, fps: 20, audioOnly: true });
  await visitOf({ rttMs: 900, lossIn: 0.2, fps: 5 }, { mode: 'phone' });
  await visitOf(undefined);
  await office.signIn();
  const { status, body } = await office.get<QualityByDay>('/api/visits-quality?days=7');
  expect(status).toBe(200);
  expect(body.total).toEqual({
    visits: 4,
    good: 1,
    fair: 1,
    poor: 1,
    unknown: 1,
    toAudio: 1,
    toPhone: 1,
    rttMs: 447,
    loss: 0.0867,
  });
  expect(body.days.map(({ visits }) => visits)).toEqual([4]);
  expect(body.modes.map(({ mode, visits }) => [mode, visits])).toEqual([
    ['phone', 1],
    ['video', 3],
  ]);
  // Days and counts: no id of a visit, of a person, of an account.
  expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
});

it('is the office’s alone, and takes days from 1 to 366', async () => {
  const patient = await clinic.person('patient');
  for (const one of [doctor, patient])
    expect((await one.get('/api/visits-quality')).status).toBe(403);
  for (const days of ['0', '367', '-1', 'x', '1e2'])
    expect((await office.get(`/api/visits-quality?days=${days}`)).status).toBe(422);
  expect((await office.get('/api/visits-quality')).status).toBe(200);
});
