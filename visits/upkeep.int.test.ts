/** What time does to visits: nobody came, she came after all, too early, too late, old tickets. */
import type { Appointment } from '@afar/fhir';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VisitView } from './contract.ts';
import type { House } from './house.ts';
import { visitsDefaults } from './config.ts';
import { checks, openClinic, type Clinic, type Person } from './testing/clinic.ts';
import { markMissed, sweep } from './upkeep.ts';

let clinic: Clinic;
let patient: Person;
let clinician: Person;
let house: House;
beforeAll(async () => {
  clinic = await openClinic({ arriveEarlyMinutes: 20 });
  patient = await clinic.person('patient');
  clinician = await clinic.clinician();
  const { db, records, clock, log } = clinic;
  const events = { publish: () => Promise.resolve(), subscribe: () => () => undefined };
  house = { db, records, clock, log, events, config: visitsDefaults } as unknown as House;
});
afterAll(() => clinic.closeAll());

const count = async (table: string): Promise<number> =>
  (await clinic.data.ownerDb.query(`select from visits.${table}`)).rowCount;

describe('time', () => {
  it('the door opens when it is told to, and not earlier', async () => {
    const visit = await clinic.book(patient, clinician);
    clinic.clock.set(Date.parse(visit.start) - 20 * 60_000 - 1);
    const early = await patient.post(`/api/visits/${visit.id}/arrive`, { checks });
    expect(early.status).toBe(409);
    clinic.clock.advance(1);
    expect((await patient.post(`/api/visits/${visit.id}/arrive`, { checks })).status).toBe(200);
    const faults = await patient.post<{ issue: { expression: string[] }[] }>(
      `/api/visits/${visit.id}/arrive`,
      { checks: { ...checks, camera: 'the one in the bedroom', network: undefined } },
    );
    expect(faults.status).toBe(422);
    expect(faults.body.issue.map((one) => one.expression[0])).toEqual([
      'checks.camera',
      'checks.network',
    ]);
  });

  it('nobody came: no-show, in the Appointment too; an arrived patient is never one', async () => {
    const waiting = (await patient.get<{ appointments: VisitView[] }>('/api/appointments')).body
      .appointments[0]!;
    const late = await clinic.person('patient');
    const visit = await clinic.book(late, clinician);
    clinic.clock.set(Date.parse(visit.end) + 239 * 60_000);
    expect(await markMissed(house)).toBe(0);
    clinic.clock.advance(2 * 60_000);
    await Promise.all([markMissed(house), markMissed(house)]);
    await late.signIn();
    await patient.signIn();
    expect((await late.get<VisitView>(`/api/visits/${visit.id}`)).body.state).toBe('no-show');
    const stored = await late.get<Appointment>(`/fhir/R4/Appointment/${visit.id}`);
    expect(stored.body.status).toBe('noshow');
    expect((await patient.get<VisitView>(`/api/visits/${waiting.id}`)).body.state).toBe('waiting');
    const after = await late.post(`/api/visits/${visit.id}/arrive`, { checks });
    expect(after.status).toBe(409);
  });

  it('old tickets and kept answers are swept, fresh ones stay', async () => {
    expect(await count('idempotency')).toBe(2);
    clinic.clock.advance(23 * 3_600_000);
    const who = await clinic.person('patient');
    await clinician.signIn();
    await clinic.book(who, clinician);
    clinic.clock.advance(2 * 3_600_000);
    await sweep(house);
    expect(await count('idempotency')).toBe(1);
  });
});
